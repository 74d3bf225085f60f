from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr


class SplitHeads(Node):
    """Split into attention heads: (B, T, num_heads * D) to (B, num_heads, T, D).

    The first D channels go to the first head, the next D to the second, and so on. Put it between
    the projections and the attention, and MergeHeads after the attention.

    Parameters:
        num_heads: number of parallel attention heads; it must divide the channels.
    """

    category = Category.ATTENTION
    aliases = ("multi-head", "unflatten", "view", "head split")
    torch = "torch.unflatten"
    each = ("B", "num_heads", "T", "D")
    linear = True

    num_heads: Size = 8

    input = Input("B T (num_heads D)", "sequence of vectors")
    output = Output("B num_heads T D", "sequence of the channels of each head")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        heads = context.method(input, "unflatten", -1, (self.num_heads, -1))
        return heads.transpose(1, 2)
