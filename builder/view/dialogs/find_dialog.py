"""The search in the graph: Enter goes to the next that was found, Shift+Enter to the one before."""

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Held
from builder.graphics.shapes import Point
from builder.search.find_nodes import Match, find_nodes
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets.draw_context import WidgetDrawing, measure

ROW, ROWS = 42, 8


class FindWindow(DialogWindow):
    """Lists the nodes that a text may mean; they are gone to and selected, one by one."""

    def size(self) -> tuple[float, float]:
        """Tell the width and height."""
        return 400, ROWS * ROW + 92

    def place(self, size: tuple[int, ...]) -> Point:
        """Lie in the upper right corner of the canvas."""
        camera = self.editor.camera
        return camera.left + camera.width - size[0] - 16, camera.top + 16

    def build(self) -> None:
        """Make the field, the count and the list."""
        self.add_field(self.search, "Find a name, type, parameter, shape or problem")
        self.count = self.note(" ")
        self.list = RowList(
            (self.theme, self.scale), (self.inner, ROWS * ROW), self._draw, self._go, ROW
        )
        self.lists.append(self.list)
        self.search("")

    def search(self, text: str) -> None:
        """List what a text may mean."""
        shown = self.editor.shown
        found = find_nodes(
            text, self.editor.document.model, self.editor.analysis.report, shown.graph_name
        )
        self.list.resize(min(len(found) * ROW, self.height - 92))
        self.list.show(found, -1)
        self.asked = text
        self._tell()

    def _tell(self) -> None:
        at, count = self.list.at, len(self.list.rows)
        if not self.asked.strip():
            told = "Enter next · Shift+Enter previous"
        elif not count:
            told = "nothing is called so"
        else:
            told = f"{at + 1} of {count}" if at >= 0 else f"{count} found"
        dpg.set_value(self.count, told)

    def key(self, name: str, held: Held) -> bool:
        """Go to the next, or the one before."""
        if name == "Enter" and self.list.rows:
            self.list.key("Up" if "shift" in held else "Down")
            self._go(self.list.at)
            self.field.focus()
            return True
        return self.list.key(name)

    def _go(self, at: int) -> None:
        self.editor.jump(self.list.rows[at].location)
        self._tell()

    def _draw(self, pen: WidgetDrawing, match: Match, area: Area) -> None:
        upper, lower = area.middle - self.px(8), area.middle + self.px(10)
        end = pen.text((area.left, upper), match.title, "medium")
        where = match.location.graph
        if where != self.editor.shown.graph_name:
            told = f"in {where}" if where else "in the main graph"
            pen.text_before((area.right, upper), told, "small", self.theme.faint)
        room = area.right - end - self.px(MARGIN)
        if match.reason:
            pen.text(
                (area.left, lower),
                match.reason,
                "small",
                self.theme.quiet,
                most=area.right - area.left,
            )
            if measure(match.subtitle, "small") < room:
                pen.text((end + self.px(8), upper), match.subtitle, "small", self.theme.faint)
        else:
            pen.text((area.left, lower), match.subtitle, "small", self.theme.quiet)
