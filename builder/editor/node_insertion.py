"""Puts what was searched for where the search was opened: on the canvas, on an edge, at a port."""

from builder.commands import edges, nodes
from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.search.search import SearchItem
from nodes.core.graphs.graph import Point, PortRef

GRID = 10.0
_TITLE: Point = (80.0, 20.0)
_BEFORE: Point = (180.0, 50.0)
_BEHIND: Point = (0.0, 50.0)


def insert(document: Document, entry: SearchItem, dialog: AddNode) -> Document:
    """Add a node, and connect it to what the search was opened from.

    Raises:
        Refused: it does not fit there.
    """
    if dialog.replace:
        return nodes.replace_type(document, dialog.replace, entry.node)
    if dialog.edge is not None:
        return nodes.add_on_edge(document, entry.node, dialog.edge, _near(dialog.at, _TITLE))
    if dialog.source is not None:
        added, name = _added(document, entry, _near(dialog.at, _BEHIND))
        return edges.connect(added, dialog.source, PortRef(name, entry.port))
    if dialog.target is not None:
        added, name = _added(document, entry, _near(dialog.at, _BEFORE))
        return edges.connect(added, PortRef(name, entry.port), dialog.target)
    return _added(document, entry, _near(dialog.at, _TITLE))[0]


def _added(document: Document, entry: SearchItem, at: Point) -> tuple[Document, str]:
    added = nodes.add(document, entry.node, at)
    (name,) = added.selection.nodes
    return added, name


def _near(at: Point, shift: Point) -> Point:
    """Put a corner so that the pointer lies on the node, on the grid."""
    x, y = (round((a - b) / GRID) * GRID for a, b in zip(at, shift, strict=True))
    return x, y
