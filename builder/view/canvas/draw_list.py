"""Draws shapes into a layer or node of a plot, whose zoom scales them."""

from collections.abc import Iterable, Iterator

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import (
    CLEAR,
    Box,
    Curve,
    Disc,
    Line,
    Point,
    Polygon,
    Shape,
    Text,
)
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import shown

Tag = int | str

SEGMENTS = 28
"""How many straight pieces a curve is made of."""


def ink(shapes: Iterable[Shape], parent: Tag) -> int:
    """Draw shapes one over the other; tell how many there were."""
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
    item = dpg.draw_text(
        (text.x, text.y), shown(text.text), size=text.size, color=text.colour, parent=parent
    )
    dpg.bind_item_font(item, fonts.tag(text.font))


def _disc(disc: Disc, parent: Tag) -> None:
    centre, radius = (disc.x, disc.y), disc.radius
    if disc.line[3] and disc.fill[3]:
        # The zoom does not scale the outline of a circle; so it is a disc under the other.
        _full(centre, radius + disc.thickness / 2, disc.line, parent)
        radius -= disc.thickness / 2
    if disc.fill[3]:
        _full(centre, radius, disc.fill, parent)
    else:
        dpg.draw_circle(centre, radius, color=disc.line, thickness=disc.thickness, parent=parent)


def _full(centre: Point, radius: float, colour: tuple[int, ...], parent: Tag) -> None:
    dpg.draw_circle(centre, radius, fill=colour, color=CLEAR, parent=parent)


def _polygon(polygon: Polygon, parent: Tag) -> None:
    for part in _parts(polygon.points):
        draw = dpg.draw_quad if len(part) == 4 else dpg.draw_triangle
        draw(*part, fill=polygon.fill, color=CLEAR, parent=parent)
    if polygon.line[3]:
        dpg.draw_polyline(
            polygon.points,
            color=polygon.line,
            thickness=polygon.thickness,
            closed=True,
            parent=parent,
        )


def _parts(points: tuple[Point, ...]) -> Iterator[tuple[Point, ...]]:
    """Part a polygon into triangles and quadrangles: plots fill no others in the right place."""
    if len(points) <= 4:
        yield points
        return
    # Parts fade out towards each other: the second time, what they cover is parted elsewhere.
    for corners in (points, (*points[1:], points[0])):
        for first in range(1, len(corners) - 1, 2):
            yield corners[0], *corners[first : first + 3]


def _curve(curve: Curve, parent: Tag) -> None:
    for first in range(0, len(curve.points) - 1, 3):
        points = curve.points[first : first + 4]
        style = {"color": curve.colour, "thickness": curve.thickness, "parent": parent}
        if len({y for _, y in points}) == 1:
            dpg.draw_line(points[0], points[3], **style)
        else:
            dpg.draw_bezier_cubic(*points, segments=SEGMENTS, **style)
