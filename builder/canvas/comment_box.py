"""The layout of frames and comments: their heading, their lines of text."""

from builder.graphics.text_metrics import BODY, TITLE, shortened, wrapped
from nodes.core.graphs.graph import Comment, Point

HEADING = 36.0
"""The height of a frame's heading, by which the frame is dragged."""
INSET = 14.0
"""Between the border and the text."""
LINE = 22.0
"""The line height of a comment."""
MORE = "…"


def heading(comment: Comment) -> str:
    """Return the heading of a frame, shortened to its width."""
    text = next(wrapped(comment.text.partition("\n")[0], float("inf"), TITLE))
    return shortened(text, comment.width - 2 * INSET, TITLE.size, TITLE.font)


def lines(comment: Comment) -> list[tuple[Point, str]]:
    """Wrap the text of a comment, as many lines as fit, each with its position."""
    max_lines = max(1, int((comment.height - 2 * INSET + LINE - BODY.size) / LINE))
    wrapped_lines = list(wrapped(comment.text, comment.width - 2 * INSET, BODY))
    if len(wrapped_lines) > max_lines:
        last = wrapped_lines[max_lines - 1].rstrip(MORE)
        wrapped_lines = [*wrapped_lines[: max_lines - 1], f"{last}{MORE}"]
    return [((INSET, INSET + LINE * row), text) for row, text in enumerate(wrapped_lines)]
