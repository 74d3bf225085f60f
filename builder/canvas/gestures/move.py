"""Move: what is selected goes along with the pointer, and into an edge that it is dropped on."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from math import dist, inf

from builder.canvas.align import GRID, Rectangle, Snap, snap
from builder.canvas.events import Move, Release
from builder.canvas.gestures.base import LINE_UP, Gesture, Sight, Step, finish, told
from builder.canvas.intents import Cancel, Commit, Preview
from builder.canvas.overlay import End, Overlay
from builder.canvas.shapes import Point
from builder.changes import changes
from builder.commands import nodes
from builder.document import Document, Refused
from nodes.core.graph import PortRef

ALONG = 0.35
"""How far from the middle of a card an edge may run for the card to be put on it, of its size."""


@dataclass(frozen=True)
class MoveNodes(Gesture):
    """Move the selected nodes and remarks, or copies of them.

    A node without edges is put on the edge it is dropped on.

    Attributes:
        base: the document as it was, the copies in it.
        anchor: the canvas point that was taken hold of.
        box: around what is moved, as it was.
        verb: what the step is called: "Move" or "Duplicate".
        by: how far it has moved.
        moved: the document with it moved.
        lit: the edge that the node would be put on now.
        guides: what it is in line with.
    """

    pans = True

    base: Document = field(default_factory=Document)
    anchor: Point = (0.0, 0.0)
    box: Rectangle = ((0.0, 0.0), (0.0, 0.0))
    verb: str = "Move"
    by: Point = (0.0, 0.0)
    moved: Document = field(default_factory=Document)
    lit: PortRef | None = None
    guides: tuple[tuple[Point, Point], ...] = ()

    @classmethod
    def begin(cls, anchor: Point, sight: Sight) -> Step:
        """Take hold of the selection at a canvas point."""
        base, box = sight.document, sight.scene.extent(sight.document.selection)
        return Step(cls(base=base, anchor=anchor, box=box, moved=base))

    @classmethod
    def copies(cls, anchor: Point, sight: Sight) -> Step:
        """Take hold of copies of the selection."""
        base = nodes.duplicate(sight.document, (0.0, 0.0))
        box = sight.scene.extent(sight.document.selection)
        return Step(cls(base=base, anchor=anchor, box=box, verb="Duplicate", moved=base))

    def on_move(self, event: Move, sight: Sight) -> Step:
        """Move along: free with Ctrl held, and past all edges with Alt held."""
        x, y = sight.camera.to_canvas(event.pixel)
        by = x - self.anchor[0], y - self.anchor[1]
        drawn = self._drawn(by, sight) if sight.snap and "ctrl" not in event.held else Snap()
        by = by[0] + drawn.dx, by[1] + drawn.dy
        moved = self.moved if by == self.by else nodes.move(self.base, *by)
        lit = None if "alt" in event.held else self._edge_under(moved, by, sight)
        gone = replace(self, by=by, moved=moved, lit=lit, guides=drawn.guides)
        return Step(gone, () if moved is sight.document else (Preview(moved),))

    def on_end(self, event: Release, sight: Sight) -> Step:
        """Leave it there."""
        gone = self.on_move(Move(event.pixel, event.time, event.held), sight).gesture
        if gone.by == (0.0, 0.0):
            return Step(None, (Cancel(),))
        if gone.lit is not None:
            name = gone._free_node
            return finish(f"Insert {name}", gone.moved, nodes.insert, name, gone.lit)
        return Step(None, (Commit(f"{self.verb} {told(self.base.selection)}", gone.moved),))

    def overlay(self, sight: Sight) -> Overlay:
        """Show what it is in line with, and the edge it would be put on."""
        return Overlay(lit=self.lit, guides=self.guides, busy=True)

    # -- where it is drawn to --------------------------------------------------------------------

    def _at(self, by: Point) -> Rectangle:
        (left, top), (right, bottom) = self.box
        return (left + by[0], top + by[1]), (right + by[0], bottom + by[1])

    def _drawn(self, by: Point, sight: Sight) -> Snap:
        """Find the grid, or the neighbours' lines, that it is drawn to."""
        scene, standing = sight.scene, sight.in_view() - self._moving
        others = [(bounds[:2], bounds[2:]) for bounds in map(scene.bounds, standing)]
        return snap(self._at(by), others, self._levels(by, sight), LINE_UP / sight.camera.zoom)

    def _levels(self, by: Point, sight: Sight) -> Iterator[tuple[Point, Point]]:
        """Give the ends of each edge between what is moved and what stands, the moved one first."""
        ahead = by[0] - self.by[0], by[1] - self.by[1]
        for target, source in self.base.graph.edges.items():
            goes, stays = End(target, is_input=True), End(source, is_input=False)
            if (target.node in self._moving) == (source.node in self._moving):
                continue
            if source.node in self._moving:
                goes, stays = stays, goes
            here, there = sight.scene.at(goes), sight.scene.at(stays)
            if here and there:
                yield (here[0] + ahead[0], here[1] + ahead[1]), there

    @cached_property
    def _moving(self) -> frozenset[str]:
        """The nodes that go along: those selected, and those in selected frames."""
        before = self.base.positions
        after = nodes.move(self.base, GRID, GRID).positions
        return self.base.selection.nodes | changes(before, after).altered

    # -- the edge below --------------------------------------------------------------------------

    @property
    def _free_node(self) -> str:
        """The only node that is moved, if it has no edges; else empty."""
        chosen = self.base.selection
        if len(chosen.nodes) != 1 or chosen.remarks:
            return ""
        (name,) = chosen.nodes
        edges = self.base.graph.edges.items()
        return "" if any(name in (t.node, s.node) for t, s in edges) else name

    def _edge_under(self, moved: Document, by: Point, sight: Sight) -> PortRef | None:
        """Find the edge nearest to the middle of a free node that takes the node."""
        name = self._free_node
        if not name or by == (0.0, 0.0):
            return None
        (left, top), (right, bottom) = self._at(by)
        middle = (left + right) / 2, (top + bottom) / 2
        near = ALONG * min(right - left, bottom - top)
        found = []
        for target in sight.index.edges_visible((left, top), (right, bottom)):
            away = distance(middle, sight.scene.edges[target].path)
            found.append((away, target))
        fitting = (one for away, one in sorted(found) if away <= near and _fits(moved, name, one))
        return next(fitting, None)


def _fits(document: Document, name: str, target: PortRef) -> bool:
    try:
        nodes.insert(document, name, target)
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
