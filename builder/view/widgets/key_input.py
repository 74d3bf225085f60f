"""Takes the keys that are pressed in the window to what they mean."""

from typing import Protocol

import dearpygui.dearpygui as dpg

from builder.actions.dispatch import press_key
from builder.actions.keymap import SHORTCUT_MODIFIERS
from builder.canvas.pointer_events import Modifiers
from builder.editor.editor import Editor
from builder.view.widgets.key_names import HELD, name_of


class Typed(Protocol):
    """A part of the window with text fields."""

    @property
    def typing(self) -> bool:
        """Tell whether one of them has the keyboard."""

    def key(self, name: str, held: Modifiers) -> bool:
        """Take a key; tell whether it was taken."""


class KeyRouter:
    """Passes each key to the part of the window that wants it, else to the editor.

    A part that had the keyboard when the key was pressed is still said to be typed in: the parts
    look at their fields after the keys of a round.
    """

    def __init__(self, editor: Editor, *parts: Typed) -> None:
        self.editor, self.parts = editor, parts
        self._down: set[int] = set()
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._pressed)
            dpg.add_key_release_handler(callback=self._released)

    def update(self) -> None:
        """Tell the editor which keys are held."""
        self.editor.view_state.modifiers = held_keys()

    def _pressed(self, _sender: object, number: int) -> None:
        # A quick stroke may let a modifier go in the frame in which the key arrives.
        held = held_keys() | (self.editor.view_state.modifiers & SHORTCUT_MODIFIERS)
        name = name_of(number, "shift" in held)
        if name is None:
            return
        if name == "?":
            held -= {"shift"}
        again = number in self._down
        self._down.add(number)
        if any(part.key(name, held) for part in self.parts):
            return
        typing = any(part.typing for part in self.parts)
        press_key(self.editor, name, held, typing, again)

    def _released(self, _sender: object, number: int) -> None:
        self._down.discard(number)


def held_keys() -> Modifiers:
    """Tell which of the keys that change what the mouse does are held."""
    return frozenset(
        name for name, numbers in HELD.items() if any(dpg.is_key_down(one) for one in numbers)
    )
