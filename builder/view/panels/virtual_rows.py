"""A list of drawn rows of one height that fills its place; only the rows that are seen exist."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.view.panels.panel import Item
from builder.view.widgets import style

Paint = Callable[[int, Item, float], None]
"""Draws a row: its number, what to draw into, and how far down it begins, in pixels."""


class Rows:
    """Draws rows as they come into view.

    Args:
        parent: what the list fills.
        paint: draws a row.
        picked: is called with the number of a row that was clicked.
        across: rows may be wider than the list.
    """

    def __init__(
        self, parent: Item, paint: Paint, picked: Callable[[int], object], across: bool = False
    ) -> None:
        self.paint, self.picked = paint, picked
        self.count, self.high, self._wide = 0, 20, 0
        self._drawn: dict[int, Item] = {}
        self.child = dpg.add_child_window(
            parent=parent, width=-1, height=-1, horizontal_scrollbar=across, border=False
        )
        dpg.bind_item_theme(self.child, style.TIGHT)
        self.list = dpg.add_drawlist(1, 1, parent=self.child)
        with dpg.item_handler_registry() as handlers:
            dpg.add_item_clicked_handler(dpg.mvMouseButton_Left, callback=self._clicked)
        dpg.bind_item_handler_registry(self.list, handlers)

    @property
    def width(self) -> int:
        """How wide the list is, in pixels."""
        return dpg.get_item_rect_size(self.child)[0]

    def show(self, count: int, high: int, wide: int = 0) -> None:
        """Show other rows: how many there are, and how high and wide they are, in pixels."""
        self.count, self.high, self._wide = count, high, wide
        dpg.configure_item(self.list, width=max(wide, 1), height=max(count * high, 1))
        self.redraw()

    def redraw(self) -> None:
        """Draw all rows in view anew."""
        dpg.delete_item(self.list, children_only=True)
        self._drawn = {}
        self.update()

    def update(self) -> None:
        """Draw the rows that have come into view, and drop those that have left it."""
        seen = self._seen()
        for row in [row for row in self._drawn if row not in seen]:
            dpg.delete_item(self._drawn.pop(row))
        for row in seen:
            if row not in self._drawn:
                self._drawn[row] = item = dpg.add_draw_node(parent=self.list)
                self.paint(row, item, row * self.high)

    def reveal(self, row: int) -> None:
        """Scroll as far as needed for a row to be seen."""
        top, tall = dpg.get_y_scroll(self.child), dpg.get_item_rect_size(self.child)[1]
        if not top <= row * self.high <= top + tall - self.high:
            dpg.set_y_scroll(self.child, max(0, row * self.high - tall / 3))

    def _seen(self) -> range:
        top, tall = dpg.get_y_scroll(self.child), dpg.get_item_rect_size(self.child)[1]
        first = int(top // self.high)
        return range(max(first, 0), min(self.count, int((top + tall) // self.high) + 1))

    def _clicked(self) -> None:
        y = dpg.get_mouse_pos(local=False)[1] - dpg.get_item_rect_min(self.list)[1]
        row = int(y // self.high)
        if 0 <= row < self.count:
            self.picked(row)
