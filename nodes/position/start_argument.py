"""The position of the first step, for positional encodings."""

from nodes.core.graphs.emit_context import EmitContext
from nodes.core.graphs.python_expression import Expr


def start_argument(context: EmitContext) -> tuple[Expr, ...]:
    """Return the argument for the position of the first step, if it is not zero."""
    return () if context.start is None else (context.start,)


def start_keyword(context: EmitContext) -> dict[str, Expr]:
    """Return the argument for the position of the first step, by its name, if it is not zero."""
    return {} if context.start is None else {"start": context.start}
