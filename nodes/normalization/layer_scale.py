from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.parameter_types import Real
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.normalization.channelwise import Channelwise


class LayerScale(Channelwise):
    """Layer scale: multiply each channel by a learnable factor.

    y = x * weight, with weight (C,). At the end of each residual branch, with a small initial
    value, deep Transformers train stably; with 1 it is the diagonal of a linear layer.

    Parameters:
        init_value: value of the factors before training.

    Reference:
        Touvron et al., "Going Deeper with Image Transformers", 2021, section 2, arXiv:2103.17239
    """

    aliases = ("layerscale", "gamma", "diagonal", "channel scale", "cait")

    init_value: Real = 1e-4

    input = Input("... C", "vectors")
    output = Output("... C", "vectors with each channel scaled")

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (dims["C"],)}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("LayerScale", context.dims["C"], self.init_value)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
