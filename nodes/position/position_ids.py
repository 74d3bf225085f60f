from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Count
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.field_context import FieldContext, Fields, build
from nodes.core.time.receptive_field import Order
from nodes.position.start_argument import start_argument


class PositionIds(Node):
    """Position ids: the index of each time step, 0 to T - 1.

    output = arange(T) + offset, of shape (T,). With an Embedding that is added to the token
    embeddings it makes learned absolute positions, as in GPT-2; LearnedEncoding does the same in
    one node. Where sequences are padded, PaddedPositionIds counts the valid steps alone.

    Parameters:
        offset: position of the first step.
    """

    category = Category.POSITION
    aliases = ("arange", "range", "index", "position")
    torch = "torch.arange"

    offset: Count = 0

    input = Input("B T ...", "sequence that gives the number of steps", kind=Kind.ANY)
    output = Output("T", "index of each step", kind=Kind.TOKENS)

    def receptive_fields(self, context: FieldContext) -> Fields:
        joined = FieldBuilder()
        joined.order = Order.ADDED
        return {"output": build(joined, [[]])}

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        steps = context.library_call("count_positions", input, *start_argument(context))
        return steps if self.offset == 0 else steps + context.expression(self.offset)
