from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.recurrent.selective_scan import SelectiveScan


class MultiHeadSelectiveScan(SelectiveScan):
    """Selective scan in heads: all channels of a head share one decay, as in Mamba-2.

    h_t = exp(delta_t * A) h_(t-1) + delta_t * b_t * x_t and y_t = c_t h_t + D * x_t: x (B, T, C),
    delta (B, T, num_heads), b and c (B, T, N) give y (B, T, C). A = -exp(A_log) and D, one number
    for each head, are learned. delta must be positive, as after a Softplus. Compared with
    SelectiveScan, the decay is a single number for each head and step.

    Parameters:
        num_heads: number of heads; it must divide C.

    Dimensions:
        P: channels of a head, C / num_heads.

    Reference:
        Dao & Gu, "Transformers are SSMs: Generalized Models and Efficient Algorithms Through
        Structured State Space Duality", 2024, section 7, arXiv:2405.21060
    """

    aliases = ("mamba2", "mamba-2", "ssd", "state space duality", "ssm")

    num_heads: Size = 8

    delta = Input("B T num_heads", "positive step size of each head")

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        return {"P": dims.split(dims["C"], self.num_heads, "num_heads")}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"A_log": (self.num_heads,), "D": (self.num_heads,)}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("MultiHeadSelectiveScan", context.dims["C"], self.num_heads)
