"""A list with keyboard navigation that draws only the rows in view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Generic, TypeVar

import dearpygui.dearpygui as dpg

from builder.dialogs.list_navigation import NAVIGATION_KEYS, next_row
from builder.graphics.shapes import Point
from builder.graphics.theme import Theme, faded
from builder.view.widgets import style
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.tag import Tag
from builder.view.widgets.widget_painter import WidgetPainter

R = TypeVar("R")
PADDING, SCROLLBAR = 10, 12
"""The horizontal padding of a row and the width of the scroll bar, in pixels at scale 1."""


@dataclass(frozen=True, slots=True)
class RowArea:
    """Where a row is drawn in its list, in pixels.

    Attributes:
        left, right: its ends, inside the padding.
        middle: its vertical centre.
        selected: it is the row that Enter activates.
    """

    left: float
    right: float
    middle: float
    selected: bool


class RowList(Generic[R]):
    """A list of rows of the same height.

    Args:
        appearance: the theme and the scale.
        size: its width and height, in pixels at scale 1.
        draw: draws a row.
        on_activate: is called with the index of a row that is clicked, or confirmed by Enter.
        row_height: the height of a row, in pixels at scale 1.
        is_selectable: whether a row can be selected and activated.

    Attributes:
        index: the index of the selected row, or -1.
    """

    def __init__(
        self,
        appearance: tuple[Theme, float],
        size: tuple[float, float],
        draw: Callable[[WidgetPainter, R, RowArea], None],
        on_activate: Callable[[int], object] = lambda _: None,
        row_height: float = 30,
        is_selectable: Callable[[R], bool] = lambda _: True,
    ) -> None:
        self.theme, self.scale = appearance
        self.width, self.height = (round(length * self.scale) for length in size)
        self.draw, self.on_activate, self.is_selectable = draw, on_activate, is_selectable
        self.row_height = round(row_height * self.scale)
        self.rows: Sequence[R] = ()
        self.index = -1
        self._pressed = -1
        self._frames_to_reveal = 0
        self._painted: tuple[int, int, float] | None = None
        self.child = dpg.add_child_window(width=self.width, height=self.height, border=False)
        dpg.bind_item_theme(self.child, style.NO_SPACING)
        self.list = dpg.add_drawlist(self._row_width, max(self.height, 1), parent=self.child)

    @property
    def _row_width(self) -> int:
        """The width of a row: that of the list less the scroll bar, if there is one."""
        scrolls = len(self.rows) * self.row_height > self.height
        return self.width - (round(SCROLLBAR * self.scale) if scrolls else 0)

    @property
    def selected(self) -> R | None:
        """The selected row."""
        return self.rows[self.index] if 0 <= self.index < len(self.rows) else None

    def show(self, rows: Sequence[R], index: int | None = None) -> None:
        """Replace the rows; select the first selectable one if no index is given."""
        self.rows = rows
        first = next((at for at, row in enumerate(rows) if self.is_selectable(row)), -1)
        self.index = first if index is None else min(index, len(rows) - 1)
        self._frames_to_reveal = 2
        self._painted = None
        height = max(len(rows) * self.row_height, self.height - 1, 1)
        dpg.configure_item(self.list, width=self._row_width, height=height)
        if index is None:
            dpg.set_y_scroll(self.child, 0)

    def resize(self, height: float) -> None:
        """Set the height of the list, in pixels at scale 1."""
        self.height = round(height * self.scale)
        self._painted = None
        dpg.configure_item(self.child, height=max(self.height, 1))

    def select(self, index: int) -> None:
        """Select a row and scroll it into view."""
        self.index, self._frames_to_reveal = index, 2

    def activate_selected(self) -> bool:
        """Activate the selected row; return whether there is one."""
        if self.selected is None:
            return False
        self.on_activate(self.index)
        return True

    def key(self, name: str) -> bool:
        """Move the selection; return whether the key does so."""
        if name not in NAVIGATION_KEYS or not self.rows:
            return False
        selectable = [self.is_selectable(row) for row in self.rows]
        page = max(1, self.height // self.row_height - 1)
        self.select(next_row(self.index, name, selectable, page))
        return True

    def press(self, pixel: Point) -> None:
        """Handle a press of the left button."""
        self._pressed = self.row_at(pixel)

    def release(self, pixel: Point) -> None:
        """Activate the row on which the button was both pressed and released."""
        index, pressed = self.row_at(pixel), self._pressed
        self._pressed = -1
        if index >= 0 and index == pressed:
            self.index = index
            self.on_activate(index)

    def row_at(self, pixel: Point) -> int:
        """Return the index of the selectable row at a pixel of the window, or -1."""
        x, y = to_local(self.list, pixel)
        if not (0 <= x < self._row_width and 0 <= y - dpg.get_y_scroll(self.child) < self.height):
            return -1
        index = int(y // self.row_height)
        return index if index < len(self.rows) and self.is_selectable(self.rows[index]) else -1

    def update(self) -> None:
        """Redraw the rows if the selection, the hovered row or the scroll position has changed."""
        if self._frames_to_reveal:
            self._frames_to_reveal -= 1
            self._scroll_into_view()
        scroll = dpg.get_y_scroll(self.child)
        hovered = self.row_at(pointer_position())
        state = self.index, hovered, scroll
        if state != self._painted:
            self._painted = state
            self._paint(scroll, hovered)

    def _scroll_into_view(self) -> None:
        scroll = dpg.get_y_scroll(self.child)
        top, bottom = self.index * self.row_height, (self.index + 1) * self.row_height
        if self.index >= 0 and not scroll <= top <= bottom <= scroll + self.height:
            dpg.set_y_scroll(self.child, top if top < scroll else bottom - self.height)

    def _paint(self, scroll: float, hovered: int) -> None:
        dpg.delete_item(self.list, children_only=True)
        painter = WidgetPainter(self.list, self.theme, self.scale)
        padding = PADDING * self.scale
        first = int(scroll // self.row_height)
        last = min(len(self.rows), int((scroll + self.height) // self.row_height) + 1)
        for index in range(first, last):
            top = index * self.row_height
            low, high = (0, top + 1), (self._row_width, top + self.row_height - 1)
            if index == self.index:
                painter.box(low, high, faded(self.theme.accent, 0.24))
            elif index == hovered:
                painter.box(low, high, self.theme.raised)
            middle = top + self.row_height / 2
            area = RowArea(padding, self._row_width - padding, middle, index == self.index)
            self.draw(painter, self.rows[index], area)


def to_local(item: Tag, pixel: Point) -> Point:
    """Convert a pixel of the window to a draw list; far outside before the list is first drawn."""
    left, top = dpg.get_item_state(item).get("rect_min", (inf, inf))
    return pixel[0] - left, pixel[1] - top
