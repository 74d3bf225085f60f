"""The base of one step of a recurrent network without a cell state."""

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.port import Output
from nodes.core.graphs.python_expression import Expr
from nodes.recurrent.recurrent_cell import RecurrentCell


class SingleStateCell(RecurrentCell):
    """One step of a recurrent network without a cell state."""

    is_base = True

    output = Output("B hidden_size", "hidden state after the step")

    def forward(self, context: EmitContext, input: Expr, hidden: Expr) -> Expr:
        return context.call(context.layer, input, hidden)
