"""Moving a sequence along its time axis."""

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.parameter_types import Size, Whole
from nodes.core.graphs.port import Input, Kind, Output
from nodes.core.graphs.python_expression import Expr


class ShiftRight(Node):
    """Move a sequence to the right, so that each step sees only what came before it.

    Parameters:
        steps: how far it is moved.
        fill: what takes the place of the first steps, such as the id of a start token.
    """

    category = Category.RESHAPE
    aliases = ("delay", "lag", "teacher forcing", "start token", "roll")

    steps: Size = 1
    fill: Whole = 0

    input = Input("B T ...", "the sequence", kind=Kind.ANY)
    output = Output("B T ...", "the sequence, moved", kind=Kind.ANY)

    def forward(self, context: EmitContext, input: Expr) -> Expr:
        return context.library_call("shift_right", input, **self.changed("steps", "fill"))
