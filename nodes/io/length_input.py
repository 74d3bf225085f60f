from collections.abc import Mapping

from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Kind, Output
from nodes.core.shapes.dim import AnyDim, free
from nodes.core.time.axis import Axis
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.term import ROWS, Source


class LengthInput(InputNode):
    """Length input: the number of valid steps of each sequence before padding, (B,).

    Connect it to the lengths of a recurrent network or a pooling node, or to a LengthMask.
    """

    category = Category.IO
    aliases = ("padding", "sequence lengths")

    output = Output("B", "number of valid steps", kind=Kind.LENGTHS)

    def sizes(self) -> Mapping[str, AnyDim]:
        return {"B": free("B")}

    def receptive_fields(self, context: FieldContext) -> Fields:
        builder = FieldBuilder()
        builder.axes = {0: Axis(free("B"))}
        builder.add_source(Source(context.name, ROWS, "B"), 0)
        return {"output": build(builder, [[0]])}
