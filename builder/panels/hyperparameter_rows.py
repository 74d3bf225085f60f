"""The hyperparameters of the model as rows of fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from builder.commands.model_settings import rename_hyperparameter, set_hyperparameter
from builder.document.document import Document, Refused
from builder.panels.form_model import Control, Entered, Field
from builder.panels.parameter_fields import written
from codegen.check import Report, Severity
from nodes.core.graphs.graph import Hyperparameter, Model

Value = int | float | bool | str

_WHOLE = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class HyperparameterRow:
    """A hyperparameter.

    Attributes:
        name: what it is called.
        fields: its name, its value and what it is.
        comment: what the check says of it.
        wrong: the remark is of an error.
    """

    name: str
    fields: tuple[Field, Field, Field]
    comment: str = field(default="", compare=False)
    wrong: bool = field(default=False, compare=False)


def hyperparameter_rows(model: Model, report: Report) -> Iterator[HyperparameterRow]:
    """Make the row of each hyperparameter."""
    comments = {one.where.parameter: one for one in report.problems if not one.where.node}
    for name, known in model.hyperparameters.items():
        problem = comments.get(name)
        yield HyperparameterRow(
            name,
            _fields(name, known),
            problem.message if problem else "",
            problem is not None and problem.severity is Severity.ERROR,
        )


def _fields(name: str, known: Hyperparameter) -> tuple[Field, Field, Field]:
    whole = isinstance(known.value, float) and known.value.is_integer()
    value = repr(known.value) if whole else written(known.value)
    return (
        Field(
            f"{name}.name",
            "name",
            name,
            partial(_rename, name),
            step=f"Rename {name}",
            doc="What parameters call it, and the field of the generated Config.",
        ),
        Field(
            f"{name}.value",
            "value",
            value,
            partial(_set, name),
            step=f"Set {name}",
            doc=known.doc or "A whole number, a number, true, false, or a word.",
        ),
        Field(
            f"{name}.doc",
            "about",
            known.doc,
            partial(_tell, name),
            Control.TEXT,
            step=f"Describe {name}",
            hint="what it is",
            doc="Stands as a comment in the generated code.",
        ),
    )


def _rename(name: str, document: Document, entered: Entered) -> Document:
    return rename_hyperparameter(document, name, entered)


def _set(name: str, document: Document, entered: Entered) -> Document:
    known = document.model.hyperparameters[name]
    return set_hyperparameter(document, name, typed(entered, known.value))


def _tell(name: str, document: Document, entered: Entered) -> Document:
    known = document.model.hyperparameters[name]
    return set_hyperparameter(document, name, known.value, entered)


def typed(text: str, before: Value = 0) -> Value:
    """Read a value as a person types it.

    Args:
        text: what was typed.
        before: what it was; a number with a fraction stays one.

    Raises:
        Refused: nothing was typed.
    """
    text = text.strip()
    if not text:
        raise Refused("a value is expected, such as 256, 0.1 or relu")
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _WHOLE.fullmatch(text) and type(before) is not float:
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
    """Add a hyperparameter that is to be named and set."""
    return set_hyperparameter(document, free_name(document.model), 1)
