from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support


class PaddingMask(Node):
    """Padding mask for attention: reshape (B, S) to (B, 1, 1, S), for all heads and queries.

    For the mask of ScaledDotProductAttention, boolean and true at valid steps. MultiHeadAttention
    and the Transformer layers take the mask (B, S) itself, at key_mask.
    """

    category = Category.MASK
    aliases = ("key padding", "ignore padding", "unsqueeze")

    each = ("B", "S")

    mask = Input("B S", "true at valid steps", kind=Kind.MASK)
    output = Output(
        "B 1 1 S", "the mask, true at valid steps, for all heads and queries", kind=Kind.MASK
    )

    def support(self) -> Support:
        return Support.BOTH

    def forward(self, context: EmitContext, mask: Expr) -> Expr:
        return mask[:, None, None, :]
