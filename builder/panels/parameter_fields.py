"""The fields of node parameters, generated from the pydantic models of node types."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import NoneType
from typing import Literal, get_args, get_origin

from builder.commands.nodes import reset_parameter, set_parameter
from builder.document.document import Document
from builder.panels.form_model import Control, Entered, Field
from codegen.check import Problem, Severity
from nodes.core.graphs.graph import Block, Graph, Model
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.number_expression import NumberError, NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown, node_type, value_of
from nodes.core.shapes.dim import Dim, evaluate, show
from nodes.core.shapes.size_limits import DimError

MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class InspectedNodes:
    """Nodes of one type that are inspected together.

    Attributes:
        names: their names.
        graph: their graph.
        model: the model, for its hyperparameters.
        problems: their problems.
    """

    names: tuple[str, ...]
    graph: Graph
    model: Model
    problems: Sequence[Problem] = ()

    @property
    def all(self) -> list[Node]:
        """The nodes."""
        return [self.graph.nodes[name] for name in self.names]

    @property
    def type(self) -> type[Node]:
        """Their type; that which they stand for, if they are kept as they are written."""
        return node_type(self.all[0])


def parameter_fields(nodes: InspectedNodes) -> Iterator[Field]:
    """Make a field for each parameter; ``repeat`` and ``share`` come last."""
    if nodes.type is Unknown:
        return
    last = ("repeat", "share")
    keys = sorted(nodes.type.model_fields, key=lambda key: (key in last, key == "share"))
    for key in keys:
        yield _field(nodes, key)
    node = nodes.all[0]
    if len(nodes.names) == 1 and isinstance(node, Unknown):
        for key in node.parameters.keys() - nodes.type.model_fields.keys():
            yield _foreign_field(nodes, key, node.parameters[key])


def _field(nodes: InspectedNodes, key: str) -> Field:
    values = [value_of(node, key) for node in nodes.all]
    first, info = values[0], nodes.type.model_fields[key]
    same = all(value == first for value in values)
    choices = _choices(nodes, key)
    default = "" if info.is_required() else format_value(info.default) or "none"
    control = Control.CHOICE if choices else Control.TEXT
    if info.annotation is bool:
        control = Control.CHECK
    value: Entered = (nodes.all[0].text_of(key) or format_value(first)) if same else ""
    if control is Control.CHECK:
        value = first is True and same
    owner = nodes.names[0] if len(nodes.names) == 1 else f"{len(nodes.names)} nodes"
    return Field(
        key=key,
        label=key,
        value=value,
        edit=partial(_enter, nodes.names, key, control is Control.CHECK),
        control=control,
        history_label=f"Set {key} of {owner}",
        placeholder=default if same else MIXED,
        note=_note(first, nodes.model) if same else MIXED,
        error=_error_of(nodes, key),
        choices=choices,
        doc=_doc(nodes.type, key, default),
    )


def _foreign_field(nodes: InspectedNodes, key: str, value: object) -> Field:
    """Make the field of a parameter that the type does not have; emptied, it is removed."""
    return Field(
        key=key,
        label=key,
        value=format_value(value),
        edit=partial(_enter, nodes.names, key, False),
        control=Control.TEXT,
        history_label=f"Remove {key} of {nodes.names[0]}",
        error=_error_of(nodes, key),
        doc=f"{nodes.type.__name__} has no such parameter. Empty the field to remove it.",
    )


def _enter(
    names: tuple[str, ...], key: str, check: bool, document: Document, entered: Entered
) -> Document:
    """Set a parameter of some nodes; an empty text resets it to its default."""
    for name in names:
        if entered == "" and not check:
            document = reset_parameter(document, name, key)
        else:
            document = set_parameter(document, name, key, entered)
    return document


def format_value(value: object) -> str:
    """Format a value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return show(value) if isinstance(value, Dim) else str(value)


def _note(value: object, model: Model) -> str:
    """Return the value of an expression."""
    try:
        if isinstance(value, Dim):
            return f"= {evaluate(value, model.sizes):,}"
        if isinstance(value, Ref):
            return f"= {format_value(model.values[value.name])}"
        if isinstance(value, NumberExpression):
            return f"= {value.evaluate(model.values):.6g}"
    except (DimError, NumberError, KeyError):
        return ""
    return ""


def _error_of(nodes: InspectedNodes, key: str) -> str:
    """Return the message of the error of a parameter."""
    errors = (problem for problem in nodes.problems if problem.severity is Severity.ERROR)
    return next((error.message for error in errors if error.location.parameter == key), "")


def _choices(nodes: InspectedNodes, key: str) -> tuple[str, ...]:
    """List the choices of a parameter; empty if it is free."""
    info = nodes.type.model_fields[key]
    if get_origin(info.annotation) is Literal:
        return get_args(info.annotation)
    if key in nodes.type.choice_fields:
        names = nodes.type.choice_fields[key]
        references = [name for name, value in nodes.model.values.items() if value in names]
        return (*names, *references)
    if issubclass(nodes.type, Block) and key == "block":
        return tuple(nodes.model.blocks)
    if key == "tie":
        others = (n for n, node in nodes.graph.nodes.items() if hasattr(node, "tie"))
        return ("", *(name for name in others if name not in nodes.names))
    return ()


def _doc(node_type: type[Node], key: str, default: str) -> str:
    doc = parameter_docs(node_type).get(key, "")
    lines = [doc and f"{doc[0].upper()}{doc[1:]}", _syntax(node_type, key)]
    lines.append(f"Default: {default}" if default else "")
    return "\n".join(line for line in lines if line)


def _syntax(node_type: type[Node], key: str) -> str:
    """Describe the accepted syntax."""
    annotation = node_type.model_fields[key].annotation
    parts = [part for part in get_args(annotation) if part is not NoneType] or [annotation]
    words = [
        word
        for part in parts
        if get_origin(part) is Literal
        for word in get_args(part)
        if get_origin(annotation) is not Literal
    ]
    also = f", or {' or '.join(words)}" if words else ""
    if key in node_type.choice_fields or get_origin(annotation) is Literal:
        return ""
    if key in node_type.size_fields or "Dim" in str(annotation):
        return f"An integer, or an expression of hyperparameters such as 4 * d_model{also}."
    if key in node_type.open_fields and annotation is not int:
        return f"A number, or the name of a hyperparameter{also}."
    return ""


@lru_cache(maxsize=256)
def parameter_docs(node_type: type[Node]) -> Mapping[str, str]:
    """Read the documentation of each parameter from the manual of a node type."""
    _, _, rest = manual(node_type).partition("\nParameters:\n")
    section = rest.partition("\n\n")[0]
    docs: dict[str, str] = {}
    name = ""
    for line in textwrap.dedent(section).splitlines():
        if line.startswith(" "):
            docs[name] += f" {line.strip()}"
        else:
            name, _, doc = line.partition(": ")
            docs[name] = doc.strip()
    return docs
