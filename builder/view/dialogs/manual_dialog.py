"""The manual page of a node type."""

from collections.abc import Iterator

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import Manual
from builder.dialogs.list_navigation import wrapped
from builder.dialogs.node_page import PageItem, manual_items
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets.draw_context import WidgetDrawing, measure
from nodes.core.graphs.catalog import node_types

ROW, NAMES = 22, 140

Line = tuple[str, str, str]
"""The kind of a part, its name, and one line of its text."""


class ManualWindow(DialogWindow):
    """Shows what a node does, its parameters and ports, and where it comes from."""

    modal = True
    dialog: Manual

    def size(self) -> tuple[float, float]:
        """Be as high as the page, if there is room."""
        self.type = node_types().get(self.dialog.type)
        self.wide = 720
        lines = list(self._lines((self.wide - 60) * self.scale))
        return self.wide, min(len(lines) * ROW + 84, self.screen[1] / self.scale - 60)

    def _lines(self, width: float) -> Iterator[Line]:
        parts = (
            manual_items(self.type) if self.type else [PageItem("text", "There is no page for it.")]
        )
        before = "heading"
        for part in parts:
            if part.kind != "item" and before != "heading":
                yield "gap", "", ""
            before = part.kind
            font = "regular" if part.kind == "text" else "small"
            room = width - (self.px(NAMES) if part.kind == "item" else 0)
            for at, line in enumerate(wrapped(part.text, room, lambda t, f=font: measure(t, f))):
                yield part.kind, part.name if at == 0 else "", line

    def build(self) -> None:
        """Make the title and the page."""
        self.heading(self.dialog.type)
        self.note(self.type.category.value if self.type else "")
        self.list = RowList(
            (self.theme, self.scale),
            (self.inner, self.height - 76),
            self._draw,
            row=ROW,
            free=lambda _: False,
        )
        self.lists.append(self.list)
        self.list.show(list(self._lines((self.wide - 60) * self.scale)))

    def key(self, name: str, held: Modifiers) -> bool:
        """Scroll."""
        steps = {"Up": -1, "Down": 1, "PageUp": -12, "PageDown": 12}
        if name not in steps:
            return False
        child = self.list.child
        dpg.set_y_scroll(child, dpg.get_y_scroll(child) + steps[name] * self.px(ROW))
        return True

    def _draw(self, pen: WidgetDrawing, line: Line, area: Area) -> None:
        kind, name, text = line
        left = area.left - self.px(10)
        if kind == "heading":
            pen.text((left, area.middle), text.upper(), "small", self.theme.faint)
        elif kind == "text":
            pen.text((left, area.middle), text)
        elif kind == "item":
            pen.text((left, area.middle), name, "small", most=self.px(NAMES - 10))
            pen.text((left + self.px(NAMES), area.middle), text, "small", self.theme.quiet)
