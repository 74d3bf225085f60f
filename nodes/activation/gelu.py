from typing import Literal

from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Choice
from nodes.core.graphs.python_expression import Expr


class GELU(Elementwise):
    """Gaussian error linear unit (GELU): x * Phi(x), Phi the cumulative normal distribution.

    The activation of BERT and GPT. The tanh approximation is
    0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))); weights that were trained with one
    of the two forms should be run with the same.

    Parameters:
        approximate: the gelu approximation algorithm, "none" or "tanh"; GPT-2 uses "tanh".

    Reference:
        Hendrycks & Gimpel, "Gaussian Error Linear Units", 2016, arXiv:1606.08415
    """

    aliases = ("gaussian", "gaussian error linear unit", "nonlinearity")
    torch = "F.gelu"

    approximate: Choice[Literal["none", "tanh"]] = "none"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.gelu", input, **self.changed("approximate"))
