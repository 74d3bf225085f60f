"""Frames and comments: where their text stands and where they are taken hold of."""

from builder.graphics.text_metrics import BODY, TITLE, shortened, wrapped
from nodes.core.graphs.graph import Comment, Point

HEADING = 36.0
"""How high the heading of a frame is, by which it is moved."""
INSET = 14.0
LINE = 22.0
"""How far the lines of a comment lie apart."""
MORE = "…"


def heading(comment: Comment) -> str:
    """Write the heading of a frame, as far as there is room."""
    text = next(wrapped(comment.text.partition("\n")[0], float("inf"), TITLE))
    return shortened(text, comment.width - 2 * INSET, TITLE.size, TITLE.font)


def lines(comment: Comment) -> list[tuple[Point, str]]:
    """Break the text of a comment into lines, as many as there is room for, and place them."""
    room = max(1, int((comment.height - 2 * INSET + LINE - BODY.size) / LINE))
    found = list(wrapped(comment.text, comment.width - 2 * INSET, BODY))
    if len(found) > room:
        found = [*found[: room - 1], f"{found[room - 1].rstrip(MORE)}{MORE}"]
    return [((INSET, INSET + LINE * row), text) for row, text in enumerate(found)]
