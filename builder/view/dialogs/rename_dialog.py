"""A new name for a node, or a new text for a remark, written where it stands."""

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Held
from builder.commands import comments, nodes
from builder.dialogs.dialog import Rename
from builder.document.document import Document, Refused
from builder.graphics.shapes import Point
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.text_field import Field
from builder.view.widgets.safe_text import shown

WIDE, TALL = 300, 96


class RenameWindow(DialogWindow):
    """A field that Enter confirms; a name that cannot be is explained below it."""

    dialog: Rename

    def size(self) -> tuple[float, float]:
        """Have room for several lines if it is a remark."""
        self.many = bool(self.dialog.comment)
        return (WIDE, TALL + 53) if self.many else (WIDE, 78)

    def place(self, size: tuple[int, ...]) -> Point:
        """Lie on what is renamed."""
        return self.dialog.pixel

    def build(self) -> None:
        """Make the field, and the line that says why a name cannot be."""
        # As the field shows it: what cannot be seen is written out there.
        self.before = shown(self._text(), lines=self.many)
        more = {"multiline": True, "height": self.px(TALL)} if self.many else {}
        self.field = Field(
            self.px(self.inner),
            lambda _: self._judge(),
            text=self.before,
            auto_select_all=True,
            ctrl_enter_for_new_line=self.many,
            **more,
        )
        advice = "Enter confirms · Ctrl+Enter begins a line" if self.many else "Enter confirms"
        self.said = self.note(advice)
        self.advice = advice

    def _text(self) -> str:
        if not self.many:
            return self.dialog.node
        found = self.editor.document.comments.get(self.dialog.comment)
        return found.text if found else ""

    def _done(self) -> Document:
        """Make the document with the new name.

        Raises:
            Refused: it cannot be.
        """
        document, text = self.editor.store.committed, self.field.text
        if self.many:
            return comments.set_text(document, self.dialog.comment, text.rstrip("\n"))
        return nodes.rename(document, self.dialog.node, text.strip())

    def _judge(self) -> str:
        """Say below the field why the name cannot be, if so."""
        reason = ""
        if self.field.text.strip() != self.before:
            try:
                self._done()
            except Refused as refused:
                reason = str(refused)
        dpg.set_value(self.said, shown(reason or self.advice))
        colour = self.theme.error if reason else self.theme.quiet
        dpg.configure_item(self.said, color=colour)
        if reason:
            dpg.configure_item(self.window, height=self.px(100 if not self.many else TALL + 100))
        return reason

    def key(self, name: str, held: Held) -> bool:
        """Confirm by Enter."""
        if name != "Enter" or (self.many and "ctrl" in held):
            return False
        if self._judge():
            self.field.focus()
        else:
            self.left()
            self.editor.close()
        return True

    def left(self) -> None:
        """Keep what was written; a name that cannot be is dropped."""
        text = self.field.text
        if text.strip() == self.before.strip() or self._judge():
            return
        label = "Edit a comment" if self.many else f"Rename {self.before} to {text.strip()}"
        self.editor.store.commit(label, self._done())
