"""Carry: a node comes from the palette and is dropped on the canvas."""

from dataclasses import dataclass, field

from builder.canvas.card import NodeCard
from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, finish, refuse
from builder.canvas.intents import Ask, Cancel
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Escape, Event, Move, PaletteMove
from builder.canvas.scene import SceneMaker
from builder.commands import edges, nodes
from builder.dialogs.dialog import AddNode
from builder.document.document import READ_ONLY, Document, Refused
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.layout.align import on_grid
from builder.search.compatibility import compatible_items
from builder.search.search import SearchItem, all_items
from nodes.core.graphs.graph import Graph, PortRef

GAP = 60.0
"""How far from a port the node that is connected to it is put."""
GRIP = 24.0
"""How far below its upper side a node is carried."""


@dataclass(frozen=True)
class Landing:
    """What would become of the node if it were dropped now.

    Attributes:
        at: where its upper left corner would be.
        end: the port that it would be connected to.
        port: its own port for that.
        edge: the edge that it would be put on.
        node: the node that it would take the place of.
        reason: why it cannot be dropped here.
    """

    at: Point = (0.0, 0.0)
    end: PortEnd | None = None
    port: str = ""
    edge: PortRef | None = None
    node: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PaletteDrag(Gesture):
    """Show where a node would go, and add it where it is dropped.

    Attributes:
        type: what is carried: a node type, or ``block:`` and a name.
        landing: where it would go.
        pixel: where the pointer is.
    """

    button: str = ""
    type: str = ""
    landing: Landing = field(default_factory=Landing)
    pixel: Point = (0.0, 0.0)

    def concerns(self, event: Event) -> bool:
        """Tell whether the node is still carried; the pointer that moves on has left it."""
        if isinstance(event, Move):
            return event.pixel == self.pixel
        return isinstance(event, PaletteMove | Escape)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the node where it would be, and what it would be joined to."""
        to = self.landing
        return Overlay(
            ghost=None if to.node else (self.type, to.at),
            snapped=to.end,
            lit=to.edge,
            tip=to.reason or (f"takes the place of {to.node}" if to.node else ""),
            busy=True,
        )


def carry(event: PaletteMove, context: GestureContext) -> Step:
    """Carry a node on, or drop it."""
    entry = find_entry(context.document, event.type)
    if not context.editable:
        landing = Landing(context.camera.to_canvas(event.pixel), reason=READ_ONLY)
    elif entry is None:
        reason = f"{event.type} cannot be part of this graph"
        landing = Landing(context.camera.to_canvas(event.pixel), reason=reason)
    else:
        landing = _landing(entry, event, context)
    if event.dropped:
        return _drop(entry, landing, event.pixel, context.document)
    return Step(PaletteDrag(type=event.type, landing=landing, pixel=event.pixel))


def find_entry(document: Document, key: str) -> SearchItem | None:
    """Find what can be added under a key of the palette."""
    return next((entry for entry in all_items(document) if entry.key == key), None)


def _landing(entry: SearchItem, event: PaletteMove, context: GestureContext) -> Landing:
    """Tell what lies under the pointer: first a port, then a node, an edge, empty canvas."""
    point = context.camera.to_canvas(event.pixel)
    card = _card(entry, context)
    at = point[0] - card.size[0] / 2, point[1] - GRIP
    if context.snap and "ctrl" not in event.held:
        at = on_grid(at[0]), on_grid(at[1])
    hit = context.index.hit(point, context.camera.zoom, wide=True)
    if hit.end:
        offered = compatible_items(context.document, hit.end, context.checked)
        port = next((one.port for one in offered if one.key == entry.key), "")
        if not port:
            return Landing(at, reason=f"{entry.name} does not fit {hit.end.ref}")
        return Landing(_beside(card, port, hit.end, context), hit.end, port)
    if hit.edge and "alt" not in event.held:
        try:
            nodes.add_on_edge(context.document, entry.node, hit.edge, at)
        except Refused as refused:
            return Landing(at, reason=str(refused))
        return Landing(at, edge=hit.edge)
    return Landing(at, node=hit.node)


def _card(entry: SearchItem, context: GestureContext) -> NodeCard:
    """Draw the card that the node will have."""
    alone = Graph({entry.name: entry.node})
    scene = SceneMaker().make(alone, {}, {}, context.document.model, None, None, "")
    return scene.nodes[entry.name]


def _beside(card: NodeCard, port: str, end: PortEnd, context: GestureContext) -> Point:
    """Put a card beside a port, so that the edge between them runs straight."""
    x, y = context.scene.at(end)
    own = card.find(PortEnd(PortRef(card.name, port), not end.is_input))
    down = own.y if own else GRIP
    return (x - GAP - card.size[0] if end.is_input else x + GAP), y - down


def _drop(entry: SearchItem | None, to: Landing, pixel: Point, document: Document) -> Step:
    if to.reason or entry is None:
        return refuse(to.reason)
    if to.node:
        return Step(None, (Cancel(), Ask(AddNode(to.at, pixel, replace=to.node))))
    if to.edge is not None:
        label = f"Insert {entry.name}"
        return finish(label, document, nodes.add_on_edge, entry.node, to.edge, to.at)
    if to.end is not None:
        return finish(f"Add {entry.name}", document, _add_connected, entry, to)
    return finish(f"Add {entry.name}", document, nodes.add, entry.node, to.at)


def _add_connected(document: Document, entry: SearchItem, to: Landing) -> Document:
    """Add a node and draw the edge between it and a port."""
    added = nodes.add(document, entry.node, to.at)
    (name,) = added.graph.nodes.keys() - document.graph.nodes.keys()
    own = PortRef(name, to.port)
    source, target = (own, to.end.ref) if to.end.is_input else (to.end.ref, own)
    return edges.connect(added, source, target)
