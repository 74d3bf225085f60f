"""What a panel shows of one thing, as a value: the window only puts it on the screen."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from builder.document.document import Document, Refused
from codegen.check import Problem
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Kind

Entered = str | bool
Edit = Callable[[Document, Entered], Document]


class Control(Enum):
    """How something is entered."""

    TEXT = "a line of text"
    LINES = "several lines of text"
    CHOICE = "one of several"
    CHECK = "yes or no"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be changed.

    Attributes:
        key: what it is called among the fields of its sheet.
        label: what stands before it.
        value: what stands in it.
        edit: makes the document in which something else was entered; raises `Refused`.
        control: how it is entered.
        history_label: what the history calls a change of it.
        placeholder: what shows while it is empty, such as the default.
        note: what follows from it, such as the number that an expression gives.
        error: why what stands there cannot be.
        choices: what can be chosen.
        doc: what it is.
    """

    key: str
    label: str
    value: Entered
    edit: Edit
    control: Control = Control.TEXT
    history_label: str = ""
    placeholder: str = ""
    note: str = ""
    error: str = ""
    choices: tuple[str, ...] = ()
    doc: str = ""

    @property
    def widget_key(self) -> tuple[object, ...]:
        """What its widgets are made by; all else can be changed in them."""
        return self.key, self.label, self.control, self.doc

    def enter(self, document: Document, entered: Entered) -> tuple[Document | None, str]:
        """Make the changed document; or tell why that cannot be."""
        try:
            return self.edit(document, entered), ""
        except Refused as refused:
            return None, str(refused)


@dataclass(frozen=True, slots=True)
class PortRow:
    """A port of a node.

    Attributes:
        name: its name.
        is_input: it takes an edge.
        kind: what its numbers mean.
        shape: what goes through it, or what it takes while nothing does.
        is_known: something goes through it.
        connection: the other end of its edge, or what it does without one.
        doc: what it is.
    """

    name: str
    is_input: bool
    kind: Kind
    shape: str
    is_known: bool
    connection: str = ""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class FormModel:
    """All that the inspector shows.

    Attributes:
        subject: what it is about; widgets are kept while this stays the same.
        title: its name.
        subtitle: its type, or how many there are.
        family: the family of a node, for its colour.
        doc: what it is, in a sentence.
        fields: what can be changed.
        ports: the ports of a node.
        facts: what is worth knowing of it.
        problems: what is wrong with it.
        actions: the names of actions that suit it.
        hyperparameters: those of the model follow.
    """

    subject: tuple[object, ...]
    title: str
    subtitle: str = ""
    family: Category | None = None
    doc: str = ""
    fields: tuple[Field, ...] = ()
    ports: tuple[PortRow, ...] = ()
    facts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    actions: tuple[str, ...] = ()
    hyperparameters: bool = False

    @property
    def widget_key(self) -> tuple[object, ...]:
        """What its widgets are made by; ports, facts and problems come and go by themselves."""
        fields = tuple(one.widget_key for one in self.fields)
        return self.subject, fields, self.family, self.doc, self.actions, self.hyperparameters


def number(count: float) -> str:
    """Write a count so that it can be read at a glance: ``9,456,384``, ``2.41 G``."""
    if count < 10**8:
        return f"{count:,}"
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6)):
        if count >= size:
            return f"{count / size:,.3g} {unit}" if count < 1000 * size else f"{count:.2e}"
    return f"{count:,}"


def plural(count: int, word: str, words: str = "") -> str:
    """Count things: ``1 node``, ``2 nodes``."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"
