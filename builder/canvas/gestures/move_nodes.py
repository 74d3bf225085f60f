"""Move: what is selected goes along with the pointer, and into an edge that it is dropped on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import dist, inf

from builder.canvas.gestures.gesture import LINE_UP, Gesture, GestureContext, Step, finish, told
from builder.canvas.intents import Cancel, Commit, Preview
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.commands import nodes
from builder.document.document import Document, Refused
from builder.document.mapping_diff import changes
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.layout.align import GRID, Rectangle, Snap, snap
from nodes.core.graphs.graph import PortRef

ALONG = 0.35
"""How far from the middle of a card an edge may run for the card to be put on it, of its size."""
AROUND = 800.0
"""How far away a thing may be for what is moved to line up with it, in canvas units."""


@dataclass(frozen=True)
class NodeDrag:
    """What was taken hold of, and where.

    Attributes:
        verb: what the step is called: "Move" or "Duplicate".
        base: the document as it was, the copies in it.
        anchor: the canvas point that was taken hold of.
        still: what there was to see; later, edges make way for what lies on them.
        box: around what is moved.
        moving: the nodes that go along: those selected, and those in selected frames.
        taut: the ends of each edge between what goes along and what stays, in this order.
        lone: the only thing that is moved, if it is a node; else empty.
    """

    verb: str
    base: Document
    anchor: Point
    still: GestureContext
    box: Rectangle
    moving: frozenset[str]
    taut: tuple[tuple[PortEnd, PortEnd], ...]
    lone: str

    @classmethod
    def of(cls, verb: str, base: Document, anchor: Point, still: GestureContext) -> "NodeDrag":
        """Take hold of what is selected, or of copies of it, at a canvas point."""
        chosen = base.selection
        carried = changes(base.positions, nodes.move(base, GRID, GRID).positions).altered
        moving = chosen.nodes | carried
        lone = min(chosen.nodes) if len(chosen.nodes) == 1 and not chosen.comments else ""
        box = still.scene.extent(still.document.selection)
        taut = tuple(_taut(base, moving))
        return cls(verb, base, anchor, still, box, moving, taut, lone)

    def at(self, by: Point) -> Rectangle:
        """Tell where the box is once moved."""
        (left, top), (right, bottom) = self.box
        return (left + by[0], top + by[1]), (right + by[0], bottom + by[1])


def _taut(document: Document, moving: frozenset[str]) -> Iterator[tuple[PortEnd, PortEnd]]:
    for target, source in document.graph.edges.items():
        if (target.node in moving) != (source.node in moving):
            ends = PortEnd(target, is_input=True), PortEnd(source, is_input=False)
            yield ends if target.node in moving else ends[::-1]


@dataclass(frozen=True)
class MoveNodes(Gesture):
    """Move the selected nodes and remarks, or copies of them.

    A node without edges is put on the edge it is dropped on.

    Attributes:
        hold: what was taken hold of.
        by: how far it has moved.
        moved: the document with it moved.
        lit: the edge that the node would be put on now.
        guides: what it is in line with.
    """

    pans = True

    hold: NodeDrag | None = None
    by: Point = (0.0, 0.0)
    moved: Document = field(default_factory=Document)
    lit: PortRef | None = None
    guides: tuple[tuple[Point, Point], ...] = ()

    @classmethod
    def begin(cls, anchor: Point, context: GestureContext) -> Step:
        """Take hold of the selection at a canvas point."""
        base = context.document
        return Step(cls(hold=NodeDrag.of("Move", base, anchor, context), moved=base))

    @classmethod
    def copies(cls, anchor: Point, context: GestureContext) -> Step:
        """Take hold of copies of the selection."""
        base = nodes.duplicate(context.document, (0.0, 0.0))
        return Step(cls(hold=NodeDrag.of("Duplicate", base, anchor, context), moved=base))

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Move along: free with Ctrl held, and past all edges with Alt held."""
        (x, y), anchor = context.camera.to_canvas(event.pixel), self.hold.anchor
        by = x - anchor[0], y - anchor[1]
        drawn = self._drawn(by, context) if context.snap and "ctrl" not in event.held else Snap()
        by = by[0] + drawn.dx, by[1] + drawn.dy
        moved = self.moved if by == self.by else nodes.move(self.hold.base, *by)
        lit = None if "alt" in event.held else self._edge_under(moved, by)
        gone = replace(self, by=by, moved=moved, lit=lit, guides=drawn.guides)
        return Step(gone, () if moved is context.document else (Preview(moved),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Leave it there."""
        gone = self.on_move(Move(event.pixel, event.time, event.held), context).gesture
        if gone.by == (0.0, 0.0):
            return Step(None, (Cancel(),))
        hold = self.hold
        if gone.lit is not None:
            insert = nodes.insert_on_edge
            return finish(f"Insert {hold.lone}", gone.moved, insert, hold.lone, gone.lit)
        return Step(None, (Commit(f"{hold.verb} {told(hold.base.selection)}", gone.moved),))

    def overlay(self, context: GestureContext) -> Overlay:
        """Show what it is in line with, and the edge it would be put on."""
        return Overlay(lit=self.lit, guides=self.guides, busy=True)

    def _drawn(self, by: Point, context: GestureContext) -> Snap:
        """Find the grid, or the neighbours' lines, that it is drawn to."""
        box, camera, scene = self.hold.at(by), context.camera, context.scene
        low = max(box[0][0] - AROUND, camera.low[0]), max(box[0][1] - AROUND, camera.low[1])
        high = min(box[1][0] + AROUND, camera.high[0]), min(box[1][1] + AROUND, camera.high[1])
        standing = context.index.visible(low, high) - self.hold.moving
        others = [(bounds[:2], bounds[2:]) for bounds in map(scene.bounds, standing)]
        return snap(box, others, self._levels(by, context), LINE_UP / camera.zoom)

    def _levels(self, by: Point, context: GestureContext) -> Iterator[tuple[Point, Point]]:
        """Give the ends of each edge between what is moved and what stands, the moved one first."""
        dx, dy = by[0] - self.by[0], by[1] - self.by[1]
        for goes, stays in self.hold.taut:
            here, there = context.scene.at(goes), context.scene.at(stays)
            if here and there:
                yield (here[0] + dx, here[1] + dy), there

    def _edge_under(self, moved: Document, by: Point) -> PortRef | None:
        """Find the edge nearest to the middle of a node that takes it: one without edges."""
        name, still = self.hold.lone, self.hold.still
        if not name or by == (0.0, 0.0):
            return None
        (left, top), (right, bottom) = self.hold.at(by)
        middle = (left + right) / 2, (top + bottom) / 2
        near = ALONG * min(right - left, bottom - top)
        under = still.index.edges_visible((left, top), (right, bottom))
        found = [(distance(middle, still.scene.edges[one].path), one) for one in under]
        fitting = (one for away, one in sorted(found) if away <= near and _fits(moved, name, one))
        return next(fitting, None)


def _fits(document: Document, name: str, target: PortRef) -> bool:
    try:
        nodes.insert_on_edge(document, name, target)
    except Refused:
        return False
    return True


def distance(point: Point, path: tuple[Point, ...]) -> float:
    """Tell how far a point is from a line of straight pieces."""
    nearest = inf
    for (ax, ay), (bx, by) in pairwise(path):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        along = ((point[0] - ax) * dx + (point[1] - ay) * dy) / length if length else 0.0
        along = min(1.0, max(0.0, along))
        nearest = min(nearest, dist(point, (ax + along * dx, ay + along * dy)))
    return nearest
