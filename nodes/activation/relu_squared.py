from nodes.activation.elementwise import Elementwise
from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


class ReLUSquared(Elementwise):
    """Squared rectified linear unit: max(0, x)^2.

    The activation of Primer and of the channel mixing of RWKV.

    Reference:
        So et al., "Primer: Searching for Efficient Transformers for Language Modeling", 2021,
        arXiv:2109.08668
    """

    aliases = ("relu2", "primer", "rwkv", "nonlinearity")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.relu", input).method("square")
