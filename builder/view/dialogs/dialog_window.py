"""What all dialogs have in common: one window, in its place, that takes keys and clicks."""

from typing import ClassVar

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import Dialog
from builder.editor.editor import Editor
from builder.graphics.shapes import Point
from builder.view.dialogs.row_list import RowList
from builder.view.dialogs.text_field import Field
from builder.view.widgets import fonts, style
from builder.view.widgets.safe_text import shown

MARGIN = 12
"""Between the border of a dialog and what is in it, in units."""


class DialogWindow:
    """Base of the dialogs.

    Attributes:
        modal: the rest of the window is dimmed meanwhile.
        editor: the editor.
        dialog: what is shown.
        theme, scale: how it looks.
        lists: its lists; they are offered clicks.
        field: the text field that has the keyboard whenever nothing else has.
    """

    modal: ClassVar[bool] = False
    dialog: Dialog

    def __init__(self, editor: Editor, dialog: Dialog) -> None:
        self.editor, self.dialog = editor, dialog
        self.theme, self.scale = editor.theme, editor.settings.scale
        self.lists: list[RowList] = []
        self.field: Field | None = None
        self.screen = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        size = tuple(
            round(min(one * self.scale, most - 16))
            for one, most in zip(self.size(), self.screen, strict=True)
        )
        self.width, self.height = (one / self.scale for one in size)
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
            width=size[0],
            height=size[1],
            min_size=[1, 1],
            pos=self._inside(size),
        )
        dpg.bind_item_theme(self.window, style.POPUP)
        dpg.push_container_stack(self.window)
        try:
            self.build()
        finally:
            dpg.pop_container_stack()
        dpg.show_item(self.window)
        if self.field is not None:
            self.field.focus()

    def _inside(self, size: tuple[int, ...]) -> list[int]:
        """Keep it inside the window of the program."""
        wanted = self.place(size)
        edges = zip(wanted, size, self.screen, strict=True)
        return [round(max(8, min(at, most - long - 8))) for at, long, most in edges]

    # -- what each dialog says -------------------------------------------------------------------

    def size(self) -> tuple[float, float]:
        """Tell the width and height, in units."""
        raise NotImplementedError

    def place(self, size: tuple[int, ...]) -> Point:
        """Tell where the upper left corner is wanted, in pixels: the middle if nothing else."""
        return (self.screen[0] - size[0]) / 2, (self.screen[1] - size[1]) * 0.42

    def build(self) -> None:
        """Make what is in it."""
        raise NotImplementedError

    def key(self, name: str, held: Modifiers) -> bool:
        """Take a key; tell whether it meant anything."""
        if name == "Enter" and self.lists and self.lists[0].chosen is not None:
            self.lists[0].picked(self.lists[0].at)
            return True
        return any(one.key(name) for one in self.lists[:1])

    def left(self) -> None:
        """Do what is to be done when a click outside closes it."""

    # -- what the host calls ---------------------------------------------------------------------

    def update(self) -> None:
        """Draw again what looks different."""
        for one in self.lists:
            one.update()

    @property
    def closed(self) -> bool:
        """Tell whether a click outside has closed it."""
        return not dpg.is_item_shown(self.window)

    def covers(self, pixel: Point) -> bool:
        """Tell whether a pixel lies on it."""
        left, top = dpg.get_item_pos(self.window)
        width, height = dpg.get_item_rect_size(self.window)
        return left <= pixel[0] < left + width and top <= pixel[1] < top + height

    def press(self, pixel: Point) -> None:
        """Take note of the button going down."""
        for one in self.lists:
            one.press(pixel)

    def release(self, pixel: Point) -> None:
        """Take note of the button coming up."""
        for one in self.lists:
            one.release(pixel)
        if self.field is not None and self.editor.dialog is self.dialog:
            self.field.focus()

    def double(self, pixel: Point) -> None:
        """Take note of a double click."""

    def remove(self) -> None:
        """Take it away."""
        dpg.delete_item(self.window)

    # -- what dialogs are built of ---------------------------------------------------------------

    def px(self, units: float) -> int:
        """Tell how many pixels a length is."""
        return round(units * self.scale)

    @property
    def inner(self) -> float:
        """How wide what is in it may be, in units."""
        return self.width - 2 * MARGIN

    def add_field(self, changed: object, hint: str = "", text: str = "") -> Field:
        """Add the field for what is typed, as wide as the dialog."""
        self.field = Field(self.px(self.inner), changed, hint, text)
        return self.field

    def heading(self, text: str, font: str = "heading") -> int | str:
        """Add a title."""
        item = dpg.add_text(shown(text))
        dpg.bind_item_font(item, fonts.tag(font))
        return item

    def note(self, text: str, font: str = "small", wrap: float = 0) -> int | str:
        """Add a quiet line."""
        wrap = self.px(wrap or self.inner)
        item = dpg.add_text(shown(text, lines=True), color=self.theme.quiet, wrap=wrap)
        dpg.bind_item_font(item, fonts.tag(font))
        return item
