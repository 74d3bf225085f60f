from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.recurrent.causal_scan import CausalScan


class LinearRecurrence(CausalScan):
    """Linear recurrence: h_t = decay_t * h_(t-1) + x_t, each channel by itself.

    x and decay (B, T, C) give h (B, T, C). Without a nonlinearity on the state, all steps are
    computed in log2(T) parallel ones. Gates make it a gated linear recurrent unit (RG-LRU of
    Griffin), and decay 1 - z with x = z * candidate a minimal GRU. A decay lies from 0 to 1, as
    after a Sigmoid; above 1 the state grows without bound.

    Reference:
        Martin & Cundy, "Parallelizing Linear Recurrent Neural Nets Over Sequence Length", 2017,
        arXiv:1709.04057; parallel steps: Hillis & Steele, "Data Parallel Algorithms", 1986,
        doi:10.1145/7902.7903
    """

    aliases = (
        "scan",
        "linear rnn",
        "lru",
        "griffin",
        "mingru",
        "parallel scan",
        "exponential moving average",
    )

    input = Input("B T C", "what is added to the state at each step")
    decay = Input("B T C", "factor of the state before, at each step")
    initial_state = Input(
        "B C", "state before the first step; zero if not connected", Kind.STATE, optional=True
    )
    output = Output("B T C", "state at each step")
    state = Output("B C", "state after the last step", kind=Kind.STATE)

    def forward(
        self, context: EmitContext, input: Expr, decay: Expr, initial_state: Expr | None
    ) -> Expr:
        state = context.cached_state or initial_state
        return context.library_call("linear_scan", input, decay, *([state] if state else []))
