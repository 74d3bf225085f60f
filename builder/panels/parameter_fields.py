"""The fields in which the parameters of nodes are changed, made of their pydantic classes."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from builder.commands.nodes import reset_parameter, set_parameter
from builder.document.document import Document
from builder.panels.form_model import Control, Entered, Field
from codegen.check import Problem, Severity
from nodes.core.graphs.graph import Block, Graph, Model
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import Dim, DimError, evaluate, show

DIFFER = "they differ"


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of one type that are inspected together.

    Attributes:
        names: what they are called.
        graph: where they stand.
        model: the model, whose hyperparameters they may name.
        problems: what is wrong with them.
    """

    names: tuple[str, ...]
    graph: Graph
    model: Model
    problems: Sequence[Problem] = ()

    @property
    def all(self) -> list[Node]:
        """The nodes themselves."""
        return [self.graph.nodes[name] for name in self.names]

    @property
    def type(self) -> type[Node]:
        """What they all are."""
        return type(self.all[0])


def parameter_fields(nodes: Nodes) -> Iterator[Field]:
    """Make a field for each parameter of nodes of one type, what matters most first."""
    if nodes.type is Unknown:
        return
    last = ("repeat", "share")
    keys = sorted(nodes.type.model_fields, key=lambda key: (key in last, key == "share"))
    for key in keys:
        yield _field(nodes, key)


def _field(nodes: Nodes, key: str) -> Field:
    values = [getattr(node, key) for node in nodes.all]
    first, info = values[0], nodes.type.model_fields[key]
    same = all(value == first for value in values)
    choices = _choices(nodes, key)
    default = "" if info.is_required() else written(info.default) or "none"
    control = Control.CHOICE if choices else Control.TEXT
    if info.annotation is bool:
        control = Control.CHECK
    value: Entered = written(first) if same else ""
    if control is Control.CHECK:
        value = bool(first) and same
    whose = nodes.names[0] if len(nodes.names) == 1 else f"{len(nodes.names)} nodes"
    return Field(
        key=key,
        label=key,
        value=value,
        edit=partial(_enter, nodes.names, key, control is Control.CHECK),
        control=control,
        step=f"Set {key} of {whose}",
        hint=default if same else DIFFER,
        note=_note(first, nodes.model) if same else DIFFER,
        wrong=_wrong(nodes, key),
        choices=choices,
        doc=_doc(nodes.type, key, default),
    )


def _enter(
    names: tuple[str, ...], key: str, check: bool, document: Document, entered: Entered
) -> Document:
    """Give a parameter of some nodes another value; an empty text stands for the default."""
    for name in names:
        if entered == "" and not check:
            document = reset_parameter(document, name, key)
        else:
            document = set_parameter(document, name, key, entered)
    return document


def written(value: Any) -> str:
    """Write a value as a person types it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return show(value) if isinstance(value, Dim) else str(value)


def _note(value: object, model: Model) -> str:
    """Tell the number that an expression stands for."""
    try:
        if isinstance(value, Dim):
            return f"= {evaluate(value, model.sizes):,}"
        if isinstance(value, Ref):
            return f"= {written(model.values[value.name])}"
    except (DimError, KeyError):
        return ""
    return ""


def _wrong(nodes: Nodes, key: str) -> str:
    """Find what the check says of a parameter."""
    errors = (one for one in nodes.problems if one.severity is Severity.ERROR)
    return next((one.message for one in errors if one.where.parameter == key), "")


def _choices(nodes: Nodes, key: str) -> tuple[str, ...]:
    """List what a parameter can be, if that is one of a few."""
    info = nodes.type.model_fields[key]
    if get_origin(info.annotation) is Literal:
        return get_args(info.annotation)
    if key in nodes.type.choice_fields:
        names = nodes.type.choice_fields[key]
        held = [name for name, value in nodes.model.values.items() if value in names]
        return (*names, *held)
    if issubclass(nodes.type, Block) and key == "block":
        return tuple(nodes.model.blocks)
    if key == "tie":
        others = (n for n, node in nodes.graph.nodes.items() if hasattr(node, "tie"))
        return ("", *(name for name in others if name not in nodes.names))
    return ()


def _doc(node_type: type[Node], key: str, default: str) -> str:
    told = parameter_docs(node_type).get(key, "")
    allowed = _allowed(node_type, key)
    lines = [told and f"{told[0].upper()}{told[1:]}", allowed]
    lines.append(f"Default: {default}" if default else "")
    return "\n".join(line for line in lines if line)


def _allowed(node_type: type[Node], key: str) -> str:
    """Tell what may be typed."""
    annotation = node_type.model_fields[key].annotation
    parts = [one for one in get_args(annotation) if one is not NoneType] or [annotation]
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
        return f"A whole number, or an expression of hyperparameters such as 4 * d_model{also}."
    if key in node_type.open_fields and annotation is not int:
        return f"A number, or the name of a hyperparameter{also}."
    return ""


@lru_cache(maxsize=256)
def parameter_docs(node_type: type[Node]) -> Mapping[str, str]:
    """Read what a manual page says of each parameter."""
    _, _, rest = manual(node_type).partition("\nParameters:\n")
    section = rest.partition("\n\n")[0]
    found: dict[str, str] = {}
    name = ""
    for line in textwrap.dedent(section).splitlines():
        if line.startswith(" "):
            found[name] += f" {line.strip()}"
        else:
            name, _, told = line.partition(": ")
            found[name] = told.strip()
    return found
