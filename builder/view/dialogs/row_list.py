"""A list that the keyboard walks through; only the rows that are seen are drawn."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Generic, TypeVar

import dearpygui.dearpygui as dpg

from builder.dialogs.list_navigation import NAVIGATION_KEYS, next_row
from builder.graphics.theme import Theme, faded
from builder.view.widgets import style
from builder.view.widgets.draw_context import WidgetDrawing

R = TypeVar("R")
Draw = Callable[[WidgetDrawing, R, "Area"], None]


class Area:
    """Where a row lies in its list, in pixels.

    Attributes:
        left, right: its ends, inside the margin.
        middle: the height of its middle.
        chosen: it is the one that Enter takes.
    """

    def __init__(self, left: float, right: float, middle: float, chosen: bool) -> None:
        self.left, self.right, self.middle, self.chosen = left, right, middle, chosen


class RowList(Generic[R]):
    """A list of rows of one height.

    Args:
        theme, scale: how it looks.
        size: its width and height, in units.
        draw: draws a row.
        picked: is called with the place of a row that was clicked.
        row: how high a row is, in units.
        free: tells whether a row can be chosen.
    """

    def __init__(
        self,
        look: tuple[Theme, float],
        size: tuple[float, float],
        draw: Draw,
        picked: Callable[[int], object] = lambda _: None,
        row: float = 30,
        free: Callable[[R], bool] = lambda _: True,
    ) -> None:
        self.theme, self.scale = look
        self.width, self.height = (round(one * self.scale) for one in size)
        self.draw, self.picked, self.free = draw, picked, free
        self.row = round(row * self.scale)
        self.rows: Sequence[R] = ()
        self.at = -1
        self._pressed = -1
        self._reveal = 0
        self._painted: tuple | None = None
        self.child = dpg.add_child_window(width=self.width, height=self.height, border=False)
        dpg.bind_item_theme(self.child, style.TIGHT)
        self.list = dpg.add_drawlist(self._inner, max(self.height, 1), parent=self.child)

    @property
    def _inner(self) -> int:
        """How wide rows are: the rest is for the scroll bar."""
        long = len(self.rows) * self.row > self.height
        return self.width - (round(12 * self.scale) if long else 0)

    @property
    def chosen(self) -> R | None:
        """The chosen row."""
        return self.rows[self.at] if 0 <= self.at < len(self.rows) else None

    def show(self, rows: Sequence[R], at: int | None = None) -> None:
        """Show other rows; the first that can be is chosen if none is given."""
        self.rows = rows
        first = next((place for place, one in enumerate(rows) if self.free(one)), -1)
        self.at = first if at is None else min(at, len(rows) - 1)
        self._reveal = 2
        self._painted = None
        dpg.configure_item(
            self.list, width=self._inner, height=max(len(rows) * self.row, self.height - 1, 1)
        )
        if at is None:
            dpg.set_y_scroll(self.child, 0)

    def resize(self, height: float) -> None:
        """Be another height, in units."""
        self.height = round(height * self.scale)
        self._painted = None
        dpg.configure_item(self.child, height=max(self.height, 1))

    def choose(self, at: int) -> None:
        """Choose a row and bring it into view."""
        self.at, self._reveal = at, 2

    def key(self, name: str) -> bool:
        """Walk; tell whether the key does so."""
        if name not in NAVIGATION_KEYS or not self.rows:
            return False
        free = [self.free(one) for one in self.rows]
        self.choose(next_row(self.at, name, free, max(1, self.height // self.row - 1)))
        return True

    def press(self, pixel: tuple[float, float]) -> None:
        """Take note of where the button goes down."""
        self._pressed = self.row_at(pixel)

    def release(self, pixel: tuple[float, float]) -> None:
        """Pick the row on which the button went down and came up."""
        at, pressed = self.row_at(pixel), self._pressed
        self._pressed = -1
        if at >= 0 and at == pressed:
            self.at = at
            self.picked(at)

    def row_at(self, pixel: tuple[float, float]) -> int:
        """Tell which row that can be chosen lies at a pixel of the window, or -1."""
        x, y = inside(self.list, pixel)
        if not (0 <= x < self._inner and 0 <= y - dpg.get_y_scroll(self.child) < self.height):
            return -1
        at = int(y // self.row)
        return at if at < len(self.rows) and self.free(self.rows[at]) else -1

    def update(self) -> None:
        """Draw again what looks different."""
        if self._reveal:
            self._reveal -= 1
            self._bring_into_view()
        scroll = dpg.get_y_scroll(self.child)
        hovered = self.row_at(dpg.get_mouse_pos(local=False))
        wanted = (self.at, hovered, scroll)
        if wanted != self._painted:
            self._painted = wanted
            self._paint(scroll, hovered)

    def _bring_into_view(self) -> None:
        scroll = dpg.get_y_scroll(self.child)
        top, bottom = self.at * self.row, (self.at + 1) * self.row
        if self.at >= 0 and not scroll <= top <= bottom <= scroll + self.height:
            dpg.set_y_scroll(self.child, top if top < scroll else bottom - self.height)

    def _paint(self, scroll: float, hovered: int) -> None:
        dpg.delete_item(self.list, children_only=True)
        pen = WidgetDrawing(self.list, self.theme, self.scale)
        pad = 10 * self.scale
        first = int(scroll // self.row)
        last = min(len(self.rows), int((scroll + self.height) // self.row) + 1)
        for at in range(first, last):
            top = at * self.row
            low, high = (0, top + 1), (self._inner, top + self.row - 1)
            if at == self.at:
                pen.box(low, high, faded(self.theme.accent, 0.24))
            elif at == hovered:
                pen.box(low, high, self.theme.raised)
            area = Area(pad, self._inner - pad, top + self.row / 2, at == self.at)
            self.draw(pen, self.rows[at], area)


def inside(item: int | str, pixel: tuple[float, float]) -> tuple[float, float]:
    """Tell where a pixel of the window lies in a draw list; outside, before that is first drawn."""
    left, top = dpg.get_item_state(item).get("rect_min", (inf, inf))
    return pixel[0] - left, pixel[1] - top
