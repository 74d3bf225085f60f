from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Positive, Probability
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Support


class BatchNorm(Node):
    """Batch normalization: mean 0 and variance 1 of each channel over the batch and all steps.

    y = (x - mean) / sqrt(var + eps) * weight + bias, with weight and bias (C,). In training, mean
    and (biased) variance are those of the batch, padding included, and running averages of both
    are kept; in evaluation, the averages are used, so that each vector is normalized by itself.
    Training thus reads other rows and later steps; LayerNorm does not.

    Parameters:
        eps: value added to the denominator for numerical stability.
        momentum: weight of the newest batch in the running averages.
        affine: learnable per-channel affine parameters, weight and bias.

    Reference:
        Ioffe & Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
        Internal Covariate Shift", 2015, arXiv:1502.03167
    """

    aliases = ("bn", "batch norm", "batchnorm1d", "normalization", "batch normalization")
    torch = "nn.BatchNorm1d"
    category = Category.NORM
    may_convert = False
    static_axes = ("C",)
    each = ("B", "...", "C")

    eps: Positive = 1e-5
    momentum: Probability = 0.1
    affine: bool = True

    input = Input("B ... C", "vectors")
    output = Output("B ... C", "normalized vectors")

    def support(self) -> Support:
        return Support.NONE

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {name: (dims["C"],) for name in ("weight", "bias") if self.affine}

    def module(self, context: EmitContext) -> Expr:
        changed = self.changed("eps", "momentum", "affine")
        return context.call("nn.BatchNorm1d", context.dims["C"], **changed)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        rank = len(context.shapes["input"])
        if rank == 2:
            return context.call(context.layer, input)
        if rank == 3:
            return context.call(context.layer, input.transpose(1, 2)).transpose(1, 2)
        vectors = input.method("flatten", 0, -2)
        return context.call(context.layer, vectors).method("view_as", input)
