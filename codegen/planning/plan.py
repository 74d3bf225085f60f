"""The plan of a generated model: all that is decided before the first character is written.

A model becomes a `Config`, functions from the library, and one class for each graph that is used.
Names, order and structure are final here; `codegen.writing.module_writer` only writes them down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.check.problem import Location
from nodes.core.graphs.python_expression import Expr


@dataclass(frozen=True, slots=True)
class Attribute:
    """``self.name = value`` in a class's ``__init__``."""

    name: str
    value: Expr
    nodes: tuple[Location, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = value  # note``; with the target "return" what is given back, with None a call."""

    target: str | None
    value: Expr
    note: str = field(default="", compare=False)
    nodes: tuple[Location, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Suite:
    """``header:`` and the statements under it: a loop, or what is done only with a past."""

    header: str
    body: tuple[Assign, ...]
    nodes: tuple[Location, ...] = field(default=(), compare=False)


Statement = Assign | Suite


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of ``forward``."""

    name: str
    annotation: str = "Tensor"
    default: str = ""

    def __str__(self) -> str:
        default = f" = {self.default}" if self.default else ""
        return f"{self.name}: {self.annotation}{default}"


@dataclass(slots=True)
class ClassPlan:
    """One ``nn.Module`` class.

    Attributes:
        name: its name.
        doc: the first line of its docstring.
        takes_config: ``__init__`` takes the ``Config``.
        attributes: what ``__init__`` stores, in order.
        parameters: the arguments of ``forward``.
        returns: the annotation of what it returns.
        signature: what goes in and out with its shapes, for a docstring.
        statements: the body of ``forward``.
    """

    name: str = field(compare=False)
    doc: str
    takes_config: bool = False
    attributes: list[Attribute] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    returns: str = "Tensor"
    signature: str = field(default="", compare=False)
    statements: list[Statement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One field of the ``Config``."""

    name: str
    annotation: str
    value: Expr
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Division:
    """Two sizes, the second of which must divide the first, in the words of the ``Config``."""

    whole: Expr
    part: Expr


@dataclass(frozen=True, slots=True)
class Property:
    """A size that follows from the fields of the ``Config``."""

    name: str
    value: Expr


@dataclass(slots=True)
class Plan:
    """A generated model.

    Attributes:
        title: what the model is called.
        notes: what its author says of it.
        spec: the main graph in one line.
        fields: what the hyperparameters are called there.
        config: the fields of the ``Config``.
        divisions: what the ``Config`` must see to.
        properties: sizes that follow from its fields.
        aliases: names of types, with what they stand for and why.
        functions: the names that are taken from the library.
        classes: each before it is used; the model itself comes last.
        initialization: how fresh weights are drawn.
        streamed: "past" or "state", if the model can be fed piece by piece.
    """

    title: str
    notes: str = ""
    spec: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    config: list[ConfigField] = field(default_factory=list)
    divisions: list[Division] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)
    aliases: list[tuple[str, str, str]] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    classes: list[ClassPlan] = field(default_factory=list)
    initialization: str = "torch"
    streamed: str = ""
