from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr


class CELU(Elementwise):
    """Continuously differentiable ELU: x for x > 0, else alpha * (exp(x / alpha) - 1).

    Parameters:
        alpha: the negative saturation value.

    Reference:
        Barron, "Continuously Differentiable Exponential Linear Units", 2017, arXiv:1704.07483
    """

    aliases = ("exponential linear unit", "nonlinearity")
    torch = "F.celu"

    alpha: Positive = 1.0

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.celu", input, **self.changed("alpha"))
