from collections.abc import Iterator, Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.recurrent.causal_scan import CausalScan


class RGLRU(CausalScan):
    """Real-gated linear recurrent unit (RG-LRU), the recurrence of Griffin.

    h_t = a_t h_(t-1) + sqrt(1 - a_t^2) (i_t x_t), with a_t = exp(-8 softplus(decay) r_t) and the
    gates r_t and i_t = sigmoid(W x_t + b): (B, T, C) gives (B, T, C). The matrices W of the gates
    have num_heads blocks on their diagonal. The first step of a sequence is not scaled down. All
    steps are computed in log2(T) parallel ones.

    Parameters:
        num_heads: number of blocks of the gates; it must divide C.

    Dimensions:
        D: size of a block, C / num_heads.

    Reference:
        De et al., "Griffin: Mixing Gated Linear Recurrences with Local Attention for Efficient
        Language Models", 2024, section 2.4, arXiv:2402.19427
    """

    aliases = ("griffin", "hawk", "recurrentgemma", "gated linear recurrence", "lru")
    own_starts = ("gate_weight", "gate_bias")
    static_axes = ("C",)
    mixes = ("C",)

    num_heads: Size = 8

    input = Input("B T C", "sequence of vectors")
    initial_state = Input(
        "B C", "state before the first step; none if not connected", Kind.STATE, optional=True
    )
    output = Output("B T C", "state at each step")
    state = Output("B C", "state after the last step", kind=Kind.STATE)

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        return {"D": dims.split(dims["C"], self.num_heads, "num_heads")}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"decay": (dims["C"],), **dict(self._gates(dims["D"]))}

    def _gates(self, size: AnyDim) -> Iterator[tuple[str, Shape]]:
        for gate in ("input_gate", "recurrent_gate"):
            yield f"{gate}_weight", (self.num_heads, size, size)
            yield f"{gate}_bias", (self.num_heads, size)

    def flops(self, dims: Bindings) -> AnyDim:
        return 4 * dims["B"] * dims["T"] * dims["C"] * dims["D"]

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("RGLRU", context.dims["C"], self.num_heads)

    def forward(self, context: EmitContext, input: Expr, initial_state: Expr | None) -> Expr:
        state = context.cached_state or initial_state
        return context.call(context.layer, input, *([state] if state else []))
