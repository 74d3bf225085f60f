"""The base of all panels: each compares the editor with its last state and updates what changed."""

import time
from abc import ABC, abstractmethod

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme
from builder.view.panels.panel_themes import BODY, update_themes
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag

COMPARED_BY_VALUE = (str, int, float, tuple, frozenset)
DEBOUNCE_DELAY = 0.15
"""Seconds without a change after which expensive results are computed."""


class Panel(ABC):
    """A part of the window.

    Attributes:
        editor: the editor.
        root: the container of the widgets.
    """

    def __init__(self, editor: Editor, parent: Tag, theme: str = BODY) -> None:
        self.editor = editor
        update_themes(editor.theme, editor.settings.scale)
        self.root = dpg.add_child_window(
            parent=parent,
            width=-1,
            height=-1,
            border=False,
            always_use_window_padding=True,
            no_scrollbar=theme != BODY,
            no_scroll_with_mouse=theme != BODY,
        )
        dpg.bind_item_theme(self.root, theme)
        self._last_values: tuple[object, ...] | None = None

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.editor.theme

    def units(self, length: float) -> int:
        """Convert a length at scale 1 to pixels."""
        return round(length * self.editor.settings.scale)

    def style_key(self) -> tuple[Theme, float]:
        """Return the theme and the scale; widgets made for other ones have to be rebuilt."""
        theme, scale = self.theme, self.editor.settings.scale
        update_themes(theme, scale)
        return theme, scale

    def has_changed(self, *values: object) -> bool:
        """Return whether any value differs from the last call, and remember the values.

        Documents share the parts that a command leaves unchanged, so objects are compared by
        identity; only texts, numbers and collections of these are compared by value.
        """
        last, self._last_values = self._last_values, values
        if last is None or len(last) != len(values):
            return True
        return any(_differ(*pair) for pair in zip(values, last, strict=True))

    @abstractmethod
    def update(self) -> None:
        """Update the widgets from the editor."""


def _differ(first: object, second: object) -> bool:
    if isinstance(first, COMPARED_BY_VALUE):
        return first != second
    return first is not second


class Debounce:
    """Waits until an object has stayed the same for a while."""

    def __init__(self) -> None:
        self._watched: object = None
        self._since = 0.0

    def is_stable(self, watched: object) -> bool:
        """Return whether the same object has been passed for `DEBOUNCE_DELAY` seconds."""
        now = time.monotonic()
        if watched is not self._watched:
            self._watched, self._since = watched, now
        return now - self._since >= DEBOUNCE_DELAY


def add_text(
    text: str,
    colour: Colour,
    font: str = "regular",
    parent: Tag = 0,
    wrap: int = -1,
    lines: bool = False,
) -> Tag:
    """Add a text.

    Args:
        text: any text.
        colour: its colour.
        font: the name of a font.
        parent: its container; the innermost open one by default.
        wrap: 0 to wrap at the right end of the container, -1 for a single line.
        lines: keep line breaks.
    """
    item = dpg.add_text(sanitize(text, lines), color=colour, wrap=wrap, parent=parent)
    if font != "regular":
        dpg.bind_item_font(item, fonts.tag(font))
    return item


def set_text(item: Tag, text: str) -> None:
    """Replace the content of a text."""
    text = sanitize(text)
    if dpg.get_value(item) != text:
        dpg.set_value(item, text)


def add_heading(text: str, theme: Theme, parent: Tag = 0) -> Tag:
    """Add the heading of a section."""
    return add_text(text.upper(), theme.faint, "small", parent)


def add_tooltip(item: Tag, text: str) -> None:
    """Add a tooltip to an item, unless the text is empty."""
    if not text:
        return
    with dpg.tooltip(item, delay=0.5, hide_on_activity=True):
        dpg.add_text(sanitize(text, lines=True), wrap=360)
