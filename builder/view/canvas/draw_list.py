"""Draws shapes into a layer or draw node of a plot, whose zoom scales them."""

from collections.abc import Iterable, Iterator

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import (
    CLEAR,
    Box,
    Colour,
    Curve,
    Disc,
    Line,
    Point,
    Polygon,
    Shape,
    Text,
)
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag

SEGMENTS = 28
"""The number of line segments that approximate a Bézier curve."""


def draw_shapes(shapes: Iterable[Shape], parent: Tag) -> int:
    """Draw shapes from back to front; return their number."""
    count = 0
    for shape in shapes:
        count += 1
        match shape:
            case Box():
                _box(shape, parent)
            case Text():
                _text(shape, parent)
            case Disc():
                _disc(shape, parent)
            case Polygon():
                _polygon(shape, parent)
            case Line(points, colour, thickness):
                dpg.draw_polyline(points, color=colour, thickness=thickness, parent=parent)
            case Curve():
                _curve(shape, parent)
    return count


def _box(box: Box, parent: Tag) -> None:
    dpg.draw_rectangle(
        (box.x, box.y),
        (box.x + box.width, box.y + box.height),
        fill=box.fill,
        color=box.line,
        thickness=box.thickness,
        rounding=box.radius,
        parent=parent,
    )


def _text(text: Text, parent: Tag) -> None:
    shown = sanitize(text.text, font=text.font)
    item = dpg.draw_text((text.x, text.y), shown, size=text.size, color=text.colour, parent=parent)
    dpg.bind_item_font(item, fonts.tag(text.font))


def _disc(disc: Disc, parent: Tag) -> None:
    centre, radius = (disc.x, disc.y), disc.radius
    if disc.line[3] and disc.fill[3]:
        # The zoom does not scale the outline of a circle, so a larger disc below replaces it.
        _filled_circle(centre, radius + disc.thickness / 2, disc.line, parent)
        radius -= disc.thickness / 2
    if disc.fill[3]:
        _filled_circle(centre, radius, disc.fill, parent)
    else:
        dpg.draw_circle(centre, radius, color=disc.line, thickness=disc.thickness, parent=parent)


def _filled_circle(centre: Point, radius: float, colour: Colour, parent: Tag) -> None:
    dpg.draw_circle(centre, radius, fill=colour, color=CLEAR, parent=parent)


def _polygon(polygon: Polygon, parent: Tag) -> None:
    for corners in _triangulate(polygon.points):
        match corners:
            case [a, b, c, d]:
                dpg.draw_quad(a, b, c, d, fill=polygon.fill, color=CLEAR, parent=parent)
            case [a, b, c]:
                dpg.draw_triangle(a, b, c, fill=polygon.fill, color=CLEAR, parent=parent)
    if polygon.line[3]:
        dpg.draw_polyline(
            polygon.points,
            color=polygon.line,
            thickness=polygon.thickness,
            closed=True,
            parent=parent,
        )


def _triangulate(points: tuple[Point, ...]) -> Iterator[tuple[Point, ...]]:
    """Divide a polygon into triangles and quads: plots misplace all other filled polygons."""
    if len(points) <= 4:
        yield points
        return
    # Antialiasing leaves seams between the parts, so a second division covers them.
    for corners in (points, (*points[1:], points[0])):
        for first in range(1, len(corners) - 1, 2):
            yield corners[0], *corners[first : first + 3]


def _curve(curve: Curve, parent: Tag) -> None:
    colour, thickness = curve.colour, curve.thickness
    for first in range(0, len(curve.points) - 1, 3):
        a, b, c, d = curve.points[first : first + 4]
        if a[1] == b[1] == c[1] == d[1]:
            dpg.draw_line(a, d, color=colour, thickness=thickness, parent=parent)
        else:
            dpg.draw_bezier_cubic(
                a, b, c, d, color=colour, thickness=thickness, parent=parent, segments=SEGMENTS
            )
