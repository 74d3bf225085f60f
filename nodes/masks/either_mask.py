from functools import reduce
from operator import or_

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, grouped
from nodes.core.time.field_builder import Support


class EitherMask(Node):
    """Either mask: the elementwise logical or of masks, with broadcasting.

    A window mask or a mask of global steps, as in Longformer; a causal mask or a mask of the
    prefix, as in a prefix language model. Masks are boolean, true where attention is allowed.

    Reference:
        Beltagy, Peters & Cohan, "Longformer: The Long-Document Transformer", 2020, section 3.1,
        arXiv:2004.05150
    """

    category = Category.MASK
    aliases = ("or", "union", "|", "global attention", "prefix", "longformer")
    torch = "torch.logical_or"
    each = ("...",)

    masks = Input(
        "...",
        "broadcastable masks, true where attention is allowed",
        kind=Kind.MASK,
        variadic=True,
        broadcast=True,
        joins=True,
    )
    output = Output("...", "true where one of the masks is true", kind=Kind.MASK)

    def support(self) -> Support:
        return Support.EITHER

    def forward(self, context: EmitContext, masks: tuple[Expr, ...]) -> Expr:
        return grouped(lambda *operands: reduce(or_, operands), masks)
