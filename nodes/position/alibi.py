from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.position.distance_bias import DistanceBias
from nodes.position.start_argument import start_argument


class ALiBi(DistanceBias):
    """Attention with linear biases (ALiBi): scores fall with the distance of query and key.

    output[h, i, j] = -slope_h * abs(i - j), of shape (num_heads, T, S), for the port bias of
    attention; nothing is learned. The slopes are 2^(-8 / num_heads), and its powers: near heads and
    far heads. It takes the place of positional encodings, and a model runs on longer sequences than
    it was trained on; padding before a sequence changes no distance. As in BLOOM and MPT.

    Parameters:
        num_heads: number of attention heads.

    Reference:
        Press, Smith & Lewis, "Train Short, Test Long: Attention with Linear Biases Enables Input
        Length Extrapolation", 2021, arXiv:2108.12409
    """

    aliases = ("linear bias", "relative position", "bloom", "mpt", "distance")

    def forward(self, context: EmitContext, query: Expr, key: Expr) -> Expr:
        start = start_argument(context)
        return context.library_call("alibi", query, key, self.num_heads, *start)
