from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Support
from nodes.normalization.norm import Norm


class LayerNorm(Norm):
    """Layer normalization: mean 0 and variance 1 over the channels, then a learnable affine map.

    y = (x - mean(x)) / sqrt(var(x) + eps) * weight + bias, with mean and (biased) variance over the
    C channels of each vector, and weight and bias (C,). The same in training and evaluation. In a
    Transformer it precedes each sublayer (pre-norm) or follows the residual sum (post-norm).

    Parameters:
        eps: value added to the denominator for numerical stability.
        elementwise_affine: learnable per-element affine parameters, weight and bias.
        bias: learn an additive bias too; only relevant with elementwise_affine.

    Reference:
        Ba, Kiros & Hinton, "Layer Normalization", 2016, arXiv:1607.06450
    """

    aliases = ("ln", "layer norm", "normalization", "layer normalization")
    torch = "nn.LayerNorm"

    eps: Positive = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    def support(self) -> Support:
        return Support.NONE if self.elementwise_affine and self.bias else Support.EITHER

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        names = ("weight", "bias") if self.bias else ("weight",)
        return {name: (dims["C"],) for name in names if self.elementwise_affine}

    def module(self, context: EmitContext) -> Expr:
        changed = self.changed("eps", "elementwise_affine", "bias")
        return context.call("nn.LayerNorm", context.dims["C"], **changed)
