"""The markers beside names: the coloured bar of a category, and the symbol of a port."""

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import CLEAR, Colour, Point
from builder.graphics.theme import Theme
from builder.view.widgets.tag import Tag
from nodes.core.graphs.port import Kind


def add_bar(colour: Colour, height: int, scale: float, parent: Tag = 0) -> Tag:
    """Add a coloured bar, vertically centred in a line of a height in pixels."""
    width = round(4 * scale)
    low = round(height * 0.14)
    with dpg.drawlist(width + round(2 * scale), height, parent=parent) as item:
        dpg.draw_rectangle(
            (0, low), (width, height - low), fill=colour, color=CLEAR, rounding=2 * scale
        )
    return item


def add_port_marker(kind: Kind, filled: bool, theme: Theme, height: int, parent: Tag = 0) -> None:
    """Add the symbol of a port: its colour and shape depend on the kind, as on the canvas."""
    with dpg.drawlist(height, height, parent=parent):
        _draw_symbol(kind, theme.kinds[kind], filled, height)


def _draw_symbol(kind: Kind, colour: Colour, filled: bool, height: int) -> None:
    x, y, r = height / 2, height / 2, height * 0.26
    fill, line = colour if filled else CLEAR, 1.5
    match kind:
        case Kind.FEATURES:
            dpg.draw_circle((x, y), r, color=colour, fill=fill, thickness=line)
        case Kind.TOKENS:
            d = r + 1
            left, top, right, bottom = (x - d, y), (x, y - d), (x + d, y), (x, y + d)
            dpg.draw_quad(top, right, bottom, left, color=colour, fill=fill, thickness=line)
        case Kind.MASK:
            low, high = (x - r, y - r), (x + r, y + r)
            dpg.draw_rectangle(low, high, color=colour, fill=fill, thickness=line)
        case Kind.LENGTHS:
            corners = (x - r, y - r), (x - r, y + r), (x + r, y)
            dpg.draw_triangle(*corners, color=colour, fill=fill, thickness=line)
        case Kind.STATE:
            dpg.draw_polygon(_hexagon(x, y, r), color=colour, fill=fill, thickness=line)
        case Kind.ANY:
            dpg.draw_circle((x, y), r, color=colour, thickness=2)


def _hexagon(x: float, y: float, r: float) -> list[Point]:
    """Return the corners of a closed hexagon."""
    h = r * 0.9
    corners = ((-r, 0), (-r / 2, -h), (r / 2, -h), (r, 0), (r / 2, h), (-r / 2, h))
    points = [(x + dx, y + dy) for dx, dy in corners]
    return [*points, points[0]]
