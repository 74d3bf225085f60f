"""Move or duplicate the selection; a single node can be dropped on an edge to insert it there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from builder.canvas.gestures.gesture import (
    SNAP_DISTANCE,
    Gesture,
    GestureContext,
    Step,
    commit_command,
)
from builder.canvas.intents import Cancel, Commit, Preview
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import LEFT, Modifiers, Move, Release
from builder.canvas.segments import path_distance
from builder.canvas.selection_sets import describe
from builder.commands import nodes
from builder.document.document import Document, Refused
from builder.document.mapping_diff import changes
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.layout.align import GRID, Rectangle, Snap, snap
from nodes.core.graphs.graph import PortRef

MAX_EDGE_DISTANCE = 0.35
"""How far an edge may run from the centre of a card to be a drop target, in sizes of the card."""
SNAP_RANGE = 800.0
"""The distance within which cards are candidates for alignment, in canvas units."""
STILL: Point = (0.0, 0.0)


@dataclass(frozen=True)
class NodeDrag:
    """What is dragged, and from where.

    Attributes:
        verb: the verb of the history label: "Move" or "Duplicate".
        base: the document before the move, with the copies in it.
        anchor: the canvas point where the drag began.
        initial: the context before the move, as edges are routed around the moved cards later.
        box: the bounding box of the dragged items.
        moving: the nodes that move: the selected ones, and those in selected frames.
        boundary_edges: the two ends of each edge between a moving and another node, in this order.
        single_node: the only dragged item, if it is a node; else empty.
    """

    verb: str
    base: Document
    anchor: Point
    initial: GestureContext
    box: Rectangle
    moving: frozenset[str]
    boundary_edges: tuple[tuple[PortEnd, PortEnd], ...]
    single_node: str

    @classmethod
    def of(cls, verb: str, base: Document, anchor: Point, initial: GestureContext) -> Self:
        """Start to drag the selection, or copies of it, at a canvas point."""
        selection = base.selection
        moved = changes(base.positions, nodes.move(base, GRID, GRID).positions).altered
        moving = selection.nodes | moved
        alone = len(selection.nodes) == 1 and not selection.comments
        single_node = min(selection.nodes) if alone else ""
        box = initial.scene.extent(initial.document.selection) or (anchor, anchor)
        boundary_edges = tuple(_boundary_edges(base, moving))
        return cls(verb, base, anchor, initial, box, moving, boundary_edges, single_node)

    def box_at(self, offset: Point) -> Rectangle:
        """Return the bounding box after a move."""
        (left, top), (right, bottom) = self.box
        return (left + offset[0], top + offset[1]), (right + offset[0], bottom + offset[1])


def _boundary_edges(
    document: Document, moving: frozenset[str]
) -> Iterator[tuple[PortEnd, PortEnd]]:
    for target, source in document.graph.edges.items():
        if (target.node in moving) != (source.node in moving):
            ends = PortEnd(target, is_input=True), PortEnd(source, is_input=False)
            yield ends if target.node in moving else ends[::-1]


@dataclass(frozen=True, kw_only=True)
class MoveNodes(Gesture):
    """Move the selected nodes and comments, or copies of them.

    Attributes:
        drag: what is dragged.
        moved: the document after the move.
        offset: the distance of the move.
        highlighted_edge: the edge that the node would be inserted on now.
        guides: the alignment guides.
    """

    auto_pans = True

    button: str = LEFT
    drag: NodeDrag
    moved: Document
    offset: Point = STILL
    highlighted_edge: PortRef | None = None
    guides: tuple[tuple[Point, Point], ...] = ()

    @classmethod
    def begin(cls, anchor: Point, context: GestureContext) -> Step:
        """Start to move the selection at a canvas point."""
        base = context.document
        return Step(cls(drag=NodeDrag.of("Move", base, anchor, context), moved=base))

    @classmethod
    def copies(cls, anchor: Point, context: GestureContext) -> Step:
        """Start to move copies of the selection."""
        base = nodes.duplicate(context.document, STILL)
        return Step(cls(drag=NodeDrag.of("Duplicate", base, anchor, context), moved=base))

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Follow the pointer: Ctrl disables snapping, Alt disables insertion on edges."""
        after = self._moved_to(event.pixel, event.modifiers, context)
        return Step(after, () if after.moved is context.document else (Preview(after.moved),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Commit the move."""
        after, drag = self._moved_to(event.pixel, event.modifiers, context), self.drag
        if after.offset == STILL:
            return Step(None, (Cancel(),))
        if after.highlighted_edge is not None:
            label, target = f"Insert {drag.single_node}", after.highlighted_edge
            return commit_command(
                label, after.moved, nodes.insert_on_edge, drag.single_node, target
            )
        return Step(None, (Commit(f"{drag.verb} {describe(drag.base.selection)}", after.moved),))

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the alignment guides, and the edge that the node would be inserted on."""
        return Overlay(highlighted_edge=self.highlighted_edge, guides=self.guides, busy=True)

    def _moved_to(self, pixel: Point, modifiers: Modifiers, context: GestureContext) -> Self:
        (x, y), anchor = context.camera.to_canvas(pixel), self.drag.anchor
        offset = x - anchor[0], y - anchor[1]
        snapped = Snap()
        if context.snap and "ctrl" not in modifiers:
            snapped = self._snap(offset, context)
        offset = offset[0] + snapped.dx, offset[1] + snapped.dy
        moved = self.moved if offset == self.offset else nodes.move(self.drag.base, *offset)
        return replace(
            self,
            offset=offset,
            moved=moved,
            highlighted_edge=None if "alt" in modifiers else self._edge_under(moved, offset),
            guides=snapped.guides,
        )

    def _snap(self, offset: Point, context: GestureContext) -> Snap:
        """Snap to alignment guides, or to the grid."""
        box, camera, scene = self.drag.box_at(offset), context.camera, context.scene
        (left, top), (right, bottom) = camera.top_left, camera.bottom_right
        low = max(box[0][0] - SNAP_RANGE, left), max(box[0][1] - SNAP_RANGE, top)
        high = min(box[1][0] + SNAP_RANGE, right), min(box[1][1] + SNAP_RANGE, bottom)
        others = context.index.visible_nodes(low, high) - self.drag.moving
        boxes = [(bounds[:2], bounds[2:]) for bounds in map(scene.bounds, others)]
        return snap(box, boxes, self._levels(offset, context), SNAP_DISTANCE / camera.zoom)

    def _levels(self, offset: Point, context: GestureContext) -> Iterator[tuple[Point, Point]]:
        """Return the positions of the ends of each boundary edge, the moving end first."""
        dx, dy = offset[0] - self.offset[0], offset[1] - self.offset[1]
        for moving_end, fixed_end in self.drag.boundary_edges:
            moving, fixed = context.scene.at(moving_end), context.scene.at(fixed_end)
            if moving and fixed:
                yield (moving[0] + dx, moving[1] + dy), fixed

    def _edge_under(self, moved: Document, offset: Point) -> PortRef | None:
        """Find the edge nearest to the centre of an unconnected node that accepts the node."""
        name, initial = self.drag.single_node, self.drag.initial
        if not name or offset == STILL:
            return None
        (left, top), (right, bottom) = self.drag.box_at(offset)
        centre = (left + right) / 2, (top + bottom) / 2
        reach = MAX_EDGE_DISTANCE * min(right - left, bottom - top)
        under = initial.index.visible_edges((left, top), (right, bottom))
        edges = initial.scene.edges
        rank = sorted((path_distance(centre, edges[target].path), target) for target in under)
        fitting = (edge for away, edge in rank if away <= reach and _fits(moved, name, edge))
        return next(fitting, None)


def _fits(document: Document, name: str, target: PortRef) -> bool:
    try:
        nodes.insert_on_edge(document, name, target)
    except Refused:
        return False
    return True
