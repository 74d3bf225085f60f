from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class QuickGELU(Elementwise):
    """Sigmoid approximation of GELU: x * sigmoid(1.702 * x).

    The activation of CLIP; weights that were trained with it should be run with it.

    Reference:
        Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016, section 2, arXiv:1606.08415
    """

    aliases = ("quick gelu", "clip", "sigmoid gelu", "nonlinearity")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input * context.call("torch.sigmoid", 1.702 * input)
