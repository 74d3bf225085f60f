"""Normalization of each vector over its channels."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Support


class _Norm(Node):
    """A normalization over the last dimension."""

    category = Category.NORM
    static_axes = ("C",)
    each = ("...",)
    mixes = ("C",)

    input = Input("... C", "vectors")
    output = Output("... C", "normalized vectors")

    def support(self) -> Support:
        return Support.EITHER

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)


class LayerNorm(_Norm):
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


class RMSNorm(_Norm):
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


class ScaleNorm(_Norm):
    """ScaleNorm: l2 normalization of each vector, times one learnable scalar.

    y = scale * x / max(norm(x), eps), with the Euclidean norm over the C channels, and a scalar
    scale that starts at sqrt(C). Replaces layer normalization with a single parameter.

    Parameters:
        eps: smallest value of the denominator, for numerical stability.

    Reference:
        Nguyen & Salazar, "Transformers without Tears", 2019, section 2.2, arXiv:1910.05895
    """

    aliases = ("scale norm", "normalization", "l2", "l2 normalization")

    eps: Positive = 1e-5

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"scale": ()}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("ScaleNorm", context.dims["C"], **self.changed("eps"))
