"""What a session that did not end well has left, to be restored or not."""

from datetime import datetime

import dearpygui.dearpygui as dpg

from builder.actions.file_actions import restore
from builder.canvas.pointer_events import Held
from builder.storage.folders import state_folder
from builder.storage.journal import RecoveredDocument, discard, recoverable_documents
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets import style
from builder.view.widgets.draw_context import WidgetDrawing

ROW, ROWS = 48, 5


class RecoveryWindow(DialogWindow):
    """Lists the documents, and asks of the chosen one what is to become of it."""

    modal = True

    def size(self) -> tuple[float, float]:
        """Have room for a few."""
        self.left_over = recoverable_documents(state_folder())
        return 560, min(max(len(self.left_over), 1), ROWS) * ROW + 124

    def build(self) -> None:
        """Make the title, the list and the buttons."""
        self.heading("Unsaved work was found")
        self.note("The program ended before this was saved. What is kept is offered again.")
        self.list = RowList(
            (self.theme, self.scale),
            (self.inner, self.height - 124),
            self._draw,
            lambda _: None,
            ROW,
        )
        self.lists.append(self.list)
        dpg.add_spacer(height=self.px(4))
        with dpg.group(horizontal=True, horizontal_spacing=self.px(8)):
            wide = self.px(120)
            dpg.add_button(label="Discard", width=wide, callback=self._discard)
            dpg.add_spacer(width=max(1, self.px(self.inner - 24) - 3 * wide))
            dpg.add_button(label="Keep for later", width=wide, callback=self.editor.close)
            made = dpg.add_button(label="Restore", width=wide, callback=self._restore)
            dpg.bind_item_theme(made, style.PRIMARY)
        self._list()

    def _list(self) -> None:
        self.list.show(self.left_over)
        if not self.left_over:
            self.editor.close()

    def _restore(self) -> None:
        left = self.list.chosen
        if left is not None:
            restore(self.editor, left)

    def _discard(self) -> None:
        left = self.list.chosen
        if left is not None:
            discard(left)
            self.left_over = [one for one in self.left_over if one is not left]
            self._list()

    def key(self, name: str, held: Held) -> bool:
        """Restore by Enter."""
        if name == "Enter":
            self._restore()
            return True
        return super().key(name, held)

    def _draw(self, pen: WidgetDrawing, left: RecoveredDocument, area: Area) -> None:
        upper, lower = area.middle - self.px(9), area.middle + self.px(11)
        end = area.right - area.left
        pen.text((area.left, upper), left.name, "medium", most=end)
        edits = f"{left.edits} unsaved edit{'s' * (left.edits != 1)}"
        where = str(left.path.parent) if left.path else "never saved"
        told = f"{edits} · {when(left.saved_at)} · {where}"
        pen.text((area.left, lower), told, "small", self.theme.quiet, most=end)


def when(moment: datetime) -> str:
    """Write a moment as one speaks of it."""
    now = datetime.now(moment.tzinfo)
    if moment.date() == now.date():
        return f"today at {moment:%H:%M}"
    return f"{moment.day} {moment:%B} at {moment:%H:%M}"
