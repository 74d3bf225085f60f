"""Attention masks, true where a query may attend to a key, and padding masks."""

from functools import reduce
from operator import and_

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, grouped
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.reach import EARLIER, Reach
from nodes.core.time.time_fields import band_mask, valid_steps


def _length_and_device(x: Expr) -> tuple[Expr, Expr]:
    return x.attr("shape")[1], x.attr("device")


def _band(context: FieldContext, reach: Reach) -> Fields:
    """Return the field of a mask that is true where a reach allows it."""
    mask = band_mask(context.read(), "T", context.dims["T"], reach)
    return {"output": build(mask, [[0], [1]])}


class CausalMask(Node):
    """Causal mask: each step may attend to itself and to earlier steps.

    mask[i, j] = (j <= i), boolean, of shape (T, T), for the mask of attention. Where no other mask
    is needed, set causal on the attention instead: it needs no (T, T) tensor.
    """

    category = Category.MASK
    aliases = ("autoregressive", "triangular", "tril", "look-ahead", "subsequent mask")
    torch = "torch.tril"

    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("T T", "true where query i (row) may attend to key j (column)", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        return _band(context, EARLIER)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call("causal_mask", *_length_and_device(input))


class WindowMask(Node):
    """Sliding window mask: each step may attend only to steps closer than window.

    mask[i, j] = (0 <= i - j < window), or (abs(i - j) < window) if not causal, boolean, of shape
    (T, T). The mask limits what attention uses, not what it costs: all T * T scores are computed.

    Parameters:
        window: distance from which on steps are masked; 1 leaves the step itself only.
        causal: later steps are masked too.

    Reference:
        Beltagy, Peters & Cohan, "Longformer: The Long-Document Transformer", 2020, section 3.1,
        arXiv:2004.05150
    """

    category = Category.MASK
    aliases = ("sliding window", "local attention", "band", "swa")

    window: Size = 64
    causal: bool = True

    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("T T", "true where query i (row) may attend to key j (column)", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        farthest = context.number(self.window) - 1
        return _band(context, Reach(-farthest, 0 if self.causal else farthest))

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        length, device = _length_and_device(input)
        changed = self.changed("causal")
        return context.library_call("window_mask", length, self.window, device, **changed)


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


class LengthMask(Node):
    """Length mask: the padding mask of sequences whose lengths are known.

    mask[b, t] = (t < lengths[b]), boolean, of shape (B, T): true at valid steps, false at padding.
    """

    category = Category.MASK
    aliases = ("sequence lengths", "padding", "sequence mask")

    lengths = Input("B", "number of valid steps, from 0 to T", kind=Kind.LENGTHS)
    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("B T", "true at valid steps", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        valid = valid_steps(reading, "T", context.dims["T"])
        for builder in reading.ports.values():
            if builder is not reading.ports["lengths"]:
                builder.terms = {}  # the input gives no more than the number of steps
        joined = reading.join()
        joined.validity.update(valid)
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, lengths: Expr, input: Expr) -> Expr:
        return context.library_call("length_mask", lengths, input.attr("shape")[1])


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
