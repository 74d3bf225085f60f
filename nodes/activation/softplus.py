from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class Softplus(Elementwise):
    """Softplus: the smooth rectifier log(1 + exp(x)).

    For an output that must be positive, such as a scale or a rate.

    Reference:
        Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
        Pricing", 2000, NIPS
    """

    aliases = ("positive", "smooth relu", "nonlinearity")
    torch = "F.softplus"

    def support(self) -> Support:
        return Support.NONE

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.softplus", input)
