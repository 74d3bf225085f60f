from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import reverse


class Reverse(Node):
    """Reverse: the elements along one dimension in reverse order.

    output[:, t] = input[:, T - 1 - t] for dim 1, of the same shape. A recurrent network between two
    of them reads a sequence backwards. Padding at the end of a sequence comes first in the output.

    Parameters:
        dim: the dimension that is reversed; negative dims count from the end.
    """

    category = Category.RESHAPE
    aliases = ("flip", "backward", "mirror")
    torch = "torch.flip"

    dim: int = 1

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "tensor in reverse order along dim", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        position = self.dim % rank
        size = reading.size(context.shapes["output"][position])
        reverse(reading, spread_word(rank, position), size)
        joined = reading.join(Support.EITHER)
        return {"output": context.result("output", reading, joined, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        axis(dims.spread, self.dim)
        return dims.spread

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.method("flip", self.dim)
