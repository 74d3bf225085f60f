"""The base of the inputs with a value for each pair of a query and a key."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.node import Category
from nodes.core.shapes.dim import AnyDim, free
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.receptive_field import Order
from nodes.core.time.term import STEPS, Source


class PairInput(InputNode):
    """A value for each query (row) and key (column), the same for the whole batch."""

    is_base = True
    category = Category.IO
    may_convert = False  # a sequence is missing far more often
    pair_ports: ClassVar[tuple[str, ...]] = ("output",)

    queries: Literal["T", "S"] = "T"
    keys: Literal["T", "S"] = "T"

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"T": free(self.queries), "S": free(self.keys)}

    def receptive_fields(self, context: FieldContext) -> Fields:
        builder = FieldBuilder()
        for axis, length in enumerate((self.queries, self.keys)):
            builder.axes[axis] = Axis(free(length), Clock(length))
        builder.add_source(Source(context.name, STEPS, self.queries), 0)
        builder.order = Order.USED
        return {"output": build(builder, [[0], [1]])}
