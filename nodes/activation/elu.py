from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr


class ELU(Elementwise):
    """Exponential linear unit (ELU): x for x > 0, else alpha * (exp(x) - 1).

    Smooth at 0 for alpha = 1, and its mean output is closer to 0 than that of ReLU.

    Parameters:
        alpha: the alpha value of the formula; the output is never below -alpha.

    Reference:
        Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by
        Exponential Linear Units (ELUs)", 2015, arXiv:1511.07289
    """

    aliases = ("exponential linear unit", "nonlinearity")
    torch = "F.elu"

    alpha: Positive = 1.0

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.elu", input, **self.changed("alpha"))
