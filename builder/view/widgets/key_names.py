"""The keys of the window by the names that the keyboard map uses.

The numbers are Dear ImGui's own, as its events carry them; several of Dear PyGui's constants for
keys are others on Linux and macOS, and would never be met.
"""

from collections.abc import Mapping

_SPECIAL = (
    "Tab",
    "Left",
    "Right",
    "Up",
    "Down",
    "PageUp",
    "PageDown",
    "Home",
    "End",
    "Insert",
    "Delete",
    "Backspace",
    "Space",
    "Enter",
    "Escape",
)
_SIGNS = ("'", ",", "-", ".", "/", ";", "=", "[", "\\", "]", "`")
_KEYPAD_ENTER = 627

NAMES: Mapping[int, str] = {
    **dict(enumerate(_SPECIAL, 512)),
    **dict(enumerate("0123456789", 536)),
    **dict(enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 546)),
    **{572 + number: f"F{number + 1}" for number in range(12)},
    **dict(enumerate(_SIGNS, 596)),
    _KEYPAD_ENTER: "Enter",
}

HELD: Mapping[str, tuple[int, ...]] = {
    "ctrl": (527, 531),
    "shift": (528, 532),
    "alt": (529, 533),
    "space": (524,),
    "y": (570,),
}
"""The numbers of the keys that change what the mouse does while they are held."""


def name_of(number: int, shift: bool) -> str | None:
    """Name a key; with Shift, a slash is a question mark."""
    name = NAMES.get(number)
    return "?" if name == "/" and shift else name
