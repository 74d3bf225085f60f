"""The path of an edge from port to port, and its shape label."""

from dataclasses import dataclass
from functools import cached_property
from math import dist

from builder.canvas.card_model import format_size
from builder.canvas.edge_routing import bezier
from builder.graphics.shapes import Point
from builder.graphics.text_metrics import SHAPE, width
from builder.layout.spatial_index import Bounds
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind, TensorSpec

STEPS = 16
"""The number of line segments that approximate a curve."""
LABEL_CLEARANCE = 12.0
"""How much longer than its label an edge must be for the label to be shown."""
PAD = 4.0
"""The padding of a label, left and right of its text."""
MAX_LEVEL_SLOPE, LABEL_OFFSET = 3.0, 10.0
"""An edge that rises less than this is level: its label lies this far above it."""


@dataclass(frozen=True)
class EdgePath:
    """An edge, routed.

    Attributes:
        target: the input port at which it ends.
        source: the output port at which it begins.
        points: a chain of cubic Bezier curves, in canvas units: 4 points for the first, 3 for each
            further one.
        label: the shape of its tensor, such as "B T 512"; empty if unknown.
        label_at: the centre of the label.
        kind: the kind of its tensor.
        bad: its target has an error.
        waiting: its shape is unknown because of the problem of a node.
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
        """The edge as a polyline."""
        path = [self.points[0]]
        for first in range(0, len(self.points) - 1, 3):
            curve = self.points[first : first + 4]
            path += [bezier(curve, step / STEPS) for step in range(1, STEPS + 1)]
        return tuple(path)

    @cached_property
    def length(self) -> float:
        """The length of the path."""
        return sum(map(dist, self.path, self.path[1:]))

    @cached_property
    def bounds(self) -> Bounds:
        """The bounding box of the path."""
        # A single curve lies within the box of its control points.
        points = self.points if len(self.points) == 4 else self.path
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    @cached_property
    def label_box(self) -> Bounds | None:
        """The box of the label; None if there is no label, or no room for it between the ports."""
        half = width(self.label, SHAPE.size, SHAPE.font) / 2
        if (
            not self.label
            or 0 <= self.points[-1][0] - self.points[0][0] < 2 * half + LABEL_CLEARANCE
        ):
            return None
        x, y = self.label_at
        return x - half - PAD, y - 8, x + half + PAD, y + 8


def label_position(points: tuple[Point, ...]) -> Point:
    """Find the centre of the label: the middle of the edge, or above it if the edge is level."""
    first = (len(points) - 1) // 3 // 2 * 3
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[first : first + 4]
    offset = LABEL_OFFSET if abs(ay - dy) < MAX_LEVEL_SLOPE else 0.0
    return (ax + 3 * (bx + cx) + dx) / 8, (ay + 3 * (by + cy) + dy) / 8 - offset


def shape_label(spec: TensorSpec | None, sizes: dict[str, int]) -> str:
    """Format a shape, with hyperparameters replaced by their values: ``B T 512``."""
    if spec is None:
        return ""
    return " ".join(format_size(size, sizes).replace(" ", "") for size in spec.shape)
