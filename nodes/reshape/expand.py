from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, SizeMismatch, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import select


class Expand(Node):
    """Expand: repeat a dimension of size 1, without copying.

    (B, 1, T, C) gives (B, size, T, C) with the default dim: one key head for all query heads, as in
    latent attention. Add and Multiply expand by themselves; Concatenate and Stack do not.

    Parameters:
        dim: the dimension of size 1; negative dims count from the end.
        size: its size in the output.
    """

    category = Category.RESHAPE
    aliases = ("repeat", "broadcast", "tile", "unsqueeze")
    torch = "torch.broadcast_to"

    dim: int = 1
    size: Size = 8

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "the tensor, repeated along dim", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        position = self.dim % rank
        select(reading, spread_word(rank, position), 0)
        joined = reading.join(Support.EITHER)
        dims = reading.dims(context.outputs["output"], rank, joined)
        return {"output": build(joined, dims, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        position = axis(shape, self.dim)
        if shape[position] != 1:
            expected = f"expected size 1 of dimension {self.dim}"
            raise SizeMismatch(f"{expected}, got {shape[position]}", None, None, shape[position])
        return (*shape[:position], self.size, *shape[position + 1 :])

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        rank = len(context.shapes["input"])
        sizes = [self.size if i == self.dim % rank else -1 for i in range(rank)]
        return context.method(input, "expand", *sizes)
