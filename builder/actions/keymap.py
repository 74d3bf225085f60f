"""The keyboard: which key does which action.  Several keys may do the same, no key two things."""

from collections.abc import Iterable, Mapping

from builder.actions.action import Action
from builder.canvas.pointer_events import Held

MODIFIERS = frozenset({"ctrl", "shift", "alt"})

Key = tuple[str, Held]


def read_key(text: str) -> Key:
    """Read a key as the table of actions writes it: ``Ctrl+Shift+Z``."""
    *held, name = text.split("+")
    return name, frozenset(word.lower() for word in held)


def keyboard(actions: Iterable[Action]) -> Mapping[Key, Action]:
    """Map every key to its action.

    Raises:
        ValueError: a key has two meanings.
    """
    found: dict[Key, Action] = {}
    for action in actions:
        for text in action.keys:
            other = found.setdefault(read_key(text), action)
            if other is not action:
                raise ValueError(f"{text} means {action.id} and {other.id}")
    return found
