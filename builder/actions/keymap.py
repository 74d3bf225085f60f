"""The keyboard: which key does which action.  Several keys may do the same, no key two things."""

from collections.abc import Iterable, Mapping

from builder.actions.action import Action
from builder.canvas.pointer_events import Modifiers

SHORTCUT_MODIFIERS = frozenset({"ctrl", "shift", "alt"})

Key = tuple[str, Modifiers]


def parse_key(text: str) -> Key:
    """Read a key as the table of actions writes it: ``Ctrl+Shift+Z``."""
    *modifiers, name = text.split("+")
    return name, frozenset(word.lower() for word in modifiers)


def build_keymap(actions: Iterable[Action]) -> Mapping[Key, Action]:
    """Map every key to its action.

    Raises:
        ValueError: a key has two meanings.
    """
    found: dict[Key, Action] = {}
    for action in actions:
        for text in action.keys:
            other = found.setdefault(parse_key(text), action)
            if other is not action:
                raise ValueError(f"{text} means {action.id} and {other.id}")
    return found
