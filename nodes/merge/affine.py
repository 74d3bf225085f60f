from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Real
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Affine(Node):
    """Affine map with constant coefficients: scale * x + shift.

    1 - x, as in the gates of a GRU, is scale -1 and shift 1. The coefficients are not trained; for
    a learnable affine map use Linear.

    Parameters:
        scale: factor of each element.
        shift: number added to each element after scaling.
    """

    category = Category.MERGE
    aliases = ("scale", "shift", "constant", "negate", "one minus")
    each = ("...",)
    linear = True

    scale: Real = 1.0
    shift: Real = 0.0

    input = Input("...", "tensor of any shape")
    output = Output("...", "scaled and shifted tensor")

    def support(self) -> Support:
        return Support.EITHER if self.shift == 0.0 else Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        scaled = input if self.scale == 1.0 else input * context.expression(self.scale)
        return scaled if self.shift == 0.0 else scaled + context.expression(self.shift)
