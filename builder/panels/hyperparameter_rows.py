"""The hyperparameters of the model as rows of fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from builder.commands.model_settings import rename_hyperparameter, set_hyperparameter
from builder.document.document import Document, Refused
from builder.panels.form_model import Field, text_edit
from builder.panels.parameter_fields import format_value
from codegen.check import Report, Severity
from nodes.core.graphs.graph import Hyperparameter, Model

Value = int | float | bool | str

_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class HyperparameterRow:
    """A hyperparameter.

    Attributes:
        name: its name.
        fields: the fields of its name, its value and its description.
        comment: the text of its problem.
        error: the problem is an error.
    """

    name: str
    fields: tuple[Field, Field, Field]
    comment: str = field(default="", compare=False)
    error: bool = field(default=False, compare=False)


def hyperparameter_rows(model: Model, report: Report) -> Iterator[HyperparameterRow]:
    """Make the row of each hyperparameter."""
    problems = {
        problem.location.parameter: problem
        for problem in report.problems
        if not problem.location.node
    }
    for name, hyperparameter in model.hyperparameters.items():
        problem = problems.get(name)
        yield HyperparameterRow(
            name,
            _fields(name, hyperparameter),
            problem.message if problem else "",
            problem is not None and problem.severity is Severity.ERROR,
        )


def _fields(name: str, hyperparameter: Hyperparameter) -> tuple[Field, Field, Field]:
    value = hyperparameter.value
    integral = isinstance(value, float) and value.is_integer()
    return (
        Field(
            f"{name}.name",
            "name",
            name,
            text_edit(partial(_rename, name)),
            history_label=f"Rename {name}",
            doc="The name in expressions, and the field of the generated Config.",
        ),
        Field(
            f"{name}.value",
            "value",
            repr(value) if integral else format_value(value),
            text_edit(partial(_set_value, name)),
            history_label=f"Set {name}",
            doc=hyperparameter.doc or "An integer, a number, true, false, or a word.",
        ),
        Field(
            f"{name}.doc",
            "about",
            hyperparameter.doc,
            text_edit(partial(_set_doc, name)),
            history_label=f"Describe {name}",
            placeholder="description",
            doc="The description, a comment in the generated code.",
        ),
    )


def _rename(name: str, document: Document, entered: str) -> Document:
    return rename_hyperparameter(document, name, entered)


def _set_value(name: str, document: Document, entered: str) -> Document:
    before = document.model.hyperparameters[name].value
    return set_hyperparameter(document, name, parse_value(entered, before))


def _set_doc(name: str, document: Document, entered: str) -> Document:
    value = document.model.hyperparameters[name].value
    return set_hyperparameter(document, name, value, entered)


def parse_value(text: str, before: Value = 0) -> Value:
    """Parse a value that was typed.

    Args:
        text: the text.
        before: the earlier value; a float stays a float.

    Raises:
        Refused: the text is empty.
    """
    text = text.strip()
    if not text:
        raise Refused("expected a value such as 256, 0.1 or relu, got nothing")
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text) and type(before) is not float:
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text


def free_name(model: Model) -> str:
    """Find a name for a new hyperparameter."""
    names = ("size", *(f"size_{count}" for count in range(2, len(model.hyperparameters) + 3)))
    return next(name for name in names if name not in model.hyperparameters)


def add(document: Document) -> Document:
    """Add a hyperparameter with a free name."""
    return set_hyperparameter(document, free_name(document.model), 1)
