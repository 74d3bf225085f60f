"""Line segments: the distance to a point, and intersection."""

from itertools import pairwise
from math import hypot

from builder.graphics.shapes import Point

Segment = tuple[Point, Point]


def path_distance(point: Point, path: tuple[Point, ...]) -> float:
    """Return the distance from a point to a polyline."""
    return min(_segment_distance(point, segment) for segment in pairwise(path))


def _segment_distance(point: Point, segment: Segment) -> float:
    (x, y), ((ax, ay), (bx, by)) = point, segment
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = ((x - ax) * dx + (y - ay) * dy) / square if square else 0.0
    t = min(1.0, max(0.0, t))
    return hypot(ax + t * dx - x, ay + t * dy - y)


def intersect(first: Segment, second: Segment) -> bool:
    """Return whether two segments intersect; collinear segments do not."""

    def side(segment: Segment, point: Point) -> float:
        (ax, ay), (bx, by) = segment
        return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)

    across = side(first, second[0]) * side(first, second[1])
    back = side(second, first[0]) * side(second, first[1])
    return across <= 0 and back <= 0 and (across, back) != (0, 0)
