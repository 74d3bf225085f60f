"""What may be open over the window, as values: the view shows it, the editor holds it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Point, PortRef


@dataclass(frozen=True, slots=True)
class AddNode:
    """The search for a node to add.

    Attributes:
        at: where on the canvas it will be.
        pixel: where in the window the search opens.
        source: an output whose edge the node takes.
        target: an input that the node feeds.
        edge: the edge that the node is put on, by its target.
        replace: the node that it takes the place of.
    """

    at: Point
    pixel: Point
    source: PortRef | None = None
    target: PortRef | None = None
    edge: PortRef | None = None
    replace: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """The menu of what is under the pointer: a node, an edge, a port or a remark."""

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
    """The keys and gestures."""


@dataclass(frozen=True, slots=True)
class Find:
    """The search in the graph."""


@dataclass(frozen=True, slots=True)
class Manual:
    """The manual page of a node type."""

    type: str


@dataclass(frozen=True, slots=True)
class Rename:
    """A new name for a node, or a new text for a remark."""

    pixel: Point
    node: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class HistoryDialog:
    """The list of what was done."""


@dataclass(frozen=True, slots=True)
class StartPage:
    """The examples to begin from, the recent files, and how to begin."""


@dataclass(frozen=True, slots=True)
class FileDialog:
    """The choice of a file: to "open", to "save" to, or of a folder to "export" to."""

    purpose: str
    folder: Path
    name: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answers: each a word on a button and what it does.

    Attributes:
        title: what it is about.
        text: what happened, and what each answer means.
        answers: the safest first; Escape and a click outside do nothing.
    """

    title: str
    text: str
    answers: tuple[tuple[str, Callable[[], None]], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Recovery:
    """The journals of sessions that did not end well, to be restored or not."""


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
)
