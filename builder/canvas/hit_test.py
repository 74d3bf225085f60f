"""Hit testing: the item at a point of the canvas, and the items in an area."""

from collections.abc import Mapping
from functools import cached_property
from math import dist, hypot
from operator import itemgetter

from builder.canvas.card import HEADER
from builder.canvas.comment_box import HEADING
from builder.canvas.edge_path import EdgePath
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.overlay import NO_HIT, HitResult
from builder.canvas.scene import Scene
from builder.canvas.segments import path_distance
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.layout.spatial_index import (
    Bounds,
    SpatialIndex,
    bounding_box,
    contains,
    encloses,
    expanded,
    intersect,
)
from nodes.core.graphs.graph import Comment, PortRef

PORT, PORT_WHILE_CONNECTING, EDGE, BORDER, CORNER = 9.0, 20.0, 8.0, 6.0, 14.0
"""The reach of a hit, in pixels."""
INTO_CARD = 16.0
"""The reach of a port in canvas units, so that ports do not cover a small card."""
NEAR_END = 60.0
"""The distance from its target within which an edge is hit near its end, in pixels."""
AROUND_CARD = 24.0
"""How far ports, shadows, stacks and badges extend beyond a card."""


class SceneIndex:
    """Finds the items of a scene; the spatial indices are built on first use.

    Args:
        scene: the scene.
        before: the index of an earlier scene, which is updated.
    """

    def __init__(self, scene: Scene, before: "SceneIndex | None" = None) -> None:
        self.scene = scene
        # An index that was never built is skipped, so that it does not keep older ones alive.
        if before is not None and "_grids" not in vars(before):
            before = before._before
        self._before: SceneIndex | None = before

    # -- at a point ------------------------------------------------------------------------------

    def hit(self, point: Point, zoom: float, connecting: bool = False) -> HitResult:
        """Find the item at a point: a port, else a node, else an edge, else a comment.

        Args:
            point: in canvas units.
            zoom: pixels per canvas unit.
            connecting: an edge is being dragged, so the reach of ports is larger.
        """
        top = self._card(point)
        return (
            self._port(point, zoom, connecting, top)
            or self._on_card(point, top)
            or self._edge(point, zoom)
            or self._comment(point, zoom)
        )

    def _card(self, point: Point) -> str:
        """Find the topmost card."""
        under = self._nodes.touching((*point, *point))
        inside = (name for name in under if contains(self.scene.bounds(name), point))
        return max(inside, key=self._rank.__getitem__, default="")

    def _on_card(self, point: Point, name: str) -> HitResult:
        if not name:
            return NO_HIT
        return HitResult(node=name, title=point[1] < self.scene.positions[name][1] + HEADER)

    def _port(self, point: Point, zoom: float, connecting: bool, top: str) -> HitResult:
        """Find the nearest port that no card covers."""
        if detail_at(zoom) is Detail.BOX and not connecting:
            return NO_HIT
        reach = PORT_WHILE_CONNECTING / zoom if connecting else min(PORT / zoom, INTO_CARD)
        (x, y), rank = point, self._rank
        found: list[tuple[float, int, PortEnd]] = []
        for name in self._nodes.touching((x - reach, y - reach, x + reach, y + reach)):
            if top and rank[top] > rank[name]:
                continue
            left, upper = self.scene.positions[name]
            for port in self.scene.nodes[name].ports:
                distance = hypot(left + port.x - x, upper + port.y - y)
                if distance <= reach:
                    found.append((distance, -rank[name], port.end))
        return HitResult(end=min(found, key=itemgetter(0, 1))[2]) if found else NO_HIT

    def _edge(self, point: Point, zoom: float) -> HitResult:
        """Find the nearest edge."""
        reach, (x, y) = EDGE / zoom, point
        near = self._edges.touching((x - reach, y - reach, x + reach, y + reach))
        labels = detail_at(zoom) is Detail.FULL
        rank = sorted(
            (_distance(self.scene.edges[target], point, labels), target) for target in near
        )
        if not rank or rank[0][0] > reach:
            return NO_HIT
        edge = self.scene.edges[rank[0][1]]
        end = dist(point, edge.points[-1])
        return HitResult(edge=edge.target, near_end=end <= min(NEAR_END / zoom, 0.4 * edge.length))

    def _comment(self, point: Point, zoom: float) -> HitResult:
        """Find the topmost comment, or frame by its heading or border."""
        for name, comment in reversed(list(self.scene.comments.items())):
            reach = BORDER / zoom
            outer = expanded(_box(comment), reach if comment.frame else 0.0)
            if not contains(outer, point):
                continue
            _, _, right, bottom = _box(comment)
            corner = CORNER / zoom
            if point[0] >= right - corner and point[1] >= bottom - corner:
                return HitResult(comment=name, corner=True)
            inner = (
                comment.x + reach,
                comment.y + max(HEADING, reach),
                right - reach,
                bottom - reach,
            )
            if not (comment.frame and contains(inner, point)):
                return HitResult(comment=name)
        return NO_HIT

    # -- in an area ------------------------------------------------------------------------------

    def select_in_box(self, low: Point, high: Point) -> Selection:
        """Select the nodes and comments that a box touches, and the edges and frames inside it."""
        area = _area(low, high)
        nodes = self._nodes.touching(area)
        edges, comments = self.scene.edges, self.scene.comments
        return Selection(
            frozenset(name for name in nodes if intersect(self.scene.bounds(name), area)),
            frozenset(
                target
                for target in self._edges.touching(area)
                if encloses(edges[target].bounds, area)
            ),
            frozenset(
                name
                for name, comment in comments.items()
                if (encloses if comment.frame else intersect)(_box(comment), area)
            ),
        )

    def visible_nodes(self, low: Point, high: Point) -> set[str]:
        """Find the nodes of which any part is visible in a box."""
        return self._nodes.touching(expanded(_area(low, high), AROUND_CARD))

    def visible_edges(self, low: Point, high: Point) -> set[PortRef]:
        """Find the edges of which any part is visible in a box."""
        return self._edges.touching(expanded(_area(low, high), AROUND_CARD))

    # -- indices ---------------------------------------------------------------------------------

    @cached_property
    def _rank(self) -> Mapping[str, int]:
        """The z-order of the nodes."""
        return {name: rank for rank, name in enumerate(self.scene.nodes)}

    @property
    def _nodes(self) -> SpatialIndex[str]:
        return self._grids[0]

    @property
    def _edges(self) -> SpatialIndex[PortRef]:
        return self._grids[1]

    @cached_property
    def _grids(self) -> tuple[SpatialIndex[str], SpatialIndex[PortRef]]:
        before, self._before = self._before, None
        nodes, edges = before._grids if before else (SpatialIndex(), SpatialIndex())
        old, new = before.scene if before else Scene(), self.scene
        return (
            nodes.changed(
                old.nodes.keys() - new.nodes.keys(),
                {name: new.bounds(name) for name in new.nodes if not _same_card(name, old, new)},
            ),
            edges.changed(
                old.edges.keys() - new.edges.keys(),
                {
                    target: _visible_bounds(edge)
                    for target, edge in new.edges.items()
                    if old.edges.get(target) is not edge
                },
            ),
        )


def _same_card(name: str, old: Scene, new: Scene) -> bool:
    same = old.nodes.get(name) is new.nodes[name]
    return same and old.positions[name] == new.positions[name]


def _area(corner: Point, opposite: Point) -> Bounds:
    """Return the box between two corners."""
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(corner, opposite, strict=True))
    return left, top, right, bottom


def _box(comment: Comment) -> Bounds:
    return comment.x, comment.y, comment.x + comment.width, comment.y + comment.height


def _visible_bounds(edge: EdgePath) -> Bounds:
    """Return the bounds of an edge and its label."""
    return bounding_box((edge.bounds, edge.label_box or edge.bounds))


def _distance(edge: EdgePath, point: Point, labels: bool) -> float:
    """Return the distance from a point to an edge, its label included."""
    if labels and edge.label_box and contains(edge.label_box, point):
        return 0.0
    return path_distance(point, edge.path)
