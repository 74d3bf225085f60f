from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Count
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.reach import EARLIER
from nodes.core.time.receptive_field import Order


class PaddedPositionIds(Node):
    """Position ids of padded sequences: the index of each step among the valid ones.

    output[b, t] = offset + the number of valid steps before t, of shape (B, T), and padding where
    the mask is false; the mask is boolean, true at valid steps. Connect it to the positions of an
    encoding or to an Embedding, and the mask to the key_mask of attention: a sequence then gives
    the same outputs with padding before it, behind it and without. RoBERTa counts from its padding
    id: offset is that id plus 1, and padding the id itself.

    Parameters:
        offset: position of the first valid step.
        padding: position of every step of padding.
    """

    category = Category.POSITION
    aliases = ("left padding", "position ids", "cumsum", "attention mask", "roberta", "batch")
    carries_state = True

    offset: Count = 0
    padding: Count = 0

    mask = Input("B T", "true at valid steps", kind=Kind.MASK)
    output = Output("B T", "position of each step", kind=Kind.TOKENS)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        reading.read("T", EARLIER)
        joined = reading.join()
        joined.order = Order.USED
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, mask: Expr) -> Expr:
        changed = self.changed("offset", "padding")
        if context.streams:
            state = context.cached_state
            return context.library_call("padded_positions_on", mask, state, **changed)
        return context.library_call("padded_positions", mask, **changed)
