"""Drag a node from the palette and drop it on the canvas."""

from dataclasses import dataclass, field

from builder.canvas.card import NodeCard
from builder.canvas.gestures.gesture import (
    Gesture,
    GestureContext,
    Step,
    commit_command,
    refuse,
)
from builder.canvas.intents import Cancel, OpenDialog
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
from nodes.library.library import with_library

GAP = 60.0
"""Between a port and the node that is connected to it."""
GRAB_OFFSET = 24.0
"""From the top of a dragged card to the pointer."""


@dataclass(frozen=True)
class PaletteDrop:
    """What a drop would do now.

    Attributes:
        at: the upper left corner of the new card.
        end: the port that the node would be connected to.
        port: the port of the node for that edge.
        edge: the edge that the node would be inserted on.
        node: the node that it would replace.
        reason: why it cannot be dropped.
    """

    at: Point = (0.0, 0.0)
    end: PortEnd | None = None
    port: str = ""
    edge: PortRef | None = None
    node: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PaletteDrag(Gesture):
    """Show where a node would be added, and add it on drop.

    Attributes:
        type: the key of the palette item: a node type, or ``block:`` and a name.
        drop: what a drop would do now.
        pixel: the position of the pointer.
    """

    button: str = ""
    type: str = ""
    drop: PaletteDrop = field(default_factory=PaletteDrop)
    pixel: Point = (0.0, 0.0)

    def continues(self, event: Event) -> bool:
        """Return whether the drag continues; a move of the mouse alone means that it ended."""
        if isinstance(event, Move):
            return event.pixel == self.pixel
        return isinstance(event, PaletteMove | Escape)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the card, and what it would be connected to."""
        drop = self.drop
        return Overlay(
            ghost=None if drop.node else (self.type, drop.at),
            snapped=drop.end,
            highlighted_edge=drop.edge,
            tooltip=drop.reason or (f"replace {drop.node}" if drop.node else ""),
            busy=True,
        )


def drag_from_palette(event: PaletteMove, context: GestureContext) -> Step:
    """Drag a node, or drop it."""
    item = find_search_item(context.document, event.type)
    if not context.editable:
        drop = PaletteDrop(context.camera.to_canvas(event.pixel), reason=READ_ONLY)
    elif item is None:
        reason = f"{event.type} cannot be added to this graph"
        drop = PaletteDrop(context.camera.to_canvas(event.pixel), reason=reason)
    else:
        drop = _find_drop(item, event, context)
    if event.dropped:
        return _commit_drop(item, drop, event.pixel, context.document)
    return Step(PaletteDrag(type=event.type, drop=drop, pixel=event.pixel))


def find_search_item(document: Document, key: str) -> SearchItem | None:
    """Find the item with a key among all that can be added."""
    return next((item for item in all_items(document) if item.key == key), None)


def _find_drop(item: SearchItem, event: PaletteMove, context: GestureContext) -> PaletteDrop:
    """Find the drop target under the pointer: a port, else a node, an edge, or the canvas."""
    point = context.camera.to_canvas(event.pixel)
    card = _card(item, context)
    at = point[0] - card.size[0] / 2, point[1] - GRAB_OFFSET
    if context.snap and "ctrl" not in event.modifiers:
        at = on_grid(at[0]), on_grid(at[1])
    hit = context.index.hit(point, context.camera.zoom, connecting=True)
    if hit.end:
        offered = compatible_items(context.document, hit.end, context.checked)
        port = next((offer.port for offer in offered if offer.key == item.key), "")
        if not port:
            return PaletteDrop(at, reason=f"{item.name} does not fit {hit.end.ref}")
        return PaletteDrop(_beside(card, port, hit.end, context) or at, hit.end, port)
    if hit.edge and "alt" not in event.modifiers:
        try:
            nodes.add_on_edge(context.document, item.node, hit.edge, at)
        except Refused as refused:
            return PaletteDrop(at, reason=str(refused))
        return PaletteDrop(at, edge=hit.edge)
    return PaletteDrop(at, node=hit.node)


def _card(item: SearchItem, context: GestureContext) -> NodeCard:
    """Lay out the card of the new node."""
    alone = Graph({item.name: item.node})
    model = with_library(context.document.model)
    scene = SceneMaker().make(alone, {}, {}, model, None, None, "")
    return scene.nodes[item.name]


def _beside(card: NodeCard, port: str, end: PortEnd, context: GestureContext) -> Point | None:
    """Place a card beside a port, so that the edge between them is straight."""
    at = context.scene.at(end)
    if at is None:
        return None
    own = card.find(PortEnd(PortRef(card.name, port), not end.is_input))
    y = own.y if own else GRAB_OFFSET
    return (at[0] - GAP - card.size[0] if end.is_input else at[0] + GAP), at[1] - y


def _commit_drop(
    item: SearchItem | None, drop: PaletteDrop, pixel: Point, document: Document
) -> Step:
    if drop.reason or item is None:
        return refuse(drop.reason)
    if drop.node:
        return Step(None, (Cancel(), OpenDialog(AddNode(drop.at, pixel, replace=drop.node))))
    if drop.edge is not None:
        label = f"Insert {item.name}"
        return commit_command(label, document, nodes.add_on_edge, item.node, drop.edge, drop.at)
    label = f"Add {item.name}"
    if drop.end is not None:
        return commit_command(label, document, _add_connected, item, drop, drop.end)
    return commit_command(label, document, nodes.add, item.node, drop.at)


def _add_connected(
    document: Document, item: SearchItem, drop: PaletteDrop, end: PortEnd
) -> Document:
    """Add a node and connect it to a port."""
    added = nodes.add(document, item.node, drop.at)
    (name,) = added.graph.nodes.keys() - document.graph.nodes.keys()
    own = PortRef(name, drop.port)
    source, target = (own, end.ref) if end.is_input else (end.ref, own)
    return edges.connect(added, source, target)
