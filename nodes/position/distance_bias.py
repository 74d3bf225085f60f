"""The base of the biases of attention scores that depend on the distance of query and key."""

from typing import ClassVar

from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Output
from nodes.core.time.axis import Axis
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.receptive_field import Order


class DistanceBias(Node):
    """A bias of each head for each pair of a query and a key."""

    is_base = True
    category = Category.POSITION
    pair_ports: ClassVar[tuple[str, ...]] = ("output",)

    num_heads: Size = 8

    query = Input("B T C", "sequence that gives the number of queries")
    key = Input("B S K", "sequence that gives the number of keys", default="query")
    output = Output("num_heads T S", "bias of each head, for the port bias of an attention")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading, bias = context.read(), FieldBuilder()
        for number, word in enumerate(("T", "S")):
            axis = reading.axis(word)
            entries = [b.axes[axis] for b in reading.ports.values() if axis in b.axes]
            bias.axes[number] = entries[0] if entries else Axis(context.size(word))
        bias.order = Order.USED
        return {"output": build(bias, [[], [0], [1]])}
