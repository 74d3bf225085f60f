"""Port markers: each kind has its own shape, recognizable without colour."""

from math import cos, pi, sin

from builder.graphics.shapes import Colour, Disc, Point, Polygon, Shape
from nodes.core.graphs.port import Kind

RADIUS = 5.0
RIM = 1.8
"""The width of the border in the background colour, which separates a marker from edges."""
STROKE = 1.7
"""The width of the outline of a hollow marker."""

# (corners, rotation in corners, scale): scaled to look as large as a disc.
_POLYGONS = {
    Kind.TOKENS: (4, 0.0, 1.26),
    Kind.MASK: (4, 0.5, 1.28),
    Kind.LENGTHS: (3, 0.0, 1.34),
    Kind.STATE: (6, 0.5, 1.14),
}


def marker(
    kind: Kind, at: Point, colour: Colour, ground: Colour, solid: bool = True, size: float = 1.0
) -> tuple[Shape, ...]:
    """Draw the marker of a port.

    Args:
        kind: features are a disc, token ids a diamond, a mask a square, lengths a triangle, a
            state a hexagon, and any kind a ring.
        at: the centre.
        colour: the colour of the marker.
        ground: the background colour, around the marker and inside a hollow one.
        solid: the port is connected.
        size: the scale.
    """
    radius = RADIUS * size
    parts = [_filled(kind, at, radius + RIM, ground), _filled(kind, at, radius, colour)]
    if kind is Kind.ANY or not solid:
        hole = radius * 0.42 if solid else radius - STROKE
        parts.append(_filled(kind, at, hole, ground))
    return tuple(parts)


def _filled(kind: Kind, at: Point, radius: float, colour: Colour) -> Shape:
    x, y = at
    if kind not in _POLYGONS:
        return Disc(x, y, radius, colour)
    corners, turn, larger = _POLYGONS[kind]
    angles = [2 * pi * (corner + turn) / corners for corner in range(corners)]
    reach = radius * larger
    return Polygon(tuple((x + reach * cos(a), y + reach * sin(a)) for a in angles), colour)
