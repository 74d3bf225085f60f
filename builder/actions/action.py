"""What an action is: one thing a person can do, under a name, with its keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from builder.editor.editor import Editor

Keys = tuple[str, ...]


def always(editor: "Editor") -> bool:
    """Tell that an action can be done at any time."""
    return True


def some_nodes(editor: "Editor") -> bool:
    """Tell whether nodes of the user's own are selected."""
    return editor.document.editable and bool(editor.document.selection.nodes)


def one_node(editor: "Editor") -> bool:
    """Tell whether one node of the user's own is selected."""
    return editor.document.editable and len(editor.document.selection.nodes) == 1


def anything(editor: "Editor") -> bool:
    """Tell whether something that can be edited is selected."""
    return editor.document.editable and bool(editor.document.selection)


def editable(editor: "Editor") -> bool:
    """Tell whether the graph that is shown can be edited."""
    return editor.document.editable


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    Attributes:
        id: what the program calls it.
        title: what menus and the help call it, in the imperative.
        group: the heading it stands under.
        keys: what does it from the keyboard, such as ``"Ctrl+Shift+Z"``; the first is shown.
        do: does it.
        enabled: tells whether it can be done now.
        repeats: holding the key does it again and again.
        anywhere: the keys do it even while text is typed.
        aliases: other names by which it is found.
    """

    id: str
    title: str
    group: str
    keys: Keys
    do: Callable[["Editor"], object]
    enabled: Callable[["Editor"], bool] = always
    repeats: bool = False
    anywhere: bool = False
    aliases: tuple[str, ...] = ()
