"""The base of the inputs that are sequences."""

from collections.abc import Mapping
from typing import Literal

from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.node import Category
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import AnyDim, free
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.receptive_field import Validity
from nodes.core.time.term import ROWS, STEPS, Source


class SequenceInput(InputNode):
    """A batch of sequences; the batch size is chosen at run time, the length too if not given."""

    is_base = True
    category = Category.IO

    length: Literal["T", "S"] = "T"
    steps: Size | None = None

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B"), "T": self._count}

    @property
    def _count(self) -> AnyDim:
        """The number of steps."""
        return free(self.length) if self.steps is None else self.steps

    def receptive_fields(self, context: FieldContext) -> Fields:
        builder = FieldBuilder()
        builder.axes = {0: Axis(free("B")), 1: Axis(context.size("T"), Clock(self.length))}
        builder.add_source(Source(context.name, ROWS, "B"), 0)
        builder.add_source(Source(context.name, STEPS, self.length), 1)
        if self.outputs[0].kind is Kind.MASK:
            builder.validity = {Validity(1, Clock(self.length))}
        plain: list[list[int]] = [[]] * (len(context.shapes["output"]) - 2)
        return {"output": build(builder, [[0], [1], *plain])}
