from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class ReLU(Elementwise):
    """Rectified linear unit (ReLU): max(0, x).

    The usual choice between layers. A unit whose input is negative for all data gets no gradient
    and stays zero ("dying ReLU"); LeakyReLU, GELU and SiLU avoid that.

    Reference:
        Glorot, Bordes & Bengio, "Deep Sparse Rectifier Neural Networks", 2011, PMLR 15
    """

    aliases = ("rectifier", "rectified linear unit", "nonlinearity")
    torch = "F.relu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.relu", input)
