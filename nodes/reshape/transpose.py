from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build


class Transpose(Node):
    """Transpose: swap two dimensions.

    (B, T, C) gives (B, C, T) with the defaults. Reshape reorders more than two dimensions.

    Parameters:
        dim0: the first dimension to be transposed; negative dims count from the end.
        dim1: the second dimension to be transposed; negative dims count from the end.
    """

    category = Category.RESHAPE
    aliases = ("swap", "permute", "flip dimensions")
    torch = "torch.transpose"

    dim0: int = 1
    dim1: int = 2

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "transposed tensor", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        joined = reading.join(Support.EITHER)
        dims = reading.dims(self.output.parsed, rank, joined)
        a, b = self.dim0 % rank, self.dim1 % rank
        dims[a], dims[b] = dims[b], dims[a]
        return {"output": build(joined, dims, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = list(dims.spread)
        a, b = axis(dims.spread, self.dim0), axis(dims.spread, self.dim1)
        shape[a], shape[b] = shape[b], shape[a]
        return tuple(shape)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input.transpose(self.dim0, self.dim1)
