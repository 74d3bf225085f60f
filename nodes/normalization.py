"""Keeping the numbers in a range where training goes well."""

from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, Time
from nodes.core.graphs.parameter_types import Positive
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape


class _Norm(Node):
    """A rule that rescales each vector."""

    category = Category.NORM
    time = Time.POINTWISE
    static_axes = ("C",)

    input = Input("... C", "vectors")
    output = Output("... C", "the vectors, normalised")

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)


class LayerNorm(_Norm):
    """Shift and scale each vector to mean 0 and variance 1, then by trained amounts.

    Parameters:
        eps: what is added to the variance, so that nothing is divided by zero.
        elementwise_affine: scale and shift each channel by a trained amount afterwards.
        bias: shift too, not just scale.

    Reference:
        Ba, Kiros & Hinton, "Layer Normalization", 2016, arXiv:1607.06450
    """

    aliases = ("ln", "normalization", "layer normalization")
    torch = "nn.LayerNorm"

    eps: Positive = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        names = ("weight", "bias") if self.bias else ("weight",)
        return {name: (dims["C"],) for name in names if self.elementwise_affine}

    def module(self, context: EmitContext) -> Expr:
        changed = self.changed("eps", "elementwise_affine", "bias")
        return context.call("nn.LayerNorm", context.dims["C"], **changed)


class RMSNorm(_Norm):
    """Scale each vector to a root mean square of 1, then by trained amounts.

    Parameters:
        eps: what is added to the mean square, so that nothing is divided by zero; the smallest
            step of the number format if it is not given.
        elementwise_affine: scale each channel by a trained amount afterwards.

    Reference:
        Zhang & Sennrich, "Root Mean Square Layer Normalization", 2019, arXiv:1910.07467
    """

    aliases = ("normalization", "root mean square")
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
    """Bring every vector to the same trained length.

    Parameters:
        eps: no length is taken to be smaller, so that nothing is divided by zero.

    Reference:
        Nguyen & Salazar, "Transformers without Tears", 2019, section 2.2, arXiv:1910.05895
    """

    aliases = ("normalization", "l2")

    eps: Positive = 1e-5

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"scale": ()}

    def module(self, context: EmitContext) -> Expr:
        return context.library("ScaleNorm", context.dims["C"], **self.changed("eps"))
