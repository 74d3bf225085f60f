"""The plan of a generated model: everything that is decided before any text is written.

A checked graph -> `Plan`: a `Config`, functions of the library, and one `ClassPlan` for each use of
a graph.  Names, order and structure are final; `codegen.writing.module_writer` only formats them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nodes.core.graphs.location import Location
from nodes.core.graphs.parameter_types import Bounds
from nodes.core.graphs.python_expression import Expr

StateArgument = Literal["", "past", "state"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """``self.name = value`` in the ``__init__`` of a class."""

    name: str
    value: Expr
    nodes: tuple[Location, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Assign:
    """``target = value  # comment``.

    Attributes:
        target: the variables; "return" makes it a return statement, None an expression statement.
        value: the expression.
        comment: the shape of the value, where it is written at the end of the line.
        nodes: the nodes that the statement computes, for the source map.
    """

    target: str | None
    value: Expr
    comment: str = field(default="", compare=False)
    nodes: tuple[Location, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class CompoundStatement:
    """``header:`` with an indented body: a ``for`` loop, or an ``if`` on the cached state."""

    header: str
    body: tuple["Statement", ...]
    nodes: tuple[Location, ...] = field(default=(), compare=False)


Statement = Assign | CompoundStatement


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method."""

    name: str
    annotation: str = "Tensor"
    default: str = ""

    def __str__(self) -> str:
        default = f" = {self.default}" if self.default else ""
        return f"{self.name}: {self.annotation}{default}"


@dataclass(slots=True)
class MethodPlan:
    """One method of a class.

    Attributes:
        name: its name.
        parameters: its parameters.
        returns: its return annotation.
        signature: its inputs and outputs with their shapes, for its docstring.
        masks: its parameters that are masks, each with what true means.
        statements: its body.
    """

    name: str
    parameters: list[Parameter] = field(default_factory=list)
    returns: str = "Tensor"
    signature: str = field(default="", compare=False)
    masks: dict[str, str] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)


@dataclass(slots=True)
class ClassPlan:
    """One ``nn.Module`` class.

    Attributes:
        name: its name.
        doc: its docstring, one line.
        takes_config: ``__init__`` takes the ``Config``.
        attributes: the assignments in ``__init__``, in order.
        methods: its methods, ``forward`` last.
    """

    name: str = field(compare=False)
    doc: str
    takes_config: bool = False
    attributes: list[Attribute] = field(default_factory=list)
    methods: list[MethodPlan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One field of the ``Config``.

    Attributes:
        name, annotation, value, doc: its name, type, default value and description.
        bounds: the values that it takes.
    """

    name: str
    annotation: str
    value: Expr
    doc: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class ConfigCheck:
    """A check in the ``__post_init__`` of the ``Config`` that compares sizes.

    Attributes:
        violation: the condition under which it raises.
        message: what must hold instead.
        term: a name and a value to assign to it, where the condition is too long for one line.
        short: the condition on that name.
    """

    violation: Expr
    message: str
    term: tuple[str, Expr]
    short: str


@dataclass(frozen=True, slots=True)
class ConfigProperty:
    """A size that the ``Config`` computes from its fields, such as ``head_dim``."""

    name: str
    value: Expr


@dataclass(slots=True)
class Plan:
    """A generated model.

    Attributes:
        title: the name of the model.
        dataflow: the path from the first input to the first output, in one line.
        fields: the ``Config`` field of each hyperparameter.
        config: the fields of the ``Config``.
        config_checks: the comparisons in its ``__post_init__``.
        properties: its properties.
        type_aliases: name, type and comment of each type alias.
        functions: the functions and classes of ``codegen.layers`` that are used.
        classes: each before its first use; the model itself comes last.
        initialization: how weights are initialized, "torch" or "normal".
        has_padding: some weight has a row that stays zero.
        own_starts: how the names of weights end whose first values a custom initialization leaves.
        state_argument: the argument of ``forward`` for the cached state: "past" for keys and
            values, "state" for recurrent states only; "" in a model without a cache.
    """

    title: str
    dataflow: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    config: list[ConfigField] = field(default_factory=list)
    config_checks: list[ConfigCheck] = field(default_factory=list)
    properties: list[ConfigProperty] = field(default_factory=list)
    type_aliases: list[tuple[str, str, str]] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    classes: list[ClassPlan] = field(default_factory=list)
    initialization: str = "torch"
    has_padding: bool = False
    own_starts: tuple[str, ...] = ()
    state_argument: StateArgument = ""
