from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import NonNegative
from nodes.core.graphs.python_expression import Expr


class LeakyReLU(Elementwise):
    """Leaky rectified linear unit: x for x > 0, else negative_slope * x.

    Unlike ReLU it has a gradient everywhere, so no unit stays zero for good.

    Parameters:
        negative_slope: the slope for negative input values.

    Reference:
        Maas, Hannun & Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        2013, ICML
    """

    aliases = ("rectifier", "leaky relu", "nonlinearity")
    torch = "F.leaky_relu"

    negative_slope: NonNegative = 0.01

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.leaky_relu", input, **self.changed("negative_slope"))
