"""What all panels have in common: they look at the editor, and redo only what differs."""

import time

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme
from builder.view.panels.panel_themes import BODY, keep_looks
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import shown

Item = int | str
PLAIN_VALUES = (str, int, float, tuple, frozenset)
REST = 0.15
"""Seconds without a change after which what takes long is worked out."""


class Panel:
    """A part of the window.

    Attributes:
        editor: what is shown and done.
        root: what holds its widgets.
    """

    def __init__(self, editor: Editor, parent: Item, body: str = BODY) -> None:
        self.editor = editor
        keep_looks(editor.theme, editor.settings.scale)
        self.root = dpg.add_child_window(
            parent=parent,
            width=-1,
            height=-1,
            border=False,
            always_use_window_padding=True,
            no_scrollbar=body != BODY,
            no_scroll_with_mouse=body != BODY,
        )
        dpg.bind_item_theme(self.root, body)
        self._seen: tuple[object, ...] | None = None

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.editor.theme

    def units(self, length: float) -> int:
        """Tell how many pixels a length is."""
        return round(length * self.editor.settings.scale)

    def looks(self) -> tuple[object, ...]:
        """Give what the widgets were made for: where these are others, all is made anew."""
        look = self.theme, self.editor.settings.scale
        keep_looks(*look)
        return look

    def differs(self, *parts: object) -> bool:
        """Tell whether any of some objects is another than at the last call; and remember them.

        What commands share is the same object as long as it says the same, so that only words,
        numbers and their collections are compared by what they say.
        """
        before, self._seen = self._seen, parts
        if before is None or len(before) != len(parts):
            return True
        return any(_differ(*pair) for pair in zip(parts, before, strict=True))

    def update(self) -> None:
        """Make the screen true to the editor."""
        raise NotImplementedError


def _differ(one: object, other: object) -> bool:
    if isinstance(one, PLAIN_VALUES):
        return one != other
    return one is not other


class Rest:
    """Tells when something has stayed the same for a while."""

    def __init__(self) -> None:
        self._watched: object = None
        self._since = 0.0

    def of(self, watched: object) -> bool:
        """Tell whether an object has been the present one for long enough."""
        now = time.monotonic()
        if watched is not self._watched:
            self._watched, self._since = watched, now
        return now - self._since >= REST


def text(
    words: str,
    colour: Colour,
    font: str = "regular",
    parent: Item = 0,
    wrap: int = -1,
    lines: bool = False,
) -> Item:
    """Add a text.

    Args:
        words: what it says, from anywhere.
        colour: its colour.
        font: the name of its font.
        parent: what it stands in; the innermost open container where none is given.
        wrap: 0 to break it at the right end, -1 for one line.
        lines: line ends stay.
    """
    item = dpg.add_text(shown(words, lines), color=colour, wrap=wrap, parent=parent)
    if font != "regular":
        dpg.bind_item_font(item, fonts.tag(font))
    return item


def rewrite(item: Item, words: str) -> None:
    """Let a text say something else."""
    words = shown(words)
    if dpg.get_value(item) != words:
        dpg.set_value(item, words)


def heading(words: str, theme: Theme, parent: Item = 0) -> Item:
    """Add the heading of a section."""
    return text(words.upper(), theme.faint, "small", parent)


def tip(item: Item, words: str) -> None:
    """Say something while an item is pointed at."""
    if not words:
        return
    with dpg.tooltip(item, delay=0.5, hide_on_activity=True):
        dpg.add_text(shown(words, lines=True), wrap=360)
