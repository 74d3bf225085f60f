"""The base of one step of a recurrent network."""

from collections.abc import Mapping
from math import prod
from typing import ClassVar

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape


class RecurrentCell(Node):
    """One step of a recurrent network: an input and the state before it give the state after it."""

    is_base = True
    category = Category.RECURRENT
    each = ("B",)
    mixes = ("hidden_size",)
    static_axes = ("C",)
    gates: ClassVar[int]
    """The number of gates, whose weights PyTorch stacks in one matrix."""

    hidden_size: Size = 128
    bias: bool = True

    input = Input("B C", "vector of the step")
    hidden = Input("B hidden_size", "hidden state before the step")

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        rows = self.gates * self.hidden_size
        weights: dict[str, Shape] = {
            "weight_ih": (rows, dims["C"]),
            "weight_hh": (rows, self.hidden_size),
        }
        return {**weights, "bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else weights

    def flops(self, dims: Bindings) -> AnyDim:
        matrices = (shape for shape in self.weights(dims).values() if len(shape) == 2)
        return 2 * dims["B"] * sum(map(prod, matrices))

    def module(self, context: EmitContext) -> Expr:
        names = [name for name in type(self).model_fields if name != "hidden_size"]
        return context.call(self.torch, context.dims["C"], self.hidden_size, **self.changed(*names))
