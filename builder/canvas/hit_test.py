"""What lies at a point of the canvas, and what lies in a part of it."""

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from math import dist, hypot
from operator import itemgetter

from builder.canvas.card import HEADER
from builder.canvas.comment_box import HEADING
from builder.canvas.edge_path import EdgePath
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.overlay import EMPTY, HitResult
from builder.canvas.scene import Scene
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

PORT, PORT_WHILE_WIRING, EDGE, BORDER, CORNER = 9.0, 20.0, 8.0, 6.0, 14.0
"""How near is near enough, in pixels."""
INTO_CARD = 16.0
"""How far a port reaches at most, in canvas units, so that much of a small card is its node's."""
NEAR_END = 60.0
"""How far from its target an edge is taken by its end, in pixels."""
AROUND_CARD = 24.0
"""How far ports, shadows, stacks and badges stand out from a card."""


class Index:
    """Finds things in a scene; what it sorts, it sorts when it is first asked.

    Args:
        scene: the scene.
        before: the index of a scene that this one shares most with.
    """

    def __init__(self, scene: Scene, before: "Index | None" = None) -> None:
        self.scene = scene
        # One that nobody asked has sorted nothing, and must not keep all before it alive.
        self._before = before if before is None or "_grids" in vars(before) else before._before

    # -- what is at a point ----------------------------------------------------------------------

    def hit(self, point: Point, zoom: float, wide: bool = False) -> HitResult:
        """Tell what lies at a point: a port before a node, then an edge, then a remark.

        Args:
            point: where, in canvas units.
            zoom: pixels a unit.
            wide: an edge is being drawn, so ports are found from farther away.
        """
        top = self._card(point)
        return (
            self._port(point, zoom, wide, top)
            or self._on_card(point, top)
            or self._edge(point, zoom)
            or self._remark(point, zoom)
        )

    def _card(self, point: Point) -> str:
        """Find the topmost card at a point."""
        under = self._nodes.touching((*point, *point))
        inside = (name for name in under if contains(self.scene.bounds(name), point))
        return max(inside, key=self._rank.__getitem__, default="")

    def _on_card(self, point: Point, name: str) -> HitResult:
        if not name:
            return EMPTY
        return HitResult(node=name, title=point[1] < self.scene.positions[name][1] + HEADER)

    def _port(self, point: Point, zoom: float, wide: bool, top: str) -> HitResult:
        """Find the nearest port that no other card covers."""
        if detail_at(zoom) is Detail.BOX and not wide:
            return EMPTY
        reach = PORT_WHILE_WIRING / zoom if wide else min(PORT / zoom, INTO_CARD)
        (x, y), rank = point, self._rank
        found: list[tuple[float, int, PortEnd]] = []
        for name in self._nodes.touching((x - reach, y - reach, x + reach, y + reach)):
            if top and rank[top] > rank[name]:
                continue
            left, upper = self.scene.positions[name]
            for port in self.scene.nodes[name].ports:
                away = hypot(left + port.x - x, upper + port.y - y)
                if away <= reach:
                    found.append((away, -rank[name], port.end))
        return HitResult(end=min(found, key=itemgetter(0, 1))[2]) if found else EMPTY

    def _edge(self, point: Point, zoom: float) -> HitResult:
        """Find the nearest edge."""
        reach, (x, y) = EDGE / zoom, point
        near = self._edges.touching((x - reach, y - reach, x + reach, y + reach))
        labels = detail_at(zoom) is Detail.FULL
        ranked = sorted((_distance(self.scene.edges[one], point, labels), one) for one in near)
        if not ranked or ranked[0][0] > reach:
            return EMPTY
        edge = self.scene.edges[ranked[0][1]]
        end = dist(point, edge.points[-1])
        return HitResult(edge=edge.target, near_end=end <= min(NEAR_END / zoom, 0.4 * edge.length))

    def _remark(self, point: Point, zoom: float) -> HitResult:
        """Find the topmost comment, or frame by its heading or border."""
        for name, one in reversed(self.scene.comments.items()):
            reach = BORDER / zoom
            outer = expanded(_box(one), reach if one.frame else 0.0)
            if not contains(outer, point):
                continue
            right, bottom = one.x + one.width, one.y + one.height
            corner = CORNER / zoom
            if point[0] >= right - corner and point[1] >= bottom - corner:
                return HitResult(comment=name, corner=True)
            inner = one.x + reach, one.y + max(HEADING, reach), right - reach, bottom - reach
            if not (one.frame and contains(inner, point)):
                return HitResult(comment=name)
        return EMPTY

    # -- what is in an area ----------------------------------------------------------------------

    def inside(self, low: Point, high: Point) -> Selection:
        """Select what a box takes: cards and comments it touches, edges and frames it holds."""
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
                for name, one in comments.items()
                if (encloses if one.frame else intersect)(_box(one), area)
            ),
        )

    def visible(self, low: Point, high: Point) -> set[str]:
        """Find the nodes of which anything is seen in a part of the canvas."""
        return self._nodes.touching(expanded(_area(low, high), AROUND_CARD))

    def edges_visible(self, low: Point, high: Point) -> set[PortRef]:
        """Find the edges of which anything is seen in a part of the canvas."""
        return self._edges.touching(expanded(_area(low, high), AROUND_CARD))

    # -- what is sorted ---------------------------------------------------------------------------

    @cached_property
    def _rank(self) -> Mapping[str, int]:
        """How far up each node lies."""
        return {name: place for place, name in enumerate(self.scene.nodes)}

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
                    target: _seen(edge)
                    for target, edge in new.edges.items()
                    if old.edges.get(target) is not edge
                },
            ),
        )


def _same_card(name: str, old: Scene, new: Scene) -> bool:
    same = old.nodes.get(name) is new.nodes[name]
    return same and old.positions[name] == new.positions[name]


def _area(one: Point, other: Point) -> Bounds:
    """Make the box between two corners."""
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(one, other, strict=True))
    return left, top, right, bottom


def _box(comment: Comment) -> Bounds:
    return comment.x, comment.y, comment.x + comment.width, comment.y + comment.height


def _seen(edge: EdgePath) -> Bounds:
    """Tell where an edge and its label are."""
    return bounding_box((edge.bounds, edge.label_box or edge.bounds))


def _distance(edge: EdgePath, point: Point, labels: bool) -> float:
    """Tell how far a point is from an edge; on its label, it is on the edge."""
    if labels and edge.label_box and contains(edge.label_box, point):
        return 0.0
    return min(_from_piece(point, one, other) for one, other in pairwise(edge.path))


def _from_piece(point: Point, one: Point, other: Point) -> float:
    """Tell how far a point is from a straight piece."""
    (x, y), (ax, ay), (bx, by) = point, one, other
    across, down = bx - ax, by - ay
    square = across * across + down * down
    along = ((x - ax) * across + (y - ay) * down) / square if square else 0.0
    along = min(1.0, max(0.0, along))
    return hypot(ax + along * across - x, ay + along * down - y)
