"""An in-place field for the name of a node or the text of a comment."""

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.commands import comments, nodes
from builder.dialogs.dialog import Rename
from builder.document.document import Document, Refused
from builder.graphics.shapes import Point
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.text_field import TextField
from builder.view.widgets.safe_text import sanitize, sanitize_input

WIDTH, NAME_HEIGHT = 300, 78
COMMENT_FIELD_HEIGHT, COMMENT_HEIGHT = 96, 149


class RenameWindow(DialogWindow):
    """A field that Enter confirms; below it, why a name is not allowed."""

    dialog: Rename

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units."""
        self.is_comment = bool(self.dialog.comment)
        return WIDTH, COMMENT_HEIGHT if self.is_comment else NAME_HEIGHT

    def position(self, size: tuple[int, int]) -> Point:
        """Open on the item that is renamed."""
        return self.dialog.pixel

    def build(self) -> None:
        """Add the field, and the line that says which keys confirm or why a name is refused."""
        # Sanitized as in the field, so that unchanged text compares equal to it.
        self.original = sanitize_input(self._text(), lines=self.is_comment)
        self.text_field = self.default_field = TextField(
            self.px(self.inner_width),
            lambda _: self._validate(),
            text=self.original,
            height=self.px(COMMENT_FIELD_HEIGHT) if self.is_comment else None,
            select_all=True,
        )
        self.help = "Enter confirms"
        if self.is_comment:
            self.help += " · Ctrl+Enter starts a new line"
        self.message = self.add_note(self.help)

    def _text(self) -> str:
        if not self.is_comment:
            return self.dialog.node
        comment = self.editor.document.comments.get(self.dialog.comment)
        return comment.text if comment else ""

    def _renamed(self) -> Document:
        """Return the document with the new name or text.

        Raises:
            Refused: the name is not allowed.
        """
        document, text = self.editor.store.committed, self.text_field.text
        if self.is_comment:
            return comments.set_text(document, self.dialog.comment, text.rstrip("\n"))
        return nodes.rename(document, self.dialog.node, text.strip())

    def _validate(self) -> str:
        """Show and return why the text is refused; empty if it is allowed."""
        reason = ""
        if self.text_field.text.strip() != self.original:
            try:
                self._renamed()
            except Refused as refused:
                reason = str(refused)
        dpg.set_value(self.message, sanitize(reason or self.help))
        colour = self.theme.error if reason else self.theme.quiet
        dpg.configure_item(self.message, color=colour)
        if reason:
            height = COMMENT_FIELD_HEIGHT + 100 if self.is_comment else 100
            dpg.configure_item(self.window, height=self.px(height))
        return reason

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Confirm by Enter."""
        if name != "Enter" or (self.is_comment and "ctrl" in modifiers):
            return False
        if self._validate():
            self.text_field.focus()
        else:
            self.dismissed()
            self.editor.close_dialog()
        return True

    def dismissed(self) -> None:
        """Commit the text; a text that is refused is dropped."""
        text = self.text_field.text
        if text.strip() == self.original.strip() or self._validate():
            return
        rename = f"Rename {self.original} to {text.strip()}"
        label = "Write a comment" if self.is_comment else rename
        self.editor.store.commit(label, self._renamed())
