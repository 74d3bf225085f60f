from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import NonNegative
from nodes.core.graphs.python_expression import Expr


class Softshrink(Elementwise):
    """Soft shrinkage: x moved by lambd towards 0, and 0 where abs(x) <= lambd.

    The proximal operator of the L1 norm, for sparse codes.

    Parameters:
        lambd: the distance by which values shrink.

    Reference:
        Donoho, "De-noising by soft-thresholding", 1995, doi:10.1109/18.382009
    """

    aliases = ("soft threshold", "shrinkage", "sparse", "nonlinearity")
    torch = "F.softshrink"

    lambd: NonNegative = 0.5

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.softshrink", input, *self.changed("lambd").values())
