"""The base of the functions that reduce one dimension to a number."""

from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input
from nodes.core.shapes.shape import Bindings, Shape, axis
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.pattern_fields import spread_word


class DimReduction(Node):
    """A function of all elements along one dimension, which the output lacks."""

    is_base = True
    category = Category.POOLING
    may_convert = False  # which dimension is meant is not for a remedy to say

    dim: int = -1

    input = Input("...", "tensor of any shape")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        rank = len(context.ports["input"].shape)
        position = self.dim % rank
        reading.gather(spread_word(rank, position))
        joined = reading.join()
        dims = reading.dims(context.outputs["output"], rank, joined)
        del dims[position]
        return {"output": build(joined, dims, linear=True)}

    def derive_spread(self, dims: Bindings) -> Shape:
        position = axis(dims.spread, self.dim)
        return (*dims.spread[:position], *dims.spread[position + 1 :])
