"""The manual page of a node type."""

from collections.abc import Iterator
from functools import partial

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import Manual
from builder.dialogs.list_navigation import wrapped
from builder.dialogs.node_page import PageItem, manual_items
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.help_dialog import SCROLL_ROWS
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets.widget_painter import WidgetPainter, text_width
from nodes.core.graphs.catalog import node_types

WIDTH, ROW, NAME_WIDTH = 720, 22, 140

Line = tuple[str, str, str]
"""The kind of a part of the page, its name, and one line of its text."""


class ManualWindow(DialogWindow):
    """Shows the description of a node type, its parameters, ports and references."""

    modal = True
    dialog: Manual

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: as high as the page, if the window allows."""
        self.type = node_types().get(self.dialog.type)
        self.lines = list(self._lines((WIDTH - 60) * self.scale))
        return WIDTH, min(len(self.lines) * ROW + 84, self.screen[1] / self.scale - 60)

    def _lines(self, width: float) -> Iterator[Line]:
        parts = (
            manual_items(self.type) if self.type else [PageItem("text", "There is no manual page.")]
        )
        previous = "heading"
        for part in parts:
            if part.kind != "item" and previous != "heading":
                yield "gap", "", ""
            previous = part.kind
            font = "regular" if part.kind == "text" else "small"
            available = width - (self.px(NAME_WIDTH) if part.kind == "item" else 0)
            lines = wrapped(part.text, available, partial(text_width, font=font))
            for number, line in enumerate(lines):
                yield part.kind, part.name if number == 0 else "", line

    def build(self) -> None:
        """Add the heading and the page."""
        self.add_heading(self.dialog.type)
        self.add_note(self.type.category.value if self.type else "")
        self.list: RowList[Line] = RowList(
            self.appearance,
            (self.inner_width, self.height - 76),
            self._draw,
            row_height=ROW,
            is_selectable=lambda _: False,
        )
        self.lists.append(self.list)
        self.list.show(self.lines)

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Scroll the page."""
        if name not in SCROLL_ROWS:
            return False
        child = self.list.child
        dpg.set_y_scroll(child, dpg.get_y_scroll(child) + SCROLL_ROWS[name] * self.px(ROW))
        return True

    def _draw(self, painter: WidgetPainter, line: Line, area: RowArea) -> None:
        kind, name, text = line
        left = area.left - self.px(10)
        if kind == "heading":
            painter.text((left, area.middle), text.upper(), "small", self.theme.faint)
        elif kind == "text":
            painter.text((left, area.middle), text)
        elif kind == "item":
            max_width = self.px(NAME_WIDTH - 10)
            painter.text((left, area.middle), name, "small", max_width=max_width)
            left += self.px(NAME_WIDTH)
            painter.text((left, area.middle), text, "small", self.theme.quiet)
