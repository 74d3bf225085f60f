from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.recurrent.causal_scan import CausalScan


class SelectiveScan(CausalScan):
    """Selective scan: a state space model whose parameters depend on the input, as in Mamba.

    h_t = exp(delta_t * A) h_(t-1) + delta_t * b_t * x_t and y_t = c_t h_t + D * x_t, with a state h
    of N numbers for each channel: x and delta (B, T, C), b and c (B, T, N) give y (B, T, C). A =
    -exp(A_log), (C, N), and D, (C,), are learned. delta must be positive, as after a Softplus: a
    large step forgets the state and takes the input, a small one ignores the input.

    Reference:
        Gu & Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023,
        section 3.2, arXiv:2312.00752
    """

    own_starts = ("A_log",)
    aliases = ("mamba", "s6", "ssm", "state space model", "selective state space")
    static_axes = ("C", "N")

    input = Input("B T C", "sequence of vectors")
    delta = Input("B T C", "positive step size of each channel")
    b = Input("B T N", "what the input adds to the state")
    c = Input("B T N", "what is read from the state")
    initial_state = Input(
        "B C N", "state before the first step; zero if not connected", Kind.STATE, optional=True
    )
    output = Output("B T C", "what is read at each step")
    state = Output("B C N", "state after the last step", kind=Kind.STATE)

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"A_log": (dims["C"], dims["N"]), "D": (dims["C"],)}

    def flops(self, dims: Bindings) -> AnyDim:
        return 9 * dims["B"] * dims["T"] * dims["C"] * dims["N"]

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("SelectiveScan", context.dims["C"], context.dims["N"])

    def forward(
        self,
        context: EmitContext,
        input: Expr,
        delta: Expr,
        b: Expr,
        c: Expr,
        initial_state: Expr | None,
    ) -> Expr:
        state = context.cached_state or initial_state
        return context.call(context.layer, input, delta, b, c, *([state] if state else []))
