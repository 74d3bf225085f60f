"""The marks that stand beside names: the bar of a family, and the port of a kind."""

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.theme import Theme
from builder.view.panels.panel import Item
from nodes.core.graphs.port import Kind


def add_bar(colour: Colour, height: int, scale: float, parent: Item = 0) -> Item:
    """Add the coloured bar of a family, in the middle of a line."""
    width = round(4 * scale)
    low = round(height * 0.14)
    with dpg.drawlist(width + round(2 * scale), height, parent=parent) as item:
        dpg.draw_rectangle(
            (0, low), (width, height - low), fill=colour, color=CLEAR, rounding=2 * scale
        )
    return item


def add_port(kind: Kind, filled: bool, theme: Theme, height: int, parent: Item = 0) -> None:
    """Add the mark of a port: its colour and form tell the kind, as on the canvas."""
    colour = theme.kinds[kind]
    x, y, r = height / 2, height / 2, height * 0.26
    look = {"color": colour, "fill": colour if filled else CLEAR, "thickness": 1.5}
    with dpg.drawlist(height, height, parent=parent):
        match kind:
            case Kind.FEATURES:
                dpg.draw_circle((x, y), r, **look)
            case Kind.TOKENS:
                far = r + 1
                dpg.draw_quad((x, y - far), (x + far, y), (x, y + far), (x - far, y), **look)
            case Kind.MASK:
                dpg.draw_rectangle((x - r, y - r), (x + r, y + r), **look)
            case Kind.LENGTHS:
                dpg.draw_triangle((x - r, y - r), (x - r, y + r), (x + r, y), **look)
            case Kind.STATE:
                dpg.draw_polygon(_hexagon(x, y, r), **look)
            case Kind.ANY:
                dpg.draw_circle((x, y), r, color=colour, thickness=2)


def _hexagon(x: float, y: float, r: float) -> list[tuple[float, float]]:
    tall = r * 0.9
    corners = ((-r, 0), (-r / 2, -tall), (r / 2, -tall), (r, 0), (r / 2, tall), (-r / 2, tall))
    points = [(x + dx, y + dy) for dx, dy in corners]
    return [*points, points[0]]
