"""The marks of ports: each kind has a shape of its own, for those who see no colours."""

from math import cos, pi, sin

from builder.graphics.shapes import Colour, Disc, Point, Polygon, Shape
from nodes.core.graphs.port import Kind

RADIUS = 5.0
RIM = 1.8
"""How much of its ground lies around a mark, so that it stands off from edges and borders."""
STROKE = 1.7
"""How thick the outline of a hollow mark is."""

# Each as (corners, turn in corners, size): larger than a disc, to look as large as one.
_POLYGONS = {
    Kind.TOKENS: (4, 0.0, 1.26),
    Kind.MASK: (4, 0.5, 1.28),
    Kind.LENGTHS: (3, 0.0, 1.34),
    Kind.STATE: (6, 0.5, 1.14),
}


def marker(
    kind: Kind, at: Point, colour: Colour, ground: Colour, solid: bool = True, size: float = 1.0
) -> tuple[Shape, ...]:
    """Draw the mark of a port.

    Args:
        kind: what goes through it: a disc for features, a diamond for token ids, a square for a
            mask, a triangle for lengths, a hexagon for a state, a ring for anything.
        at: its middle.
        colour: of the mark.
        ground: of what is around it, and in it where it is hollow.
        solid: something is connected.
        size: how much larger than usual.
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
