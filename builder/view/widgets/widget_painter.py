"""Draws the elements of lists, cards and notifications."""

from functools import partial

import dearpygui.dearpygui as dpg

from builder.dialogs.list_navigation import shortened
from builder.graphics.shapes import CLEAR, Colour, Point
from builder.graphics.theme import Theme, faded
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag


def text_width(text: str, font: str = "regular") -> float:
    """Measure a line of text, in pixels; 0 before the fonts are loaded."""
    size = dpg.get_text_size(text, font=fonts.tag(font))
    return size[0] if size else 0


class WidgetPainter:
    """Draws into a draw list, layer or node.

    Attributes:
        parent: the item that is drawn into.
        theme: the colours.
        scale: the scale of the user interface; lengths are given at scale 1 unless in pixels.
    """

    def __init__(self, parent: Tag, theme: Theme, scale: float) -> None:
        self.parent, self.theme, self.scale = parent, theme, scale

    def text(
        self,
        position: Point,
        text: str,
        font: str = "regular",
        colour: Colour | None = None,
        max_width: float | None = None,
    ) -> float:
        """Draw a line of text, vertically centred; return its right end, in pixels.

        Args:
            position: the left end and the vertical centre, in pixels.
            text: any text.
            font: the name of a font.
            colour: the text colour of the theme by default.
            max_width: the width in pixels to which the text is shortened.
        """
        text = sanitize(text)
        if max_width is not None:
            text = shortened(text, max_width, partial(text_width, font=font))
        size = fonts.size(font, self.scale)
        item = dpg.draw_text(
            (round(position[0]), round(position[1] - size / 2)),
            text,
            size=size,
            color=colour or self.theme.text,
            parent=self.parent,
        )
        dpg.bind_item_font(item, fonts.tag(font))
        return position[0] + text_width(text, font)

    def text_right_aligned(
        self, position: Point, text: str, font: str = "regular", colour: Colour | None = None
    ) -> float:
        """Draw a line of text that ends at a position; return its left end, in pixels."""
        left = position[0] - text_width(sanitize(text), font)
        self.text((left, position[1]), text, font, colour)
        return left

    def box(
        self, low: Point, high: Point, fill: Colour, line: Colour = CLEAR, radius: float = 6
    ) -> None:
        """Draw a rectangle with rounded corners between two corners in pixels."""
        dpg.draw_rectangle(
            low, high, fill=fill, color=line, rounding=radius * self.scale, parent=self.parent
        )

    def bar(self, x: float, middle: float, colour: Colour, height: float = 16) -> None:
        """Draw a coloured bar, such as that of a node category."""
        half, width = height / 2 * self.scale, 4 * self.scale
        self.box((x, middle - half), (x + width, middle + half), colour, radius=2)

    def key_caps(self, right: float, middle: float, keys: str) -> float:
        """Draw a key binding as key caps that end at ``right``; return their left end."""
        gap, padding, half = 4 * self.scale, 6 * self.scale, 10 * self.scale
        for key in reversed(key_labels(keys)):
            width = max(text_width(key, "small") + 2 * padding, 2 * half)
            left = round(right - width)
            self.box(
                (left, middle - half),
                (right, middle + half),
                CLEAR,
                faded(self.theme.faint, 0.55),
                5,
            )
            text_left = left + (right - left - text_width(key, "small")) / 2
            self.text((text_left, middle), key, "small", self.theme.quiet)
            right = left - gap
        return right

    def separator(self, left: float, right: float, y: float) -> None:
        """Draw a thin horizontal line."""
        dpg.draw_line((left, y), (right, y), color=self.theme.line, parent=self.parent)


_KEY_LABELS = {
    "Left": "←",
    "Right": "→",
    "Up": "↑",
    "Down": "↓",
    "Escape": "Esc",
    "Delete": "Del",
}


def key_labels(keys: str) -> list[str]:
    """Split a key binding such as ``Ctrl+Shift+Left`` into the labels of its key caps."""
    return [_KEY_LABELS.get(key, key) for key in keys.split("+")]
