"""Dialogs as values: the editor holds the open one, the view shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Point, PortRef


@dataclass(frozen=True, slots=True)
class AddNode:
    """The search for a node to add.

    Attributes:
        at: the canvas point of the new node.
        pixel: the position of the dialog in the window.
        source: the output that the node is connected to.
        target: the input that the node is connected to.
        edge: the target of the edge that the node is inserted on.
        replace: the node that it replaces.
    """

    at: Point
    pixel: Point
    source: PortRef | None = None
    target: PortRef | None = None
    edge: PortRef | None = None
    replace: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """The context menu of a node, an edge, a port or a comment."""

    pixel: Point
    at: Point
    node: str = ""
    edge: PortRef | None = None
    end: PortEnd | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class CommandPalette:
    """The command palette."""


@dataclass(frozen=True, slots=True)
class Help:
    """Shortcuts and gestures."""


@dataclass(frozen=True, slots=True)
class Find:
    """The search for nodes in the graph."""


@dataclass(frozen=True, slots=True)
class Manual:
    """The manual page of a node type."""

    type: str


@dataclass(frozen=True, slots=True)
class Rename:
    """The field for the name of a node, or the text of a comment."""

    pixel: Point
    node: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class HistoryDialog:
    """The list of the steps that can be undone and redone."""


@dataclass(frozen=True, slots=True)
class StartPage:
    """The start page: examples, recent files, an empty model."""


@dataclass(frozen=True, slots=True)
class FileDialog:
    """The dialog for a file to "open" or "save", or a folder to "export" to."""

    purpose: str
    folder: Path
    name: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        title: the title of the dialog.
        text: what happened, and what each answer does.
        answers: the label of each button and its action, the safest first; Escape and a click
            outside do nothing.
    """

    title: str
    text: str
    answers: tuple[tuple[str, Callable[[], None]], ...] = ()


@dataclass(frozen=True, slots=True)
class Recovery:
    """The documents of interrupted sessions, to be restored or discarded."""


@dataclass(frozen=True, slots=True)
class CustomNodeList:
    """The files and packages of custom nodes, to be allowed or refused.

    Attributes:
        then: the dialog that opens when it is closed.
    """

    then: "Dialog | None" = None


Dialog = (
    AddNode
    | Menu
    | CommandPalette
    | Help
    | Find
    | Manual
    | Rename
    | HistoryDialog
    | StartPage
    | FileDialog
    | Question
    | Recovery
    | CustomNodeList
)
