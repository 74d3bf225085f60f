"""The types of node parameters: sizes, numbers and choices that may name hyperparameters."""

from dataclasses import dataclass
from math import isfinite
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from nodes.core.graphs.number_expression import NumberExpression, parse_number
from nodes.core.shapes.dim import AnyDim, Dim, show
from nodes.core.shapes.expression import NAME, is_name, normalized, parse
from nodes.core.shapes.size_limits import LARGEST


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a hyperparameter, in place of a number or a choice."""

    name: str

    @property
    def names(self) -> frozenset[str]:
        """The hyperparameters in it: this one."""
        return frozenset({self.name})

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers that a parameter takes.

    Attributes:
        least, most: the bounds.
        open_below, open_above: a bound itself is not taken.
    """

    least: float
    most: float
    open_below: bool = False
    open_above: bool = False

    def contains(self, value: float) -> bool:
        """Check whether a number is within the bounds."""
        above = self.least < value if self.open_below else self.least <= value
        return above and (value < self.most if self.open_above else value <= self.most)


_Rules = tuple[BeforeValidator, PlainSerializer, WithJsonSchema, Bounds]


def _whole(least: int) -> _Rules:
    """Make the rules of whole numbers from ``least`` on, or expressions over hyperparameters."""

    def read(value: object) -> AnyDim:
        if isinstance(value, str):
            value = parse(value)
        if isinstance(value, Dim):
            return value
        if type(value) is not int:
            raise ValueError(f"expected a whole number or an expression, got {_shortened(value)}")
        if not least <= value <= LARGEST:
            bound = f"at least {least}" if value < least else f"at most {LARGEST}"
            raise ValueError(f"expected a whole number of {bound}, got {_shortened(value)}")
        return value

    def write(value: AnyDim) -> int | str:
        return value if isinstance(value, int) else show(value)

    number = {"type": "integer", "minimum": least, "maximum": LARGEST}
    schema = {"anyOf": [number, {"type": "string", "description": "an expression"}]}
    bounds = Bounds(least, LARGEST)
    return BeforeValidator(read), PlainSerializer(write), WithJsonSchema(schema), bounds


def _real(least: float, most: float, open_below: bool = False, open_above: bool = False) -> _Rules:
    """Make the rules of finite numbers between two bounds, or names of hyperparameters."""
    bounds = Bounds(least, most, open_below, open_above)
    low = "above" if open_below else "from"
    high = "to below" if open_above else "to"
    span = f"{low} {least:g} {high} {most:g}" if isfinite(most) and isfinite(least) else ""
    upward = f"{low} {least:g}" if open_below else f"{low} {least:g} on"
    span = span or (upward if isfinite(least) else "of any size")

    def read(value: object) -> float | Ref | NumberExpression:
        if isinstance(value, Ref | NumberExpression):
            return value
        if isinstance(value, str):
            if is_name(normalized(value)):
                return Ref(normalized(value))
            value = parse_number(value)
            if isinstance(value, NumberExpression):
                return value
        if not ((type(value) is int or type(value) is float) and isfinite(value)):
            raise ValueError(f"expected a number {span}, got {_shortened(value)}")
        if not bounds.contains(value):
            raise ValueError(f"expected a number {span}, got {_shortened(value)}")
        return float(value)

    def write(value: float | Ref | NumberExpression) -> float | str:
        return value if isinstance(value, float) else str(value)

    schema = {"anyOf": [{"type": "number"}, {"type": "string", "description": "an expression"}]}
    return BeforeValidator(read), PlainSerializer(write), WithJsonSchema(schema), bounds


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """Mark the fields that specialize a node: references are replaced by their values."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        names = _literal_names(source)
        expected = " or ".join(names)

        def read(value: object) -> object:
            if isinstance(value, Ref) or value in names:
                return value
            if not isinstance(value, str) or not is_name(normalized(value)):
                raise ValueError(f"expected {expected}, got {_shortened(value)}")
            return Ref(normalized(value))

        writer = core_schema.plain_serializer_function_ser_schema(str)
        return core_schema.no_info_plain_validator_function(
            read, serialization=writer, metadata={"names": names}
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        names = schema["metadata"]["names"]
        reference = {"type": "string", "pattern": f"^{NAME.pattern}$"}
        return {"anyOf": [{"enum": list(names)}, reference]}


_Names = TypeVar("_Names")

Choice = Annotated[_Names | Ref, ChoiceField()]
"""One of several names, or a hyperparameter that holds one: ``Choice[Literal["a", "b"]]``."""


def _literal_names(source: object) -> tuple[str, ...]:
    """List the names of the union ``Literal["a", "b"] | Ref``."""
    return get_args(get_args(source)[0])


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


class SizeField:
    """Mark the fields that hold sizes; their names are words of patterns."""


_SIZE = SizeField()
_INFINITY = float("inf")

Size = Annotated[int | Dim, *_whole(1), _SIZE]
Count = Annotated[int | Dim, *_whole(0), _SIZE]
Whole = Annotated[int | Dim, *_whole(-LARGEST), _SIZE]
Real = Annotated[float | Ref | NumberExpression, *_real(-_INFINITY, _INFINITY)]
Positive = Annotated[float | Ref | NumberExpression, *_real(0, _INFINITY, open_below=True)]
NonNegative = Annotated[float | Ref | NumberExpression, *_real(0, _INFINITY)]
Probability = Annotated[float | Ref | NumberExpression, *_real(0, 1, open_above=True)]
Fraction = Annotated[float | Ref | NumberExpression, *_real(0, 1)]
Scale = Annotated[Literal["sqrt"] | Real, Field(union_mode="left_to_right")]
"""A factor, or the square root of a width."""


def is_size(info: FieldInfo) -> bool:
    """Return whether a field holds a size, or a size or None."""
    marks = list(info.metadata)
    choices = [arg for arg in get_args(info.annotation) if arg is not NoneType]
    if len(choices) == 1:
        marks += getattr(choices[0], "__metadata__", ())
    return any(isinstance(mark, SizeField) for mark in marks)


def bounds(info: FieldInfo) -> Bounds | None:
    """Return the bounds of the numbers that a field takes; None if it takes none by name."""
    parts = [info.metadata, *(getattr(a, "__metadata__", ()) for a in get_args(info.annotation))]
    return next((mark for part in parts for mark in part if isinstance(mark, Bounds)), None)


def choices(info: FieldInfo) -> tuple[str, ...]:
    """List the names that a field chooses from; none if it is no choice."""
    is_choice = any(isinstance(mark, ChoiceField) for mark in info.metadata)
    return _literal_names(info.annotation) if is_choice else ()


def as_int(size: AnyDim) -> int:
    """Return a size that is a number, as the sizes of a resolved node are.

    Raises:
        TypeError: it depends on names.
    """
    if isinstance(size, Dim):
        raise TypeError(f"expected a number, got {size}")
    return size
