from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Hardswish(Elementwise):
    """Hard swish: x * min(max(x + 3, 0), 6) / 6.

    Approximates SiLU without an exponential: 0 for x < -3, x for x > 3.

    Reference:
        Howard et al., "Searching for MobileNetV3", 2019, arXiv:1905.02244
    """

    aliases = ("h-swish", "mobilenet", "nonlinearity")
    torch = "F.hardswish"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.hardswish", input)
