from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Softsign(Elementwise):
    """Softsign: x / (1 + abs(x)).

    Bounds values to (-1, 1) like tanh, but approaches the bounds more slowly.
    """

    aliases = ("tanh", "nonlinearity")
    torch = "F.softsign"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.softsign", input)
