from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import NonNegative
from nodes.core.graphs.python_expression import Expr


class Hardshrink(Elementwise):
    """Hard shrinkage: x, but 0 where abs(x) <= lambd.

    Parameters:
        lambd: the largest absolute value that becomes 0.

    Reference:
        Donoho & Johnstone, "Ideal spatial adaptation by wavelet shrinkage", 1994,
        doi:10.1093/biomet/81.3.425
    """

    aliases = ("hard threshold", "shrinkage", "sparse", "nonlinearity")
    torch = "F.hardshrink"

    lambd: NonNegative = 0.5

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.hardshrink", input, *self.changed("lambd").values())
