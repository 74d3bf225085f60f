"""Commands on comments and frames."""

from collections.abc import Mapping
from dataclasses import replace

from builder.commands.editing import clamp_to_canvas, editable_graph, selected_nodes, unique_name
from builder.commands.parse_field import clean_text
from builder.document.document import Document, Refused, Selection
from builder.layout.placement import DEFAULT_SIZE
from nodes.core.files.canvas_entries import FARTHEST, MAX_COMMENTS
from nodes.core.graphs.graph import Comment, Point

FRAME_MARGIN, FRAME_HEADING = 30.0, 40.0
"""Between a frame and its content, and additionally above that for its text."""

MIN_WIDTH, MIN_HEIGHT = 60.0, 40.0
COMMENT_SIZE = 220.0, 90.0
_NO_SIZES: Mapping[str, Point] = {}


def frame(document: Document, sizes: Mapping[str, Point] = _NO_SIZES) -> Document:
    """Draw a frame around the selected nodes, and select it.

    Args:
        document: the document.
        sizes: the sizes of the nodes, with a default for those that are missing.
    """
    names, positions = selected_nodes(document), document.positions
    boxes = []
    for name in names:
        (x, y), (width, height) = positions.get(name, (0.0, 0.0)), sizes.get(name, DEFAULT_SIZE)
        boxes.append((x, y, x + width, y + height))
    left = min(box[0] for box in boxes) - FRAME_MARGIN
    top = min(box[1] for box in boxes) - FRAME_MARGIN - FRAME_HEADING
    right = max(box[2] for box in boxes) + FRAME_MARGIN
    bottom = max(box[3] for box in boxes) + FRAME_MARGIN
    drawn = Comment("", left, top, right - left, bottom - top, frame=True)
    return _add(document, unique_name("frame", document.comments), drawn)


def comment(document: Document, at: Point, text: str = "") -> Document:
    """Add a comment, and select it."""
    editable_graph(document)
    written = Comment(_clean_lines(text), *clamp_to_canvas(at), *COMMENT_SIZE)
    return _add(document, unique_name("comment", document.comments), written)


def _add(document: Document, name: str, comment: Comment) -> Document:
    count = sum(map(len, document.model.comments.values())) + 1
    if count > MAX_COMMENTS:
        raise Refused(
            f"expected at most {MAX_COMMENTS} comments and frames, got {count}; remove some"
        )
    document = document.with_comments({**document.comments, name: comment})
    return document.selecting(Selection(comments=frozenset({name})))


def set_text(document: Document, name: str, text: str) -> Document:
    """Change the text of a comment or frame."""
    changed = replace(_require_comment(document, name), text=_clean_lines(text))
    return document.with_comments({**document.comments, name: changed})


def resize(document: Document, name: str, width: float, height: float) -> Document:
    """Change the size of a comment or frame."""
    changed = replace(
        _require_comment(document, name),
        width=min(max(width, MIN_WIDTH), FARTHEST),
        height=min(max(height, MIN_HEIGHT), FARTHEST),
    )
    return document.with_comments({**document.comments, name: changed})


def _require_comment(document: Document, name: str) -> Comment:
    editable_graph(document)
    if name not in document.comments:
        raise Refused("the comment or frame no longer exists")
    return document.comments[name]


def _clean_lines(text: str) -> str:
    return clean_text(text).replace("\r\n", "\n")
