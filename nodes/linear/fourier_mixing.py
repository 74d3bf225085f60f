from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order


class FourierMixing(Node):
    """Fourier mixing: the real part of the discrete Fourier transform over steps and channels.

    (B, T, C) gives (B, T, C). Mixes the steps of a sequence without weights, in place of
    self-attention in FNet; each step sees all others, padding too.

    Reference:
        Lee-Thorp et al., "FNet: Mixing Tokens with Fourier Transforms", 2021, section 3.1,
        arXiv:2105.03824
    """

    category = Category.LINEAR
    aliases = ("fft", "fft2", "fnet", "token mixing", "spectral", "dft")
    each = ("B",)
    mixes = ("T", "C")

    input = Input("B T C", "sequence of vectors")
    output = Output("B T C", "real part of the transform")

    def receptive_fields(self, context: FieldContext) -> Fields:
        return context.with_order(super().receptive_fields(context), Order.USED)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call("torch.fft.fft2", input).attr("real")
