from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Tanh(Elementwise):
    """Hyperbolic tangent (tanh): (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    Bounds values to (-1, 1), as in recurrent states. It saturates: where abs(x) is large, the
    gradient vanishes.
    """

    aliases = ("hyperbolic tangent", "nonlinearity")
    torch = "torch.tanh"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.tanh", input)
