from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class SELU(Elementwise):
    """Scaled exponential linear unit (SELU): 1.0507 * x for x > 0, else 1.7581 * (exp(x) - 1).

    In deep stacks of linear layers with weights of mean 0 it keeps mean and variance by itself.

    Reference:
        Klambauer et al., "Self-Normalizing Neural Networks", 2017, arXiv:1706.02515
    """

    aliases = ("self-normalizing", "nonlinearity")
    torch = "F.selu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.selu", input)
