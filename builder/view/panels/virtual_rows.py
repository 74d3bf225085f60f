"""A virtual list of drawn rows of the same height: only the rows in view have items."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.view.widgets import style
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.tag import Tag

PaintRow = Callable[[int, Tag, float], None]
"""Draws a row: its index, the item to draw into, and its top, in pixels."""


class VirtualRows:
    """Draws rows as they scroll into view.

    Args:
        parent: the container that the list fills.
        paint: draws a row.
        on_click: is called with the index of a row that is clicked.
        scrolls_horizontally: rows may be wider than the list.
    """

    def __init__(
        self,
        parent: Tag,
        paint: PaintRow,
        on_click: Callable[[int], object],
        scrolls_horizontally: bool = False,
    ) -> None:
        self.paint, self.on_click = paint, on_click
        self.count, self.row_height = 0, 20
        self._drawn: dict[int, Tag] = {}
        self.child = dpg.add_child_window(
            parent=parent,
            width=-1,
            height=-1,
            horizontal_scrollbar=scrolls_horizontally,
            border=False,
        )
        dpg.bind_item_theme(self.child, style.NO_SPACING)
        self.list = dpg.add_drawlist(1, 1, parent=self.child)
        with dpg.item_handler_registry() as handlers:
            dpg.add_item_clicked_handler(dpg.mvMouseButton_Left, callback=self._clicked)
        dpg.bind_item_handler_registry(self.list, handlers)

    @property
    def width(self) -> int:
        """The width of the list, in pixels."""
        return dpg.get_item_rect_size(self.child)[0]

    def show(self, count: int, row_height: int, row_width: int = 0) -> None:
        """Replace the rows by so many of a size in pixels."""
        self.count, self.row_height = count, row_height
        width, height = max(row_width, 1), max(count * row_height, 1)
        dpg.configure_item(self.list, width=width, height=height)
        self.redraw()

    def redraw(self) -> None:
        """Redraw all rows in view."""
        dpg.delete_item(self.list, children_only=True)
        self._drawn = {}
        self.update()

    def update(self) -> None:
        """Draw the rows that have scrolled into view, and delete those that have left it."""
        visible = self._visible()
        for row in [row for row in self._drawn if row not in visible]:
            dpg.delete_item(self._drawn.pop(row))
        for row in visible:
            if row not in self._drawn:
                self._drawn[row] = item = dpg.add_draw_node(parent=self.list)
                self.paint(row, item, row * self.row_height)

    def reveal(self, row: int) -> None:
        """Scroll a row into view if it is not."""
        scroll, height = dpg.get_y_scroll(self.child), dpg.get_item_rect_size(self.child)[1]
        if not scroll <= row * self.row_height <= scroll + height - self.row_height:
            dpg.set_y_scroll(self.child, max(0, row * self.row_height - height / 3))

    def _visible(self) -> range:
        scroll, height = dpg.get_y_scroll(self.child), dpg.get_item_rect_size(self.child)[1]
        first, last = int(scroll // self.row_height), int((scroll + height) // self.row_height)
        return range(max(first, 0), min(self.count, last + 1))

    def _clicked(self) -> None:
        y = pointer_position()[1] - dpg.get_item_rect_min(self.list)[1]
        row = int(y // self.row_height)
        if 0 <= row < self.count:
            self.on_click(row)
