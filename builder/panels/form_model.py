"""View models of forms: what the inspector shows, as values."""

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
    """The kind of widget of a field."""

    TEXT = "text field"
    LINES = "text area"
    CHOICE = "combo box"
    CHECK = "check box"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        key: its unique key in the form.
        label: its label.
        value: its value.
        edit: returns the document with an entered value; raises `Refused`.
        control: its widget.
        history_label: the label of an edit in the history.
        placeholder: the text of the empty field, such as the default.
        note: a text beside it, such as the value of an expression.
        error: why its value is invalid.
        choices: the choices of a combo box.
        doc: its tooltip.
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
        """What its widgets are built from; everything else can be updated in place."""
        return self.key, self.label, self.control, self.doc

    def enter(self, document: Document, entered: Entered) -> tuple[Document | None, str]:
        """Return the edited document, or None and the reason of the refusal."""
        try:
            return self.edit(document, entered), ""
        except Refused as refused:
            return None, str(refused)


def text_edit(edit: Callable[[Document, str], Document]) -> Edit:
    """Adapt an edit of a text to the values of any field."""

    def enter(document: Document, entered: Entered) -> Document:
        return edit(document, str(entered))

    return enter


@dataclass(frozen=True, slots=True)
class PortRow:
    """A port of the inspected node.

    Attributes:
        name: its name.
        is_input: it is an input.
        kind: its kind.
        shape: its inferred shape, or its pattern.
        is_known: the shape is inferred.
        connection: the other end of its edge, or what it does without one.
        doc: its documentation.
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
    """The content of the inspector.

    Attributes:
        subject: what is inspected; the widgets are kept while it does not change.
        title: the name of the subject.
        subtitle: its type, or its number.
        category: the category of a node, for its colour.
        doc: a sentence of documentation.
        fields: its editable fields.
        ports: the ports of a node.
        facts: further lines of text.
        problems: its problems.
        actions: the ids of its actions.
        hyperparameters: the hyperparameters of the model follow.
    """

    subject: tuple[object, ...]
    title: str
    subtitle: str = ""
    category: Category | None = None
    doc: str = ""
    fields: tuple[Field, ...] = ()
    ports: tuple[PortRow, ...] = ()
    facts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    actions: tuple[str, ...] = ()
    hyperparameters: bool = False

    @property
    def widget_key(self) -> tuple[object, ...]:
        """What its widgets are built from; ports, facts and problems are updated in place."""
        fields = tuple(field.widget_key for field in self.fields)
        return self.subject, fields, self.category, self.doc, self.actions, self.hyperparameters


def number(count: float) -> str:
    """Format a count: ``9,456,384``, ``2.41 G``."""
    if count < 10**8:
        return f"{count:,}"
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6)):
        if count >= size:
            return f"{count / size:,.3g} {unit}" if count < 1000 * size else f"{count:.2e}"
    return f"{count:,}"


def plural(count: int, word: str, words: str = "") -> str:
    """Format a count and a noun: ``1 node``, ``2 nodes``."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"
