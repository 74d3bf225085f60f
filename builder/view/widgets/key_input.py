"""Routes key presses to the focused part of the window, else to the keymap."""

from typing import Protocol

import dearpygui.dearpygui as dpg

from builder.actions.dispatch import press_key
from builder.actions.keymap import SHORTCUT_MODIFIERS
from builder.canvas.pointer_events import Modifiers
from builder.editor.editor import Editor
from builder.view.widgets.key_names import MODIFIER_CODES, key_name


class KeyboardTarget(Protocol):
    """A part of the window that can have the keyboard focus."""

    @property
    def typing(self) -> bool:
        """Whether one of its text fields has the keyboard focus."""

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Handle a key press; return whether it was consumed."""


class KeyRouter:
    """Offers each key press to the targets in turn, then to the keymap of the editor.

    Key presses are routed before the targets update their focus, so that the field that had the
    focus when a key was pressed still counts as focused.
    """

    def __init__(self, editor: Editor, *targets: KeyboardTarget) -> None:
        self.editor, self.targets = editor, targets
        self._down: set[int] = set()
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._pressed)
            dpg.add_key_release_handler(callback=self._released)

    def update(self) -> None:
        """Report the modifiers that are down to the editor."""
        self.editor.view_state.modifiers = held_modifiers()

    def _pressed(self, _sender: object, code: int) -> None:
        # A quick stroke may release a modifier in the frame in which the key press is delivered.
        modifiers = held_modifiers() | (self.editor.view_state.modifiers & SHORTCUT_MODIFIERS)
        name = key_name(code, "shift" in modifiers)
        if name is None:
            return
        if name == "?":
            modifiers -= {"shift"}
        is_repeat = code in self._down
        self._down.add(code)
        if any(target.key(name, modifiers) for target in self.targets):
            return
        typing = any(target.typing for target in self.targets)
        press_key(self.editor, name, modifiers, typing, is_repeat)

    def _released(self, _sender: object, code: int) -> None:
        self._down.discard(code)


def held_modifiers() -> Modifiers:
    """Return the modifiers that are down, Space and Y included."""
    return frozenset(
        name
        for name, codes in MODIFIER_CODES.items()
        if any(dpg.is_key_down(code) for code in codes)
    )
