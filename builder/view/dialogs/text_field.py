"""A text field whose text can be replaced while it has the keyboard focus."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.view.widgets.safe_text import sanitize_input


class TextField:
    """A text field.

    Args:
        width: its width, in pixels.
        on_change: is called with the text after each change.
        hint: the placeholder that is shown while the field is empty.
        text: the initial text.
        height: the height in pixels of a field of several lines; None for a single line.
        select_all: select the whole text when the field gets the focus.
    """

    def __init__(
        self,
        width: int,
        on_change: Callable[[str], object],
        hint: str = "",
        text: str = "",
        height: int | None = None,
        select_all: bool = False,
    ) -> None:
        self.on_change = on_change
        self._width, self._hint, self._height = width, hint, height
        self._select_all = select_all
        with dpg.group() as self.group:
            pass
        self._build(text)

    def _build(self, text: str) -> None:
        multiline = self._height is not None
        self.item = dpg.add_input_text(
            parent=self.group,
            width=self._width,
            height=self._height or 0,
            hint=self._hint,
            multiline=multiline,
            auto_select_all=self._select_all,
            ctrl_enter_for_new_line=multiline,
            default_value=sanitize_input(text, lines=multiline),
            callback=self._changed,
        )

    def _changed(self, _sender: object, text: str) -> None:
        self.on_change(text)

    @property
    def text(self) -> str:
        """The text in the field."""
        return str(dpg.get_value(self.item))

    def write(self, text: str) -> None:
        """Replace the text; Dear ImGui ignores a new text while the field is in use."""
        if text == self.text:
            return
        focused = self.active
        dpg.delete_item(self.item)
        self._build(text)
        if focused:
            self.focus()

    def focus(self) -> None:
        """Take the keyboard focus."""
        dpg.focus_item(self.item)

    @property
    def active(self) -> bool:
        """Whether the field has the keyboard focus."""
        return dpg.is_item_active(self.item)
