"""Unsaved work of a session that ended abnormally, to be restored or discarded."""

from datetime import datetime

import dearpygui.dearpygui as dpg

from builder.actions.file_actions import restore
from builder.canvas.pointer_events import Modifiers
from builder.storage.folders import state_folder
from builder.storage.journal import RecoveredDocument, discard, recoverable_documents
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets import style
from builder.view.widgets.widget_painter import WidgetPainter

ROW, ROWS = 48, 5
BUTTON_WIDTH, BUTTON_GAP = 120, 8
REST_HEIGHT = 124
"""The height of everything but the list."""


class RecoveryWindow(DialogWindow):
    """Lists the documents that can be recovered."""

    modal = True

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: as high as the list needs, up to `ROWS` rows."""
        self.documents = recoverable_documents(state_folder())
        return 560, min(max(len(self.documents), 1), ROWS) * ROW + REST_HEIGHT

    def build(self) -> None:
        """Add the heading, the list and the buttons."""
        self.add_heading("Recover unsaved work")
        self.add_note("The program ended before these documents were saved.")
        self.list: RowList[RecoveredDocument] = RowList(
            self.appearance,
            (self.inner_width, self.height - REST_HEIGHT),
            self._draw,
            row_height=ROW,
        )
        self.lists.append(self.list)
        dpg.add_spacer(height=self.px(4))
        with dpg.group(horizontal=True, horizontal_spacing=self.px(BUTTON_GAP)):
            width = self.px(BUTTON_WIDTH)
            free = self.px(self.inner_width - 3 * BUTTON_GAP) - 3 * width
            dpg.add_button(label="Discard", width=width, callback=self._discard)
            dpg.add_spacer(width=max(1, free))
            dpg.add_button(label="Keep for later", width=width, callback=self.editor.close_dialog)
            restore_button = dpg.add_button(label="Restore", width=width, callback=self._restore)
            dpg.bind_item_theme(restore_button, style.PRIMARY)
        self._show()

    def _show(self) -> None:
        self.list.show(self.documents)
        if not self.documents:
            self.editor.close_dialog()

    def _restore(self) -> None:
        selected = self.list.selected
        if selected is not None:
            restore(self.editor, selected)

    def _discard(self) -> None:
        selected = self.list.selected
        if selected is not None:
            discard(selected)
            self.documents = [document for document in self.documents if document is not selected]
            self._show()

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Restore the selected document by Enter."""
        if name == "Enter":
            self._restore()
            return True
        return super().key(name, modifiers)

    def _draw(self, painter: WidgetPainter, document: RecoveredDocument, area: RowArea) -> None:
        upper, lower = area.middle - self.px(9), area.middle + self.px(11)
        width = area.right - area.left
        painter.text((area.left, upper), document.name, "medium", max_width=width)
        edits = f"{document.edits} unsaved edit{'s' * (document.edits != 1)}"
        folder = str(document.path.parent) if document.path else "never saved"
        text = f"{edits} · {format_time(document.saved_at)} · {folder}"
        painter.text((area.left, lower), text, "small", self.theme.quiet, max_width=width)


def format_time(time: datetime) -> str:
    """Format a time for reading: the date is left out if it is today."""
    now = datetime.now(time.tzinfo)
    if time.date() == now.date():
        return f"today at {time:%H:%M}"
    return f"{time.day} {time:%B} at {time:%H:%M}"
