"""Draws the parts that lists, cards and messages are made of."""

from functools import partial

import dearpygui.dearpygui as dpg

from builder.dialogs.list_navigation import shortened
from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.theme import Theme, faded
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import shown


def measure(text: str, font: str = "regular") -> float:
    """Tell how wide a line of text is, in pixels."""
    return (dpg.get_text_size(text, font=fonts.tag(font)) or (0, 0))[0]


class WidgetDrawing:
    """Draws into a draw list, layer or node.

    Attributes:
        parent: where to.
        theme: the colours.
        scale: how large everything is; lengths are given as they are at 1.
    """

    def __init__(self, parent: int | str, theme: Theme, scale: float) -> None:
        self.parent, self.theme, self.scale = parent, theme, scale

    def text(
        self,
        at: tuple[float, float],
        text: str,
        font: str = "regular",
        colour: Colour | None = None,
        most: float | None = None,
    ) -> float:
        """Write a line whose middle lies at a height; tell where it ends, in pixels.

        Args:
            at: the left end, and the height of the middle, in pixels.
            text: any text.
            font: the name of a font.
            colour: its colour; that of text if none is given.
            most: the width in pixels from which on it is cut.
        """
        text = shown(text)
        if most is not None:
            text = shortened(text, most, partial(measure, font=font))
        size = fonts.size(font, self.scale)
        item = dpg.draw_text(
            (round(at[0]), round(at[1] - size / 2)),
            text,
            size=size,
            color=colour or self.theme.text,
            parent=self.parent,
        )
        dpg.bind_item_font(item, fonts.tag(font))
        return at[0] + measure(text, font)

    def text_before(
        self,
        at: tuple[float, float],
        text: str,
        font: str = "regular",
        colour: Colour | None = None,
    ) -> float:
        """Write a line that ends at a point; tell where it begins, in pixels."""
        left = at[0] - measure(shown(text), font)
        self.text((left, at[1]), text, font, colour)
        return left

    def box(
        self,
        low: tuple[float, float],
        high: tuple[float, float],
        fill: Colour,
        line: Colour = CLEAR,
        radius: float = 6,
    ) -> None:
        """Draw a rectangle with rounded corners, its ends in pixels."""
        dpg.draw_rectangle(
            low, high, fill=fill, color=line, rounding=radius * self.scale, parent=self.parent
        )

    def bar(self, x: float, middle: float, colour: Colour, height: float = 16) -> None:
        """Draw the coloured bar of a family."""
        half, width = height / 2 * self.scale, 4 * self.scale
        self.box((x, middle - half), (x + width, middle + half), colour, radius=2)

    def keys(self, right: float, middle: float, keys: str) -> float:
        """Draw the keys of an action as caps that end at a place; tell where they begin."""
        gap, pad, half = 4 * self.scale, 6 * self.scale, 10 * self.scale
        for key in reversed(caps(keys)):
            width = max(measure(key, "small") + 2 * pad, 2 * half)
            left = round(right - width)
            self.box(
                (left, middle - half),
                (right, middle + half),
                CLEAR,
                faded(self.theme.faint, 0.55),
                5,
            )
            inner = left + (right - left - measure(key, "small")) / 2
            self.text((inner, middle), key, "small", self.theme.quiet)
            right = left - gap
        return right

    def rule(self, left: float, right: float, y: float) -> None:
        """Draw a thin line across."""
        dpg.draw_line((left, y), (right, y), color=self.theme.line, parent=self.parent)


_ARROWS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Escape": "Esc", "Delete": "Del"}


def caps(keys: str) -> list[str]:
    """Name the caps of a key such as ``Ctrl+Shift+Left``."""
    return [_ARROWS.get(key, key) for key in keys.split("+")]
