"""The base of the recurrent networks."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import ClassVar

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.graph import MOST_REPEATS
from nodes.core.graphs.node import (
    Category,
    Node,
    ParameterError,
)
from nodes.core.graphs.parameter_types import Probability, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim, evaluate
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import PatternFields
from nodes.core.time.reach import ALL, EARLIER
from nodes.core.time.receptive_field import Order, ReceptiveField, Validity
from nodes.core.time.time_fields import valid_steps


class Recurrent(Node):
    """A recurrent network of one or more layers, in one or both directions."""

    is_base = True
    category = Category.RECURRENT
    returns = "output, hidden"
    state_ports: ClassVar[tuple[str, ...]] = ("hidden",)
    static_axes = ("C",)
    gates: ClassVar[int]
    """The number of gates, whose weights PyTorch stacks in one matrix."""

    hidden_size: Size = 128
    num_layers: Size = 1
    bias: bool = True
    dropout: Probability = 0.0
    bidirectional: bool = False

    input = Input("B T C", "sequence of vectors")
    lengths = Input(
        "B", "valid steps, from 0 to T; all, if not connected", kind=Kind.LENGTHS, optional=True
    )
    initial_hidden = Input(
        "states B projected",
        "initial hidden state of each layer; zero if not connected",
        kind=Kind.STATE,
        optional=True,
    )
    output = Output("B T features", "hidden state of the last layer at each step")
    hidden = Output(
        "states B projected", "hidden state of each layer after the last step", kind=Kind.STATE
    )

    @property
    def projected(self) -> AnyDim:
        """The size of the hidden state."""
        return self.hidden_size

    def sizes(self) -> Mapping[str, AnyDim]:
        directions = 1 + self.bidirectional
        return {
            "features": directions * self.projected,
            "states": directions * self.num_layers,
            "projected": self.projected,
        }

    def parameter_errors(self) -> Iterator[ParameterError]:
        yield from super().parameter_errors()
        if evaluate(self.num_layers, {}) > MOST_REPEATS:  # a limit of the check, not of the model
            message = f"expected at most {MOST_REPEATS} layers, got {self.num_layers}"
            yield ParameterError("num_layers", message, (1,))

    def parameter_warnings(self) -> Iterator[ParameterError]:
        if self.dropout != 0.0 and evaluate(self.num_layers, {}) == 1:
            expected = "expected at least 2 layers, as dropout applies between layers"
            message = f"{expected}, got 1, so dropout {self.dropout} has no effect"
            yield ParameterError("dropout", message, (0.0,), ("Dropout", "p"))

    def receptive_fields(self, context: FieldContext) -> Fields:
        return {
            port.name: self._steps(context)
            if port is self.output
            else self._last_state(context, port.name)
            for port in self.outputs
        }

    def _steps(self, context: FieldContext) -> ReceptiveField:
        reading = context.read()
        valid = self._valid_steps(context, reading)
        reading.read("T", ALL if self.bidirectional else EARLIER, valid)
        reading.gather("C")
        joined = reading.join()
        joined.order, joined.backward = Order.USED, self.bidirectional
        joined.validity.update(self._valid_steps(context, reading))
        return context.result("output", reading, joined)

    def _last_state(self, context: FieldContext, port: str) -> ReceptiveField:
        reading = context.read()
        reading.gather("T", self._valid_steps(context, reading))
        joined = reading.join()
        joined.order = Order.USED
        return context.result(port, reading, joined)

    def _valid_steps(self, context: FieldContext, reading: PatternFields) -> list[Validity]:
        return valid_steps(reading, "T", context.dims["T"]) if "lengths" in context.ports else []

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        weights: dict[str, Shape] = {}
        for layer in range(evaluate(self.num_layers, {})):
            input_size = dims["features"] if layer else dims["C"]
            for direction in ("", "_reverse")[: 1 + self.bidirectional]:
                weights.update(self._layer_weights(f"l{layer}{direction}", input_size))
        return weights

    def _layer_weights(self, layer: str, input_size: AnyDim) -> Iterator[tuple[str, Shape]]:
        rows = self.gates * self.hidden_size
        yield f"weight_ih_{layer}", (rows, input_size)
        yield f"weight_hh_{layer}", (rows, self.projected)
        if self.bias:
            yield f"bias_ih_{layer}", (rows,)
            yield f"bias_hh_{layer}", (rows,)
        if self.projected is not self.hidden_size:
            yield f"weight_hr_{layer}", (self.projected, self.hidden_size)

    def flops(self, dims: Bindings) -> AnyDim:
        matrices = (shape for shape in self.weights(dims).values() if len(shape) == 2)
        return 2 * dims["B"] * dims["T"] * sum(map(prod, matrices))

    def module(self, context: EmitContext) -> Expr:
        names = [name for name in type(self).model_fields if name != "hidden_size"]
        sizes = (context.dims["C"], self.hidden_size)
        return context.call(self.torch, *sizes, **self.changed(*names), batch_first=True)

    def run(
        self, context: EmitContext, input: Expr, lengths: Expr | None, state: Expr | None
    ) -> Expr:
        """Write the call of the module."""
        arguments = [input] if lengths is None else [input, lengths]
        arguments += [] if state is None else [state]
        if lengths is None:
            return context.call(context.layer, *arguments)
        return context.library_call("run_packed", context.layer, *arguments)
