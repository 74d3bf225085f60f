from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.time.pattern_fields import PatternFields
from nodes.core.time.receptive_field import Order, Validity
from nodes.core.time.time_fields import select
from nodes.pooling.pooling import Pooling


class LastStep(Pooling):
    """Last step: the vector of the last valid step of a sequence.

    output[b] = input[b, T - 1], or the last step that is valid: (B, T, C) gives (B, C). For the
    final state of a recurrent network or the last token of a causal Transformer. Of a bidirectional
    network, the backward direction has read only this one step there: use its output hidden.
    Connect a boolean mask or lengths where sequences are padded. A sequence without a valid step
    gives zeros.
    """

    aliases = ("final", "last token", "end")

    def _read_steps(self, reading: PatternFields, guards: list[Validity], length: AnyDim) -> None:
        if reading.ports.keys() & {"mask", "lengths"}:
            reading.gather("T", guards)
        else:
            select(reading, "T", length - 1)

    def _order(self, order: Order) -> Order:
        return Order.USED

    def forward(
        self, context: EmitContext, input: Expr, mask: Expr | None, lengths: Expr | None
    ) -> Expr:
        if mask is None and lengths is None:
            return input[:, -1]
        return self.pool(context, "last_step", input, mask, lengths)
