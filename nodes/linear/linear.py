from collections.abc import Mapping
from math import prod

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Support


class Linear(Node):
    """Linear (fully connected) layer: y = x W^T + b on the last dimension.

    x (..., I), W (O, I) and b (O,) give y (..., O), independently at each position. Without an
    activation between them, two linear layers are no more than one. The size of the input, I, is
    taken from the edge.

    Parameters:
        out_features: size of each output sample, O; I if not given.
        bias: adds a learnable bias to the output.
        tie: name of a node in the same graph whose weight is used, often the embedding's, whose row
            of padding_idx stays zero here too; empty for a weight of its own.

    Dimensions:
        O: out_features, or I if not given.

    Reference:
        tie: Press & Wolf, "Using the Output Embedding to Improve Language Models", 2017,
        arXiv:1608.05859
    """

    category = Category.LINEAR
    aliases = ("dense", "fc", "fully connected", "projection", "affine", "head", "matrix")
    torch = "nn.Linear"
    each = ("...",)
    linear = True
    static_axes = ("I",)

    out_features: Size | None = None
    bias: bool = True
    tie: str = ""

    input = Input("... I", "vectors")
    output = Output("... O", "projected vectors")

    def support(self) -> Support:
        return Support.NONE if self.bias else Support.EITHER

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        return {"O": dims["I"] if self.out_features is None else self.out_features}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        weight = {"weight": (dims["O"], dims["I"])}
        return {**weight, "bias": (dims["O"],)} if self.bias else weight

    def flops(self, dims: Bindings) -> AnyDim:
        return 2 * prod(dims.spread) * dims["I"] * dims["O"]

    def module(self, context: EmitContext) -> Expr:
        sizes, changed = (context.dims["I"], context.dims["O"]), self.changed("bias")
        if context.padding_idx is None:
            return context.call("nn.Linear", *sizes, **changed)
        padding = {"padding_idx": context.padding_idx}
        return context.library_call("PaddedLinear", *sizes, **changed, **padding)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)
