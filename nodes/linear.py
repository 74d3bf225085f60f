"""Products with matrices, trained or given."""

from collections.abc import Mapping
from math import prod

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node, Time
from nodes.core.graphs.parameter_types import Scale, Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.shape import Bindings, Shape


class Linear(Node):
    """Multiply by a trained matrix and add a trained vector.

    Parameters:
        out_features: the size that leaves; as large as what arrives if it is not given.
        bias: add the vector.
        tie: the name of a node in the same graph whose weight is used, often the embedding's;
            empty for its own.

    Dimensions:
        O: out_features, or I.

    Reference:
        tie: Press & Wolf, "Using the Output Embedding to Improve Language Models", 2017,
        arXiv:1608.05859
    """

    category = Category.LINEAR
    aliases = ("dense", "fc", "fully connected", "projection", "affine", "head", "matrix")
    torch = "nn.Linear"
    time = Time.POINTWISE
    static_axes = ("I",)

    out_features: Size | None = None
    bias: bool = True
    tie: str = ""

    input = Input("... I", "vectors")
    output = Output("... O", "vectors of another size")

    def derive(self, dims: Bindings) -> Mapping[str, AnyDim]:
        return {"O": dims["I"] if self.out_features is None else self.out_features}

    def weights(self, dims: Bindings) -> Mapping[str, Shape]:
        weight = {"weight": (dims["O"], dims["I"])}
        return {**weight, "bias": (dims["O"],)} if self.bias else weight

    def flops(self, dims: Bindings) -> AnyDim:
        return 2 * prod(dims.spread) * dims["I"] * dims["O"]

    def module(self, context: EmitContext) -> Expr:
        return context.call(
            "nn.Linear", context.dims["I"], context.dims["O"], **self.changed("bias")
        )

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.call(context.layer, input)


class MatMul(Node):
    """Multiply two matrices, both of them computed.

    Parameters:
        transpose_right: swap the last two dimensions of the right one first.
        scale: what the product is multiplied by; "sqrt" divides it by the square root of K, which
            keeps sums of K products about as large as one.
    """

    category = Category.LINEAR
    aliases = ("matrix product", "dot product", "bmm", "scores", "@")
    torch = "torch.matmul"

    transpose_right: bool = False
    scale: Scale = 1.0

    left = Input("... T K", "the left matrix")
    right = Input("... K S", "the right matrix, transposed if so asked")
    output = Output("... T S", "their product")

    def bind(
        self, arriving: Mapping[str, TensorSpec], values: dict[str, int]
    ) -> tuple[Bindings, Kind]:
        right = arriving["right"]
        if self.transpose_right and len(right.shape) > 1:
            *lead, rows, columns = right.shape
            arriving = {**arriving, "right": TensorSpec((*lead, columns, rows), right.kind)}
        return super().bind(arriving, values)

    def flops(self, dims: Bindings) -> AnyDim:
        return 2 * prod(dims.spread) * dims["T"] * dims["K"] * dims["S"]

    def forward(self, context: EmitContext, left: Expr, right: Expr) -> Expr:
        if self.transpose_right:
            right = right.method("transpose", -2, -1)
        if self.scale == "sqrt":
            return context.library("scale_by_width", left, -0.5) @ right
        product = left @ right
        return product if self.scale == 1.0 else product * context.expression(self.scale)
