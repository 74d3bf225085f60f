from collections.abc import Mapping
from dataclasses import replace
from math import prod

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Scale
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import parse_pattern
from nodes.core.shapes.shape import Bindings
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.time_fields import product


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
            return context.library_call("divide_by_width", left) @ right
        product = left @ right
        return product if self.scale == 1.0 else product * context.expression(self.scale)
