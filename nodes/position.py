"""Positional encodings and embeddings."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Positive, Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import FieldBuilder, Support
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.receptive_field import Order


def _start(context: EmitContext) -> tuple[Expr, ...]:
    """Return the argument for the position of the first step, if it is not zero."""
    return () if context.start is None else (context.start,)


class PositionIds(Node):
    """Position ids: the index of each time step, 0 to T - 1.

    output = arange(T), of shape (T,). With an Embedding that is added to the token embeddings it
    makes learned absolute positions, as in GPT-2; LearnedEncoding does the same in one node.
    """

    category = Category.POSITION
    aliases = ("arange", "range", "index", "position")
    torch = "torch.arange"

    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("T", "index of each step", kind=Kind.TOKENS)

    def receptive_fields(self, context: FieldContext) -> Fields:
        joined = FieldBuilder()
        joined.order = Order.ADDED
        return {"output": build(joined, [[]])}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call("positions", input, *_start(context))


class SinusoidalEncoding(Node):
    """Sinusoidal positional encoding: add sines and cosines of the position, not learned.

    y[p, 2i] = x[p, 2i] + sin(p / base^(2i / C)) and y[p, 2i + 1] = x[p, 2i + 1] + cos of the same,
    for x (B, T, C) with an even C. It is defined for any length. The encoding has values up to 1,
    so embeddings are often scaled by sqrt(C) first (scale "sqrt" of Embedding).

    Parameters:
        base: base of the wavelengths, a geometric progression from 2 pi to base * 2 pi.

    Dimensions:
        half: number of frequencies, C / 2.

    Reference:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.5, arXiv:1706.03762
    """

    category = Category.POSITION
    aliases = ("positional encoding", "sinusoid", "sine cosine", "fourier")
    each = ("B", "T", "half")
    linear = True

    base: Positive = 10_000.0

    input = Input("B T (2 half)", "sequence of vectors")
    output = Output("B T (2 half)", "sequence with the encoding added")

    def receptive_fields(self, context: FieldContext) -> Fields:
        return context.with_order(super().receptive_fields(context), Order.ADDED)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call(
            "add_sinusoids", input, *_start(context), **self.changed("base")
        )


class LearnedEncoding(Node):
    """Learned positional embedding: add a learnable vector for each position.

    y[t] = x[t] + weight[t], with x (B, T, C) and weight (max_length, C). A sequence longer than
    max_length is refused when the model runs, also when it is generated or comes in pieces, and
    positions that training never reached stay random.

    Parameters:
        max_length: maximum length of a sequence.

    Reference:
        Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1,
        arXiv:1705.03122
    """

    category = Category.POSITION
    aliases = ("positional embedding", "position embedding", "absolute position", "wpe")
    torch = "nn.Embedding"
    static_axes = ("C",)
    each = ("B", "T", "C")
    linear = True

    max_length: Size = 256

    input = Input("B T C", "sequence of vectors")
    output = Output("B T C", "sequence with the embedding added")

    def receptive_fields(self, context: FieldContext) -> Fields:
        return context.with_order(super().receptive_fields(context), Order.ADDED)

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (self.max_length, dims["C"])}

    def module(self, context: EmitContext) -> Expr:
        return context.call("nn.Embedding", self.max_length, context.dims["C"])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        limit = context.layer.attr("num_embeddings")
        steps = context.library_call("positions_within", limit, input, *_start(context))
        return input + context.call(context.layer, steps)


class RotaryEncoding(Node):
    """Rotary position embedding (RoPE): rotate pairs of channels by angles that grow with position.

    At position p, the pair (x_i, x_(i + half)) of each head is rotated by p * base^(-i / half), for
    x (B, H, T, D) with an even D. Rotate both queries and keys: their products then depend on the
    relative position alone. The pairs are channels of the two halves of a head, as in GPT-NeoX and
    in Llama of Transformers; the paper and GPT-J pair neighbouring channels, (x_2i, x_(2i + 1)), so
    weights trained that way need the channels of their queries and keys permuted.

    Parameters:
        base: base of the frequencies, "rope_theta" in Llama.

    Dimensions:
        half: number of rotated pairs of channels, D / 2.

    Reference:
        Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021,
        arXiv:2104.09864
    """

    category = Category.POSITION
    aliases = ("rope", "rotary embedding", "relative position", "rope theta")
    each = ("B", "H", "T")
    mixes = ("half",)

    base: Positive = 10_000.0

    input = Input("B H T (2 half)", "queries or keys of each head")
    output = Output("B H T (2 half)", "rotated queries or keys")

    def support(self) -> Support:
        return Support.EITHER

    def receptive_fields(self, context: FieldContext) -> Fields:
        return context.with_order(super().receptive_fields(context), Order.USED)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call("rotate", input, *_start(context), **self.changed("base"))
