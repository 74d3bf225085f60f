from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order
from nodes.position.start_argument import start_argument


class SinusoidalEncoding(Node):
    """Sinusoidal positional encoding: add sines and cosines of the position, not learned.

    y[p, 2i] = x[p, 2i] + sin(p / base^(2i / C)) and y[p, 2i + 1] = x[p, 2i + 1] + cos of the same,
    for x (B, T, C) with an even C. It is defined for any length. The encoding has values up to 1,
    so embeddings are often scaled by sqrt(C) first (scale "sqrt" of Embedding). Positions are
    counted from 0, or those at the port positions, as padding before a sequence needs:
    PaddedPositionIds.

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
    positions = Input(
        "B T",
        "position of each step; counted from 0 if not connected",
        kind=Kind.TOKENS,
        optional=True,
        broadcast=True,
    )
    output = Output("B T (2 half)", "sequence with the encoding added")

    def receptive_fields(self, context: FieldContext) -> Fields:
        fields = super().receptive_fields(context)
        return fields if "positions" in context.ports else context.with_order(fields, Order.ADDED)

    def forward(self, context: EmitContext, input: Expr, positions: Expr | None) -> Expr:
        base = self.changed("base")
        if positions is not None:
            width, device = 2 * context.size("half"), input.attr("device")
            frequencies = context.library_call("pair_frequencies", width, self.base, device)
            angles = context.library_call("angles_at", positions, frequencies)
            return context.library_call("add_waves", input, angles)
        return context.library_call("add_sinusoids", input, *start_argument(context), **base)
