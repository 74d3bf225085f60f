from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Support


class LearnedMix(Node):
    """Learned mix: interpolate between two vectors by a learnable weight for each channel.

    y = first * weight + second * (1 - weight), with weight (C,) that starts at 0.5. With a sequence
    and the same shifted by one step it is the token shift of RWKV.

    Reference:
        Peng et al., "RWKV: Reinventing RNNs for the Transformer Era", 2023, section 3.1,
        arXiv:2305.13048
    """

    category = Category.MERGE
    aliases = ("lerp", "interpolate", "token shift", "time mix", "blend", "rwkv")
    torch = "torch.lerp"
    static_axes = ("C",)
    each = ("...", "C")
    linear = True

    first = Input("... C", "vectors at weight 1")
    second = Input("... C", "vectors at weight 0")
    output = Output("... C", "mixed vectors")

    def support(self) -> Support:
        return Support.EITHER

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        return {"weight": (dims["C"],)}

    def module(self, context: EmitContext) -> Expr:
        return context.library_call("LearnedMix", context.dims["C"])

    def forward(self, context: EmitContext, first: Expr, second: Expr) -> Expr:
        return context.call(context.layer, first, second)
