"""Maps key codes of the window to the names that the keymap uses.

The codes are Dear ImGui's own (``ImGuiKey``), as its events carry them; several of Dear PyGui's key
constants differ from these on Linux and macOS and would never match.
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
_PUNCTUATION = ("'", ",", "-", ".", "/", ";", "=", "[", "\\", "]", "`")
_KEYPAD_ENTER = 627

KEY_NAMES: Mapping[int, str] = {
    **dict(enumerate(_SPECIAL, 512)),
    **dict(enumerate("0123456789", 536)),
    **dict(enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 546)),
    **{572 + number: f"F{number + 1}" for number in range(12)},
    **dict(enumerate(_PUNCTUATION, 596)),
    _KEYPAD_ENTER: "Enter",
}

MODIFIER_CODES: Mapping[str, tuple[int, ...]] = {
    "ctrl": (527, 531),
    "shift": (528, 532),
    "alt": (529, 533),
    "space": (524,),
    "y": (570,),
}
"""The codes of the keys that modify pointer gestures while they are held down."""


def key_name(code: int, shift: bool) -> str | None:
    """Return the name of a key; Shift and the slash key are a question mark."""
    name = KEY_NAMES.get(code)
    return "?" if name == "/" and shift else name
