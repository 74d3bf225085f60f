"""The search in the graph: Enter goes to the next match, Shift+Enter to the previous one."""

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.graphics.shapes import Point
from builder.search.find_nodes import Match, find_nodes
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets.widget_painter import WidgetPainter, text_width

ROW, ROWS = 42, 8
FIELD_HEIGHT = 92
"""The height of everything but the list."""


class FindWindow(DialogWindow):
    """Lists the nodes that match a query, and selects and reveals them one by one."""

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units."""
        return 400, ROWS * ROW + FIELD_HEIGHT

    def position(self, size: tuple[int, int]) -> Point:
        """Open in the upper right corner of the canvas."""
        camera = self.editor.camera
        return camera.left + camera.width - size[0] - 16, camera.top + 16

    def build(self) -> None:
        """Add the search field, the number of matches and the list."""
        self.query = self.add_field(self.search, "Find a name, type, parameter, shape or problem")
        self.count = self.add_note(" ")
        self.list: RowList[Match] = RowList(
            self.appearance, (self.inner_width, ROWS * ROW), self._draw, self._jump, ROW
        )
        self.lists.append(self.list)
        self.search("")

    def search(self, text: str) -> None:
        """List the nodes that match a text."""
        editor = self.editor
        matches = find_nodes(
            text, editor.document.model, editor.analysis.report, editor.active_graph.graph_name
        )
        self.list.resize(min(len(matches) * ROW, self.height - FIELD_HEIGHT))
        self.list.show(matches, -1)
        self.searched = text
        self._show_count()

    def _show_count(self) -> None:
        index, count = self.list.index, len(self.list.rows)
        if not self.searched.strip():
            text = "Enter next · Shift+Enter previous"
        elif not count:
            text = "No matches"
        else:
            text = f"{index + 1} of {count}" if index >= 0 else f"{count} found"
        dpg.set_value(self.count, text)

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Go to the next or the previous match by Enter."""
        if name == "Enter" and self.list.rows:
            self.list.key("Up" if "shift" in modifiers else "Down")
            self._jump(self.list.index)
            self.query.focus()
            return True
        return self.list.key(name)

    def _jump(self, index: int) -> None:
        self.editor.navigation.go_to(self.list.rows[index].location)
        self._show_count()

    def _draw(self, painter: WidgetPainter, match: Match, area: RowArea) -> None:
        upper, lower = area.middle - self.px(8), area.middle + self.px(10)
        end = painter.text((area.left, upper), match.title, "medium")
        graph = match.location.graph
        if graph != self.editor.active_graph.graph_name:
            location = f"in {graph}" if graph else "in the main graph"
            painter.text_right_aligned((area.right, upper), location, "small", self.theme.faint)
        available = area.right - end - self.px(MARGIN)
        if match.reason:
            painter.text(
                (area.left, lower),
                match.reason,
                "small",
                self.theme.quiet,
                max_width=area.right - area.left,
            )
            if text_width(match.subtitle, "small") < available:
                painter.text((end + self.px(8), upper), match.subtitle, "small", self.theme.faint)
        else:
            painter.text((area.left, lower), match.subtitle, "small", self.theme.quiet)
