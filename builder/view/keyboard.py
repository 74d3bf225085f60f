"""Takes the keys that are pressed in the window to what they mean."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.canvas.events import Held
from builder.editor import Editor
from builder.keyboard import MODIFIERS
from builder.view.keys import HELD, name_of

_TEXT_FIELDS = ("mvInputText", "mvInputInt", "mvInputFloat", "mvInputDouble")
Offer = Callable[[str, Held], bool]


class KeyRouter:
    """Passes each key to the open dialog or a field, else to the editor.

    Args:
        editor: the editor.
        offers: each passes a key to a part of the window, and tells whether it was taken.
    """

    def __init__(self, editor: Editor, *offers: Offer) -> None:
        self.editor, self.offers = editor, offers
        self._down: set[int] = set()
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._pressed)
            dpg.add_key_release_handler(callback=self._released)

    def update(self) -> None:
        """Tell the editor which keys are held."""
        self.editor.look.held = held_keys()

    def _pressed(self, _sender: object, number: int) -> None:
        # A quick stroke may let a modifier go in the frame in which the key arrives.
        held = held_keys() | (self.editor.look.held & MODIFIERS)
        name = name_of(number, "shift" in held)
        if name is None:
            return
        if name == "?":
            held -= {"shift"}
        again = number in self._down
        self._down.add(number)
        if any(offer(name, held) for offer in self.offers):
            return
        typing = is_typing() or (self.editor.dialog is not None and name != "Escape")
        self.editor.key(name, held, typing, again)

    def _released(self, _sender: object, number: int) -> None:
        self._down.discard(number)


def held_keys() -> Held:
    """Tell which of the keys that change what the mouse does are held."""
    return frozenset(
        name for name, numbers in HELD.items() if any(dpg.is_key_down(one) for one in numbers)
    )


def is_typing() -> bool:
    """Tell whether a text field has the keyboard."""
    focused = dpg.get_focused_item()
    if not focused or not dpg.does_item_exist(focused):
        return False
    kind = dpg.get_item_type(focused).rpartition("::")[2]
    return kind.startswith(_TEXT_FIELDS) and dpg.is_item_active(focused)
