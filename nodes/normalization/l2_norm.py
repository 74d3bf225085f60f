from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr
from nodes.normalization.norm import Norm


class L2Norm(Norm):
    """L2 normalization: divide each vector by its Euclidean norm, without weights.

    y = x / max(norm(x), eps), so that products of such vectors are cosines. On the queries and keys
    of attention it bounds the scores.

    Parameters:
        eps: smallest value of the denominator, for numerical stability.

    Reference:
        on queries and keys: Henry et al., "Query-Key Normalization for Transformers", 2020,
        arXiv:2010.04245
    """

    aliases = ("cosine", "unit length", "normalize", "qk norm")
    torch = "F.normalize"
    static_axes = ()

    eps: Positive = 1e-12

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("F.normalize", input, dim=-1, **self.changed("eps"))
