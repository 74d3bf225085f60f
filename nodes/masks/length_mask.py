from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.time_fields import valid_steps


class LengthMask(Node):
    """Length mask: the padding mask of sequences whose lengths are known.

    mask[b, t] = (t < lengths[b]), boolean, of shape (B, T): true at valid steps, false at padding.
    """

    category = Category.MASK
    aliases = ("sequence lengths", "padding", "sequence mask")

    lengths = Input("B", "number of valid steps, from 0 to T", kind=Kind.LENGTHS)
    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("B T", "true at valid steps", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        valid = valid_steps(reading, "T", context.dims["T"])
        for builder in reading.ports.values():
            if builder is not reading.ports["lengths"]:
                builder.terms = {}  # the input gives no more than the number of steps
        joined = reading.join()
        joined.validity.update(valid)
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, lengths: Expr, input: Expr) -> Expr:
        return context.library_call("length_mask", lengths, input.attr("shape")[1])
