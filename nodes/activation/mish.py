from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class Mish(Elementwise):
    """Mish: x * tanh(softplus(x)).

    A smooth activation close to SiLU.

    Reference:
        Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019,
        arXiv:1908.08681
    """

    aliases = ("self-gated", "nonlinearity")
    torch = "F.mish"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.mish", input)
