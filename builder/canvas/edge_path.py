"""Edges: the curves from port to port, and the shape written on them."""

from dataclasses import dataclass
from functools import cached_property
from math import dist

from builder.canvas.card_model import written
from builder.canvas.edge_routing import bezier, route
from builder.graphics.shapes import Point
from builder.graphics.text_metrics import SHAPE, width
from builder.layout.spatial_index import Bounds
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind, TensorSpec

STEPS = 16
"""How many straight pieces a curve is measured by."""
ROOM = 12.0
"""How much longer than its label an edge has to be."""
PAD = 4.0
"""How far the pill of a label reaches beyond its text."""
LEVEL, ABOVE = 3.0, 10.0
"""How far an edge may slope to be level, and how far above it the label is then."""


@dataclass(frozen=True)
class EdgePath:
    """An edge.

    Attributes:
        target: the input port at which it ends.
        source: the output port at which it begins.
        points: cubic Bezier curves one after the other, canvas units: 4 points, and 3 for each
            that follows.
        label: the shape it carries, such as "B T 512"; empty where that is not known.
        label_at: the middle of the label.
        kind: what it carries.
        bad: a problem sits at its target.
        waiting: nothing goes through it, because of the problem of a node.
    """

    target: PortRef
    source: PortRef
    points: tuple[Point, ...]
    label: str
    label_at: Point
    kind: Kind
    bad: bool = False
    waiting: bool = False

    @cached_property
    def path(self) -> tuple[Point, ...]:
        """The edge as a line of straight pieces."""
        found = [self.points[0]]
        for first in range(0, len(self.points) - 1, 3):
            curve = self.points[first : first + 4]
            found += [bezier(curve, step / STEPS) for step in range(1, STEPS + 1)]
        return tuple(found)

    @cached_property
    def length(self) -> float:
        """How long it is."""
        return sum(map(dist, self.path, self.path[1:]))

    @cached_property
    def bounds(self) -> Bounds:
        """The least box around it."""
        # Between ports that face each other, a curve stays between them: nothing to measure.
        on = self.points if len(self.points) == 4 else self.path
        across, down = [x for x, _ in on], [y for _, y in on]
        return min(across), min(down), max(across), max(down)

    @cached_property
    def label_box(self) -> Bounds | None:
        """The pill of the label; None without one, or where the ports leave no room for it."""
        half = width(self.label, SHAPE.size, SHAPE.font) / 2
        if not self.label or 0 <= self.points[-1][0] - self.points[0][0] < 2 * half + ROOM:
            return None
        x, y = self.label_at
        return x - half - PAD, y - 8, x + half + PAD, y + 8


def middle(points: tuple[Point, ...]) -> Point:
    """Find the place for the label: on the middle of the edge, or above it where it is level."""
    first = (len(points) - 1) // 3 // 2 * 3
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[first : first + 4]
    above = ABOVE if abs(ay - dy) < LEVEL else 0.0
    return (ax + 3 * (bx + cx) + dx) / 8, (ay + 3 * (by + cy) + dy) / 8 - above


def label(spec: TensorSpec | None, sizes: dict[str, int]) -> str:
    """Write a shape in short, with the present values of hyperparameters: ``B T 512``."""
    if spec is None:
        return ""
    return " ".join(written(size, sizes).replace(" ", "") for size in spec.shape)


__all__ = ["Bounds", "EdgePath", "bezier", "label", "middle", "route"]
