"""Insert the node that was chosen in the search dialog: on the canvas, on an edge, at a port."""

from builder.commands import edges, nodes
from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.layout.align import GRID
from builder.search.search import SearchItem
from nodes.core.graphs.graph import Point, PortRef

# From the upper left corner of the new card to the point where the dialog was opened.
_TITLE: Point = (80.0, 20.0)
_OUTPUT_SIDE: Point = (180.0, 50.0)
_INPUT_SIDE: Point = (0.0, 50.0)


def insert(document: Document, item: SearchItem, dialog: AddNode) -> Document:
    """Add a node, and connect it to the port or edge that the dialog was opened on.

    Raises:
        Refused: the node does not fit there.
    """
    if dialog.replace:
        return nodes.replace_type(document, dialog.replace, item.node)
    if dialog.edge is not None:
        return nodes.add_on_edge(document, item.node, dialog.edge, _corner(dialog.at, _TITLE))
    if dialog.source is not None:
        added, name = _added(document, item, _corner(dialog.at, _INPUT_SIDE))
        return edges.connect(added, dialog.source, PortRef(name, item.port))
    if dialog.target is not None:
        added, name = _added(document, item, _corner(dialog.at, _OUTPUT_SIDE))
        return edges.connect(added, PortRef(name, item.port), dialog.target)
    return _added(document, item, _corner(dialog.at, _TITLE))[0]


def _added(document: Document, item: SearchItem, at: Point) -> tuple[Document, str]:
    added = nodes.add(document, item.node, at)
    (name,) = added.selection.nodes
    return added, name


def _corner(at: Point, offset: Point) -> Point:
    """Return the upper left corner, on the grid, that puts ``at`` at an offset from it."""
    x, y = (round((a - b) / GRID) * GRID for a, b in zip(at, offset, strict=True))
    return x, y
