from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr


class InvertMask(Node):
    """Invert mask: the logical not of a mask.

    For masks of the other polarity, true at padding, as nn.MultiheadAttention takes them. Masks
    are boolean, and every node here reads true as allowed or valid.
    """

    category = Category.MASK
    aliases = ("not", "negate", "complement", "~", "key_padding_mask")
    torch = "torch.logical_not"
    each = ("...",)

    mask = Input("...", "mask, true or false", kind=Kind.MASK)
    output = Output("...", "true where the mask is false", kind=Kind.MASK)

    def forward(self, context: EmitContext, mask: Expr) -> Expr:
        return ~mask
