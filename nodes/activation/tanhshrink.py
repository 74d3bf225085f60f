from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Tanhshrink(Elementwise):
    """Tanhshrink: x - tanh(x).

    Close to 0 for small x, and to x -+ 1 for large.
    """

    aliases = ("shrink", "nonlinearity")
    torch = "F.tanhshrink"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.tanhshrink", input)
