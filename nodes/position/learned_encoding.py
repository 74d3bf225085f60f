from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order
from nodes.position.start_argument import start_argument


class LearnedEncoding(Node):
    """Learned positional embedding: add a learnable vector for each position.

    y[t] = x[t] + weight[t], with x (B, T, C) and weight (max_length, C). A sequence longer than
    max_length is refused when the model runs, also when it is generated or comes in pieces, and
    positions that training never reached stay random. Positions are counted from 0, or those at the
    port positions, as padding before a sequence needs: PaddedPositionIds.

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
    positions = Input(
        "B T",
        "position of each step; counted from 0 if not connected",
        kind=Kind.TOKENS,
        optional=True,
        broadcast=True,
    )
    output = Output("B T C", "sequence with the embedding added")

    def receptive_fields(self, context: FieldContext) -> Fields:
        fields = super().receptive_fields(context)
        return fields if "positions" in context.ports else context.with_order(fields, Order.ADDED)

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (self.max_length, dims["C"])}

    def module(self, context: EmitContext) -> Expr:
        return context.call("nn.Embedding", self.max_length, context.dims["C"])

    def forward(self, context: EmitContext, input: Expr, positions: Expr | None) -> Expr:
        if positions is not None:
            return input + context.call(context.layer, positions)
        limit = context.layer.attr("num_embeddings")
        steps = context.library_call("positions_within", limit, input, *start_argument(context))
        return input + context.call(context.layer, steps)
