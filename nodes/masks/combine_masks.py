from functools import reduce
from operator import and_

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, grouped
from nodes.core.time.field_builder import Support


class CombineMasks(Node):
    """Combine masks: the elementwise logical and, with broadcasting.

    For a causal mask and a padding mask together, which a decoder on padded sequences needs. Masks
    are boolean, true where attention is allowed.
    """

    category = Category.MASK
    aliases = ("and", "intersection", "&")
    torch = "torch.logical_and"
    each = ("...",)

    masks = Input(
        "...",
        "broadcastable masks, true where attention is allowed",
        kind=Kind.MASK,
        variadic=True,
        broadcast=True,
        joins=True,
    )
    output = Output("...", "true where all masks are true", kind=Kind.MASK)

    def support(self) -> Support:
        return Support.BOTH

    def forward(self, context: EmitContext, masks: tuple[Expr, ...]) -> Expr:
        return grouped(lambda *operands: reduce(and_, operands), masks)
