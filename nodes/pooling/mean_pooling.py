from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.receptive_field import Order
from nodes.pooling.pooling import Pooling


class MeanPooling(Pooling):
    """Mean pooling over time: the average of the valid steps.

    output[b, c] = mean_t input[b, t, c]: (B, T, C) gives (B, C). For classifying sequences.
    Connect a boolean mask or lengths where sequences are padded, or the padding is averaged too. A
    sequence without a valid step gives zeros.
    """

    aliases = ("average", "avg", "global average pooling", "bag of words", "mean pool")
    torch = "torch.mean"

    def _order(self, order: Order) -> Order:
        return Order.NONE if order is Order.ADDED else order  # the mean of positions is a constant

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input.method("mean", dim=1)
        return self.pool(context, "mean_pool", input, mask, lengths)
