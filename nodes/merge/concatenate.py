from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec, match_kind
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import SPREAD, parse_pattern
from nodes.core.shapes.shape import (
    Bindings,
    axis,
)
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import concatenate


class Concatenate(Node):
    """Concatenate: join tensors along an existing dimension.

    (B, T, C1) and (B, T, C2) give (B, T, C1 + C2) for dim -1. All other sizes must be equal; there
    is no broadcasting.

    Parameters:
        dim: dimension over which the tensors are concatenated; negative dims count from the end.
    """

    category = Category.MERGE
    aliases = ("cat", "concat", "join", "append")
    torch = "torch.cat"

    dim: int = -1

    parts = Input("...", "tensors that differ in the size of dim only", variadic=True, joins=True)
    output = Output("...", "concatenated tensor")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        position = self.dim % rank
        concatenate(reading, spread_word(rank, position), position)
        joined = reading.join(Support.EITHER)
        return {"output": context.result("output", reading, joined, linear=True)}

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Add up the sizes along the dimension; all other sizes must be equal."""
        dims = Bindings({}, values)
        length: AnyDim = 0
        position = 0
        for port, (shape, kind) in input_specs.items():
            try:
                match_kind(Kind.FEATURES, kind)
                position = axis(shape, self.dim)
                dims.match(parse_pattern(SPREAD), shape[:position] + shape[position + 1 :], port)
            except ValueError as error:
                raise InputMismatch(port, error) from error
            length = length + shape[position]
        others = dims.spread
        dims.spread = (*others[:position], length, *others[position:])
        return Inferred(dims, {"output": TensorSpec(dims.spread, Kind.FEATURES)})

    def forward(self, context: EmitContext, parts: tuple[Expr, ...]) -> Expr:
        return context.call("torch.cat", tuple_of(*parts), dim=self.dim)
