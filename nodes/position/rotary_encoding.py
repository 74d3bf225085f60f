from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order
from nodes.position.start_argument import start_argument


class RotaryEncoding(Node):
    """Rotary position embedding (RoPE): rotate pairs of channels by angles that grow with position.

    At position p, the pair (x_i, x_(i + half)) of each head is rotated by p * base^(-i / half), for
    x (B, H, T, D) with an even D. Rotate both queries and keys: their products then depend on the
    relative position alone. The pairs are channels of the two halves of a head, as in GPT-NeoX and
    in Llama of Transformers, or neighbouring channels, (x_2i, x_(2i + 1)), as in the paper and in
    GPT-J; weights that were trained with one of the two should be run with the same.

    Parameters:
        base: base of the frequencies, "rope_theta" in Llama.
        interleaved: rotates pairs of neighbouring channels.

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
    interleaved: bool = False

    input = Input("B H T (2 half)", "queries or keys of each head")
    output = Output("B H T (2 half)", "rotated queries or keys")

    def support(self) -> Support:
        return Support.EITHER

    def receptive_fields(self, context: FieldContext) -> Fields:
        return context.with_order(super().receptive_fields(context), Order.USED)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        rotate = "rotate_interleaved" if self.interleaved else "rotate"
        return context.library_call(rotate, input, *start_argument(context), **self.changed("base"))
