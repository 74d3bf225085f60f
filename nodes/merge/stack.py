from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr, tuple_of
from nodes.core.shapes.shape import (
    ShapeMismatch,
    show_shape,
)
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build


class Stack(Node):
    """Stack: join tensors of one shape along a new dimension.

    n tensors (B, T, C) give (n, B, T, C) for dim 0. To join along an existing dimension use
    Concatenate.

    Parameters:
        dim: index at which the new dimension is inserted; negative dims count from the end.
    """

    category = Category.MERGE
    aliases = ("new dimension", "join")
    torch = "torch.stack"

    dim: int = 0

    parts = Input("...", "tensors of one shape", variadic=True)
    output = Output("...", "stacked tensor")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.shapes["output"])
        joined = reading.join(Support.EITHER)
        dims = reading.dims(self.output.parsed, rank - 1, joined)
        dims.insert(self.dim % rank, [])
        return {"output": build(joined, dims, linear=True)}

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Insert the number of parts into their shape."""
        dims = super().infer(input_specs, values).dims
        shape = dims.spread
        if not -len(shape) - 1 <= self.dim <= len(shape):
            expected = f"expected dim from {-len(shape) - 1} to {len(shape)}"
            message = f"{expected}, got {self.dim} for a shape of {show_shape(shape)}"
            first = next(iter(input_specs))
            raise InputMismatch(first, ShapeMismatch(message))
        position = self.dim % (len(shape) + 1)
        dims.spread = (*shape[:position], len(input_specs), *shape[position:])
        return Inferred(dims, {"output": TensorSpec(dims.spread, Kind.FEATURES)})

    def forward(self, context: EmitContext, parts: tuple[Expr, ...]) -> Expr:
        return context.call("torch.stack", tuple_of(*parts), **self.changed("dim"))
