from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Count
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr, compare
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields


class TokenMask(Node):
    """Token mask: the padding mask of token ids that are filled up with one id.

    mask[b, t] = (input[b, t] != padding_id), boolean, of shape (B, T): true at valid steps, false
    at padding. InvertMask gives the steps that have the id, such as separators.

    Parameters:
        padding_id: the token id that fills up sequences.
    """

    category = Category.MASK
    aliases = ("padding mask", "pad token", "attention mask", "not equal", "ne")
    torch = "torch.ne"

    padding_id: Count = 0

    input = Input("B T", "token ids", kind=Kind.TOKENS)
    output = Output("B T", "true at valid steps", kind=Kind.MASK)

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        if context.padding_id == context.number(self.padding_id):
            for builder in reading.ports.values():
                builder.limit_to_valid()
        joined = reading.join(Support.BOTH)
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return compare(input, "!=", context.expression(self.padding_id))
