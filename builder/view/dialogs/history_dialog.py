"""The list of what was done, to go back and forth in."""

from builder.document.history import HistoryEntry
from builder.graphics.shapes import Point
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets.draw_context import WidgetDrawing

ROW = 28


class PastWindow(DialogWindow):
    """Lists every step, the newest last; one that is clicked becomes the present."""

    def size(self) -> tuple[float, float]:
        """Be as high as there are steps, within reason."""
        count = len(self.editor.store.history.entries)
        return 340, min(max(count, 4), 16) * ROW + 84

    def place(self, size: tuple[int, ...]) -> Point:
        """Lie in the upper right corner of the canvas."""
        camera = self.editor.camera
        return camera.left + camera.width - size[0] - 16, camera.top + 16

    def build(self) -> None:
        """Make the title and the list."""
        self.heading("What was done", "semibold")
        self.note("Enter or a click goes there")
        self.list = RowList(
            (self.theme, self.scale), (self.inner, self.height - 84), self._draw, self._go, ROW
        )
        self.lists.append(self.list)
        self.known = None

    def update(self) -> None:
        """Show the history as it is."""
        history = self.editor.store.history
        if history is not self.known:
            self.known = history
            self.present = len(history.past)
            self.list.show(history.entries, self.present)
        super().update()

    def _go(self, at: int) -> None:
        self.editor.store.go(at - self.present)

    def _draw(self, pen: WidgetDrawing, moment: HistoryEntry, area: Area) -> None:
        history = self.editor.store.history
        place = round((area.middle - self.list.row / 2) / self.list.row)
        left = area.left + self.px(MARGIN)
        colour = self.theme.faint if place > self.present else self.theme.text
        font = "semibold" if moment is history.present else "regular"
        if moment is history.present:
            pen.bar(area.left - self.px(2), area.middle, self.theme.accent, 14)
        pen.text((left, area.middle), moment.label, font, colour, most=area.right - left)
