"""The base of the functions along one dimension."""

from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input
from nodes.core.shapes.shape import Bindings, Shape, axis
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.pattern_fields import spread_word


class AlongDim(Node):
    """A function of the elements along one dimension."""

    is_base = True
    category = Category.ACTIVATION

    dim: int = -1

    input = Input("...", "scores (logits)")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        reading.drop_support()  # a score of 0 has a weight
        rank = len(context.shapes["output"])
        reading.gather(spread_word(rank, self.dim % rank))
        return {"output": context.result("output", reading, reading.join())}

    def derive_spread(self, dims: Bindings) -> Shape:
        axis(dims.spread, self.dim)
        return dims.spread
