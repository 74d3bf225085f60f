"""The base of the scans: recurrences along time that are linear in their state."""

from typing import ClassVar

from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Output
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import ALL, EARLIER
from nodes.core.time.receptive_field import Order, ReceptiveField


class CausalScan(Node):
    """A recurrence along time; its outputs are those of each step, and the state after the last."""

    is_base = True
    category = Category.RECURRENT
    returns = "output, state"
    state_ports: ClassVar[tuple[str, ...]] = ("state",)

    def receptive_fields(self, context: FieldContext) -> Fields:
        return {port.name: self._field(context, port) for port in self.outputs}

    def _field(self, context: FieldContext, port: Output) -> ReceptiveField:
        reading = context.read()
        for word in list(reading.words):
            if word not in port.parsed.words:
                reading.gather(word)
            elif word == "T":
                reading.read(word, EARLIER)
            elif word in self.mixes:
                reading.read(word, ALL)
        joined = reading.join()
        joined.order = Order.USED
        return context.result(port.name, reading, joined)
