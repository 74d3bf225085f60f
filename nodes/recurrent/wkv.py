from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.recurrent.causal_scan import CausalScan


class WKV(CausalScan):
    """Weighted key-value average (WKV), the recurrence of RWKV: attention with a decay.

    y_t = (sum over i < t of e^(k_i - (t - 1 - i) w) v_i + e^(u + k_t) v_t) / (the sum of the same
    weights), for each channel: keys and values (B, T, C) give (B, T, C). The decay w =
    exp(time_decay) and the bonus u = time_first of the present step, (C,), are learned. The state
    is the two sums and their scale, so that exponentials do not overflow.

    Reference:
        Peng et al., "RWKV: Reinventing RNNs for the Transformer Era", 2023, section 3.2,
        arXiv:2305.13048
    """

    aliases = ("rwkv", "linear attention", "attention free", "aft", "time mixing")
    static_axes = ("C",)

    key = Input("B T C", "logarithm of the weight of each value")
    value = Input("B T C", "values")
    initial_state = Input(
        "3 B C", "state before the first step; empty if not connected", Kind.STATE, optional=True
    )
    output = Output("B T C", "weighted average of the values up to each step")
    state = Output("3 B C", "the two sums and their scale after the last step", kind=Kind.STATE)

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"time_decay": (dims["C"],), "time_first": (dims["C"],)}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("WKV", context.dims["C"])

    def forward(
        self, context: EmitContext, key: Expr, value: Expr, initial_state: Expr | None
    ) -> Expr:
        state = context.cached_state or initial_state
        return context.call(context.layer, key, value, *([state] if state else []))
