from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size, Whole
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order
from nodes.core.time.time_fields import delay


class ShiftRight(Node):
    """Shift right: delay a sequence along the time axis and fill the first steps.

    output[t] = input[t - steps], or fill where t < steps, of the same shape; the last steps are
    dropped. It makes the decoder inputs of teacher forcing from the targets, and lagged features.

    Parameters:
        steps: number of steps by which the sequence is shifted.
        fill: value of the first steps, such as the id of a start token; among token ids it is one
            of them, below num_embeddings of the Embedding that reads them, and in a mask 0 or 1.
    """

    category = Category.RESHAPE
    aliases = ("delay", "lag", "teacher forcing", "start token", "roll")
    carries_state = True

    steps: Size = 1
    fill: Whole = 0

    input = Input("B T ...", "sequence of ids or vectors", kind=Kind.ANY)
    output = Output("B T ...", "shifted sequence", kind=Kind.ANY)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        steps = context.number(self.steps)
        if self.fill != 0:
            reading.drop_support()
        delay(reading, "T", steps)
        joined = reading.join(Support.EITHER)
        joined.order = Order.USED
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        changed = self.changed("steps", "fill")
        if context.streams:
            return context.library_call("shift_on", input, context.cached_state, **changed)
        return context.library_call("shift_right", input, **changed)
