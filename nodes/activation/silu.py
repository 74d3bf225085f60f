from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class SiLU(Elementwise):
    """Sigmoid linear unit (SiLU, swish): x * sigmoid(x).

    A smooth alternative to ReLU; with it a gated feed-forward network is SwiGLU, as in Llama.

    Reference:
        Elfwing, Uchibe & Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
        Approximation in Reinforcement Learning", 2017, arXiv:1702.03118
    """

    aliases = ("swish", "sigmoid linear unit", "nonlinearity")
    torch = "F.silu"

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.silu", input)
