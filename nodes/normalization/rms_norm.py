from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.normalization.norm import Norm


class RMSNorm(Norm):
    """Root mean square (RMS) normalization: divide each vector by its RMS, then scale.

    y = x / sqrt(mean(x^2) + eps) * weight, with the mean over the C channels of each vector, and
    weight (C,). Layer normalization without centering and bias, and cheaper; used in Llama.

    Parameters:
        eps: value added to the denominator for numerical stability; the machine epsilon of the
            dtype, torch.finfo(x.dtype).eps, if not given.
        elementwise_affine: learnable per-element affine parameter, weight.

    Reference:
        Zhang & Sennrich, "Root Mean Square Layer Normalization", 2019, arXiv:1910.07467
    """

    aliases = ("rms norm", "normalization", "root mean square")
    torch = "nn.RMSNorm"

    eps: Positive | None = None
    elementwise_affine: bool = True

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (dims["C"],)} if self.elementwise_affine else {}

    def module(self, context: EmitContext) -> Expr:
        return context.call(
            "nn.RMSNorm", context.dims["C"], **self.changed("eps", "elementwise_affine")
        )
