"""The base of all dialogs: a window at a fixed position that handles keys and clicks.

Lengths are in units, which are pixels at scale 1, unless they are said to be in pixels.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Protocol

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import Dialog
from builder.editor.editor import Editor
from builder.graphics.shapes import Point
from builder.graphics.theme import Theme
from builder.view.dialogs.text_field import TextField
from builder.view.widgets import fonts, style
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag

MARGIN = 12
"""The space between the border of a dialog and its content, in units."""


class InputList(Protocol):
    """What a dialog requires of its lists, whatever their rows are."""

    def activate_selected(self) -> bool:
        """Activate the selected row; return whether there is one."""

    def key(self, name: str) -> bool:
        """Move the selection; return whether the key does so."""

    def press(self, pixel: Point) -> None:
        """Handle a press of the left button."""

    def release(self, pixel: Point) -> None:
        """Handle a release of the left button."""

    def update(self) -> None:
        """Redraw what has changed."""


class DialogWindow(ABC):
    """The base class of dialogs.

    Attributes:
        modal: the rest of the window is dimmed while the dialog is open.
        editor: the editor.
        dialog: the value that the dialog shows.
        theme, scale: the appearance.
        lists: its lists, which are offered clicks; the first is offered keys.
        default_field: the text field that gets the focus whenever no other has it.
    """

    modal: ClassVar[bool] = False
    dialog: Dialog

    def __init__(self, editor: Editor, dialog: Dialog) -> None:
        self.editor, self.dialog = editor, dialog
        self.theme, self.scale = editor.theme, editor.settings.scale
        self.lists: list[InputList] = []
        self.default_field: TextField | None = None
        self.screen = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        natural_width, natural_height = self.size()
        width = round(min(natural_width * self.scale, self.screen[0] - 16))
        height = round(min(natural_height * self.scale, self.screen[1] - 16))
        self.width, self.height = width / self.scale, height / self.scale
        self.window = dpg.add_window(
            modal=self.modal,
            no_open_over_existing_popup=False,
            popup=not self.modal,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            no_saved_settings=True,
            show=False,
            width=width,
            height=height,
            min_size=[1, 1],
            pos=self._position_on_screen((width, height)),
        )
        dpg.bind_item_theme(self.window, style.POPUP)
        dpg.push_container_stack(self.window)
        try:
            self.build()
        finally:
            dpg.pop_container_stack()
        dpg.show_item(self.window)
        if self.default_field is not None:
            self.default_field.focus()

    def _position_on_screen(self, size: tuple[int, int]) -> list[int]:
        """Move the wanted position so that the dialog is inside the window of the program."""
        axes = zip(self.position(size), size, self.screen, strict=True)
        return [round(max(8, min(at, limit - length - 8))) for at, length, limit in axes]

    # -- what each dialog defines ----------------------------------------------------------------

    @abstractmethod
    def size(self) -> tuple[float, float]:
        """Return the width and height, in units."""

    def position(self, size: tuple[int, int]) -> Point:
        """Return the wanted upper left corner, in pixels, for a size in pixels."""
        return (self.screen[0] - size[0]) / 2, (self.screen[1] - size[1]) * 0.42

    @abstractmethod
    def build(self) -> None:
        """Add the content."""

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Handle a key press; return whether it was consumed."""
        if name == "Enter" and self.lists and self.lists[0].activate_selected():
            return True
        return any(list_.key(name) for list_ in self.lists[:1])

    def dismissed(self) -> None:  # noqa: B027 (most dialogs do nothing)
        """Handle a click outside, which closes the dialog."""

    # -- what the host calls ---------------------------------------------------------------------

    def update(self) -> None:
        """Redraw what has changed."""
        for list_ in self.lists:
            list_.update()

    @property
    def closed(self) -> bool:
        """Whether a click outside has closed the dialog."""
        return not dpg.is_item_shown(self.window)

    def contains(self, pixel: Point) -> bool:
        """Whether a pixel of the window is on the dialog."""
        left, top = dpg.get_item_pos(self.window)
        width, height = dpg.get_item_rect_size(self.window)
        return left <= pixel[0] < left + width and top <= pixel[1] < top + height

    def press(self, pixel: Point) -> None:
        """Handle a press of the left button."""
        for list_ in self.lists:
            list_.press(pixel)

    def release(self, pixel: Point) -> None:
        """Handle a release of the left button."""
        for list_ in self.lists:
            list_.release(pixel)
        if self.default_field is not None and self.editor.dialog is self.dialog:
            self.default_field.focus()

    def double_click(self, pixel: Point) -> None:  # noqa: B027 (most dialogs do nothing)
        """Handle a double click."""

    def delete(self) -> None:
        """Delete the window."""
        dpg.delete_item(self.window)

    # -- what dialogs are built of ---------------------------------------------------------------

    def px(self, units: float) -> int:
        """Convert units to pixels."""
        return round(units * self.scale)

    @property
    def appearance(self) -> tuple[Theme, float]:
        """The theme and the scale."""
        return self.theme, self.scale

    @property
    def inner_width(self) -> float:
        """The width of the content, in units."""
        return self.width - 2 * MARGIN

    def add_field(self, on_change: Callable[[str], object], hint: str = "") -> TextField:
        """Add a text field as wide as the dialog, and make it the default field."""
        field = self.default_field = TextField(self.px(self.inner_width), on_change, hint)
        return field

    def add_heading(self, text: str, font: str = "heading") -> Tag:
        """Add a heading."""
        item = dpg.add_text(sanitize(text))
        dpg.bind_item_font(item, fonts.tag(font))
        return item

    def add_note(self, text: str) -> Tag:
        """Add a small text in a subdued colour, wrapped at the width of the dialog."""
        wrap = self.px(self.inner_width)
        item = dpg.add_text(sanitize(text, lines=True), color=self.theme.quiet, wrap=wrap)
        dpg.bind_item_font(item, fonts.tag("small"))
        return item
