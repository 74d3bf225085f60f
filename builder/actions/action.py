"""Actions: what the user can do, each with a name, a title and keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from builder.editor.editor import Editor

Keys = tuple[str, ...]


def always(editor: "Editor") -> bool:
    """Enable an action at any time."""
    return True


def editable(editor: "Editor") -> bool:
    """Return whether the active graph can be edited."""
    return editor.document.editable


def nodes_selected(editor: "Editor") -> bool:
    """Return whether nodes are selected in an editable graph."""
    return editor.document.editable and bool(editor.document.selection.nodes)


def one_node_selected(editor: "Editor") -> bool:
    """Return whether one node is selected in an editable graph."""
    return editor.document.editable and len(editor.document.selection.nodes) == 1


def any_selected(editor: "Editor") -> bool:
    """Return whether anything is selected in an editable graph."""
    return editor.document.editable and bool(editor.document.selection)


@dataclass(frozen=True, slots=True)
class Action:
    """What the user can do.

    Attributes:
        id: the title in snake case.
        title: the text in menus, in the help and in the history, in the imperative.
        group: the heading in the help.
        keys: the shortcuts, such as ``"Ctrl+Shift+Z"``; the first is shown.
        do: performs the action.
        enabled: returns whether the action can be performed now.
        repeats: holding the key repeats the action.
        anywhere: the keys work while text is typed.
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
