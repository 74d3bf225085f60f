"""The undo history as a list."""

from builder.document.history import History, HistoryEntry
from builder.graphics.shapes import Point
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets.widget_painter import WidgetPainter

ROW = 28
HEADER_HEIGHT = 84


class HistoryWindow(DialogWindow):
    """Lists every step, the newest last; a click undoes or redoes up to a step."""

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: as high as the steps need, up to 16 rows."""
        count = len(self.editor.store.history.entries)
        return 340, min(max(count, 4), 16) * ROW + HEADER_HEIGHT

    def position(self, size: tuple[int, int]) -> Point:
        """Open in the upper right corner of the canvas."""
        camera = self.editor.camera
        return camera.left + camera.width - size[0] - 16, camera.top + 16

    def build(self) -> None:
        """Add the heading and the list."""
        self.add_heading("History", "semibold")
        self.add_note("Enter or a click goes to a step")
        self.list: RowList[HistoryEntry] = RowList(
            self.appearance,
            (self.inner_width, self.height - HEADER_HEIGHT),
            self._draw,
            self._go,
            ROW,
        )
        self.lists.append(self.list)
        self.shown: History | None = None

    def update(self) -> None:
        """List the steps if the history has changed."""
        history = self.editor.store.history
        if history is not self.shown:
            self.shown = history
            self.present = len(history.past)
            self.list.show(history.entries, self.present)
        super().update()

    def _go(self, index: int) -> None:
        self.editor.store.go(index - self.present)

    def _draw(self, painter: WidgetPainter, entry: HistoryEntry, area: RowArea) -> None:
        is_present = entry is self.editor.store.history.present
        index = round((area.middle - self.list.row_height / 2) / self.list.row_height)
        left = area.left + self.px(MARGIN)
        colour = self.theme.faint if index > self.present else self.theme.text
        font = "semibold" if is_present else "regular"
        if is_present:
            painter.bar(area.left - self.px(2), area.middle, self.theme.accent, 14)
        painter.text((left, area.middle), entry.label, font, colour, max_width=area.right - left)
