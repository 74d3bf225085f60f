"""Linear layer and matrix product."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Scale, Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import parse_pattern
from nodes.core.shapes.shape import Bindings, Shape
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.time_fields import product


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


class MatMul(Node):
    """Batched matrix product: left @ right over the last two dimensions.

    (..., T, K) and (..., K, S) give (..., T, S), times scale. Both operands are computed by the
    model; for a learnable matrix use Linear. Attention scores are the product of queries and keys
    with transpose_right and scale "sqrt".

    Parameters:
        transpose_right: transpose the last two dimensions of right first, so it is (..., S, K).
        scale: factor of the product; "sqrt" is 1 / sqrt(K), which keeps the variance of a sum of K
            products at that of one.
    """

    category = Category.LINEAR
    aliases = ("matrix product", "matrix multiplication", "dot product", "bmm", "scores", "@")
    torch = "torch.matmul"

    transpose_right: bool = False
    scale: Scale = 1.0

    left = Input("... T K", "left matrix")
    right = Input("... K S", "right matrix; (..., S, K) with transpose_right")
    output = Output("... T S", "matrix product")

    def bind(
        self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]
    ) -> tuple[Bindings, Kind]:
        right = input_specs["right"]
        if self.transpose_right and len(right.shape) > 1:
            *lead, rows, columns = right.shape
            input_specs = {**input_specs, "right": TensorSpec((*lead, columns, rows), right.kind)}
        return super().bind(input_specs, values)

    def receptive_fields(self, context: FieldContext) -> Fields:
        right = context.ports["right"]
        if self.transpose_right:
            ports = {**context.ports, "right": right._replace(pattern=parse_pattern("... S K"))}
            context = replace(context, ports=ports)
        reading = context.read()
        joined = product(reading, "K")
        return {"output": context.result("output", reading, joined)}

    def flops(self, dims: Bindings) -> AnyDim:
        return 2 * prod(dims.spread) * dims["T"] * dims["K"] * dims["S"]

    def forward(self, context: EmitContext, left: Expr, right: Expr) -> Expr:
        if self.transpose_right:
            right = right.method("transpose", -2, -1)
        if self.scale == "sqrt":
            return context.library_call("scale_by_width", left, -0.5) @ right
        product = left @ right
        return product if self.scale == 1.0 else product * context.expression(self.scale)
