from collections.abc import Mapping

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Inferred, Node
from nodes.core.graphs.parameter_types import Whole
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec
from nodes.core.graphs.python_expression import Expr
from nodes.core.shapes.shape import Bindings, Shape, SizeMismatch, axis
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.pattern_fields import spread_word
from nodes.core.time.time_fields import select
from nodes.reshape.subscripts import at_present, subscript


class Select(Node):
    """Select: one index along a dimension, which is removed.

    input[:, index] for dim 1: (B, T, C) gives (B, C). A recurrent state becomes features: dim 0 and
    index -1 select the last layer of the state hidden.

    Parameters:
        dim: the dimension to index; negative dims count from the end.
        index: the index to select; negative indices count from the end.
    """

    category = Category.RESHAPE
    aliases = ("index", "pick", "step", "squeeze")
    torch = "torch.select"

    dim: int = 1
    index: Whole = 0

    input = Input("...", "tensor of any shape", kind=Kind.ANY)
    output = Output("...", "tensor at the index", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        shape = context.ports["input"].shape
        position = self.dim % len(shape)
        reading = context.read()
        index = at_present(context, self.index, reading.size(shape[position]))
        word = spread_word(len(shape), position)
        select(reading, word, index)
        joined = reading.join(Support.EITHER)
        dims = reading.dims(context.outputs["output"], len(shape), joined)
        del dims[position]
        return {"output": build(joined, dims, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        shape = dims.spread
        position = axis(shape, self.dim)
        size = shape[position]
        if dims.is_less(size + self.index, 0) or dims.is_less(size, self.index + 1):
            expected = f"expected index {self.index} to lie within dimension {self.dim}"
            raise SizeMismatch(f"{expected}, got a size of {size}", None, None, size)
        return (*shape[:position], *shape[position + 1 :])

    def infer(self, input_specs: Mapping[str, TensorSpec], values: dict[str, int]) -> Inferred:
        """Turn a layer of a recurrent state into features."""
        inferred = super().infer(input_specs, values)
        shape, kind = inferred.outputs["output"]
        kind = Kind.FEATURES if kind is Kind.STATE else kind
        return Inferred(inferred.dims, {"output": TensorSpec(shape, kind)})

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return subscript(input, self.dim, context.lower(self.index))
