"""A text field that can be written to while it is typed in."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.view.widgets.safe_text import shown


class Field:
    """A line of text that a person types.

    Args:
        width: in pixels.
        changed: is called with the text after each change.
        hint: what stands in it while it is empty.
        text: what stands in it at first.
        options: more for Dear PyGui.
    """

    def __init__(
        self,
        width: int,
        changed: Callable[[str], object],
        hint: str = "",
        text: str = "",
        **options: object,
    ) -> None:
        self.changed = changed
        self._made = {"width": width, "hint": hint, **options}
        with dpg.group() as self.group:
            pass
        self._make(text)

    def _make(self, text: str) -> None:
        self.item = dpg.add_input_text(
            parent=self.group,
            default_value=shown(text, lines=bool(self._made.get("multiline"))),
            callback=self._typed,
            **self._made,
        )

    def _typed(self, _sender: object, text: str) -> None:
        self.changed(text)

    @property
    def text(self) -> str:
        """What stands in it."""
        return dpg.get_value(self.item)

    def write(self, text: str) -> None:
        """Replace what stands in it.  A field in use keeps its text, so there is a new one."""
        if text == dpg.get_value(self.item):
            return
        focused = self.active
        dpg.delete_item(self.item)
        self._make(text)
        if focused:
            self.focus()

    def focus(self) -> None:
        """Take the keyboard."""
        dpg.focus_item(self.item)

    @property
    def active(self) -> bool:
        """Tell whether it has the keyboard."""
        return dpg.is_item_active(self.item)
