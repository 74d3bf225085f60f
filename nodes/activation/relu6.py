from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class ReLU6(Elementwise):
    """ReLU6: min(max(x, 0), 6), a rectifier that is bounded.

    Its bound keeps the values small where they are stored with few bits.

    Reference:
        Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
        Applications", 2017, arXiv:1704.04861
    """

    aliases = ("rectifier", "mobilenet", "nonlinearity")
    torch = "F.relu6"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.relu6", input)
