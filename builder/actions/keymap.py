"""The keymap: which key performs which action."""

from collections.abc import Iterable, Mapping

from builder.actions.action import Action
from builder.canvas.pointer_events import Modifiers

SHORTCUT_MODIFIERS = frozenset({"ctrl", "shift", "alt"})

Key = tuple[str, Modifiers]


def parse_key(text: str) -> Key:
    """Parse a key as actions declare it: ``Ctrl+Shift+Z``."""
    *modifiers, name = text.split("+")
    return name, frozenset(word.lower() for word in modifiers)


def build_keymap(actions: Iterable[Action]) -> Mapping[Key, Action]:
    """Map every key to its action.

    Raises:
        ValueError: two actions have the same key.
    """
    keymap: dict[Key, Action] = {}
    for action in actions:
        for text in action.keys:
            other = keymap.setdefault(parse_key(text), action)
            if other is not action:
                raise ValueError(f"{text} is bound to {action.id} and {other.id}")
    return keymap
