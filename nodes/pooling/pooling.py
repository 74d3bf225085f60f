"""The base of the poolings over time: one vector for a sequence."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import ShapeMismatch
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import PatternFields
from nodes.core.time.receptive_field import Order, Validity
from nodes.core.time.time_fields import valid_steps


class Pooling(Node):
    """A pooling over the valid steps of a sequence."""

    is_base = True
    category = Category.POOLING

    input = Input("B T C", "sequence of vectors")
    mask = Input(
        "B T", "true at valid steps; all are, if not connected", kind=Kind.MASK, optional=True
    )
    lengths = Input(
        "B", "number of valid steps, from 0 to T, instead of a mask", Kind.LENGTHS, optional=True
    )
    output = Output("B C", "pooled vector of each sequence")

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Refuse a mask and lengths together."""
        if "mask" in input_specs and "lengths" in input_specs:
            message = "expected no lengths where a mask is connected, got lengths"
            raise InputMismatch("lengths", ShapeMismatch(message))
        return super().infer(input_specs, values)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        guards = [*reading.ports["mask"].validity] if "mask" in context.ports else []
        if "lengths" in context.ports:
            guards += valid_steps(reading, "T", context.dims["T"])
        self._read_steps(reading, guards, context.dims["T"])
        joined = reading.join()
        joined.order = self._order(joined.order)
        return {"output": context.result("output", reading, joined)}

    def _read_steps(self, reading: PatternFields, guards: list[Validity], length: AnyDim) -> None:
        reading.gather("T", guards)

    def _order(self, order: Order) -> Order:
        return order

    def pool(
        self,
        context: EmitContext,
        function: str,
        input: Expr,
        mask: Expr | None,
        lengths: Expr | None,
    ) -> Expr:
        """Write the call that pools the valid steps."""
        if lengths is not None:
            mask = context.library_call("length_mask", lengths, input.attr("shape")[1])
        return context.library_call(function, input, mask)
