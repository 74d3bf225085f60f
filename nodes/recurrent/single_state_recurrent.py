"""The base of the recurrent networks without a cell state."""

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr
from nodes.recurrent.recurrent import Recurrent


class SingleStateRecurrent(Recurrent):
    """A recurrent network without a cell state."""

    is_base = True

    def forward(
        self, context: EmitContext, input: Expr, lengths: Expr | None, initial_hidden: Expr | None
    ) -> Expr:
        return self.run(context, input, lengths, context.cached_state or initial_hidden)
