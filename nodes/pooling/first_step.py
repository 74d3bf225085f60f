from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import Support
from nodes.core.time.field_context import FieldContext, Fields
from nodes.core.time.receptive_field import Order
from nodes.core.time.time_fields import select


class FirstStep(Node):
    """First step: the vector of the first step, such as that of a classification token.

    output[b] = input[b, 0]: (B, T, C) gives (B, C). As in BERT, where the first token (CLS) attends
    to the whole sequence; under a causal mask the first step has seen nothing but itself.

    Reference:
        Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
        Understanding", 2018, section 3, arXiv:1810.04805
    """

    category = Category.POOLING
    aliases = ("cls", "first token", "start")

    input = Input("B T C", "sequence of vectors")
    output = Output("B C", "vector of the first step")

    def receptive_fields(self, context: FieldContext) -> Fields:
        reading = context.read()
        select(reading, "T", 0)
        joined = reading.join(Support.EITHER)
        joined.order = Order.USED
        return {"output": context.result("output", reading, joined)}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return input[:, 0]
