"""Edits of frames and comments."""

from collections.abc import Mapping
from dataclasses import replace

from builder.commands.editing import clamp_to_canvas, editable_graph, fresh, selected_nodes
from builder.commands.parse_field import clean_text
from builder.document.document import Document, Refused, Selection
from builder.layout.placement import DEFAULT_SIZE
from nodes.core.files.canvas_entries import FARTHEST, MAX_COMMENTS
from nodes.core.graphs.graph import Comment, Point

MARGIN, HEADING = 30.0, 40.0
"""Between a frame and what lies in it, and above that for its text."""

NARROWEST, LOWEST = 60.0, 40.0
COMMENT = 220.0, 90.0
NOTHING: Mapping[str, Point] = {}


def frame(document: Document, sizes: Mapping[str, Point] = NOTHING) -> Document:
    """Draw a frame around the selected nodes, and select it.

    Args:
        document: the document.
        sizes: how large the nodes are; of a usual size where it is not told.
    """
    names, places = selected_nodes(document), document.positions
    boxes = []
    for name in names:
        (x, y), (width, height) = places.get(name, (0.0, 0.0)), sizes.get(name, DEFAULT_SIZE)
        boxes.append((x, y, x + width, y + height))
    left, top = min(box[0] for box in boxes) - MARGIN, min(box[1] for box in boxes) - MARGIN
    right, low = max(box[2] for box in boxes) + MARGIN, max(box[3] for box in boxes) + MARGIN
    top -= HEADING
    made = Comment("", left, top, right - left, low - top, frame=True)
    return _with(document, fresh("frame", document.comments), made)


def comment(document: Document, at: Point, text: str = "") -> Document:
    """Write a comment on the canvas, and select it."""
    editable_graph(document)
    made = Comment(_lines(text), *clamp_to_canvas(at), *COMMENT)
    return _with(document, fresh("comment", document.comments), made)


def _with(document: Document, name: str, comment: Comment) -> Document:
    if sum(map(len, document.model.comments.values())) >= MAX_COMMENTS:
        raise Refused(f"at most {MAX_COMMENTS} frames and comments are kept; remove some")
    document = document.with_comments({**document.comments, name: comment})
    return document.selecting(Selection(comments=frozenset({name})))


def write(document: Document, name: str, text: str) -> Document:
    """Change what a frame or a comment says."""
    changed = replace(_known(document, name), text=_lines(text))
    return document.with_comments({**document.comments, name: changed})


def resize(document: Document, name: str, width: float, height: float) -> Document:
    """Give a frame or a comment another size."""
    changed = replace(
        _known(document, name),
        width=min(max(width, NARROWEST), FARTHEST),
        height=min(max(height, LOWEST), FARTHEST),
    )
    return document.with_comments({**document.comments, name: changed})


def _known(document: Document, name: str) -> Comment:
    editable_graph(document)
    if name not in document.comments:
        raise Refused("this frame or comment is not there any more")
    return document.comments[name]


def _lines(text: str) -> str:
    return clean_text(text).replace("\r\n", "\n")
