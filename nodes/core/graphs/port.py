"""Ports, and what an edge between two of them carries."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from nodes.core.shapes.pattern import Pattern, pattern
from nodes.core.shapes.shape import Shape


class Kind(Enum):
    """What the numbers on an edge mean; an edge joins ports of one kind."""

    FEATURES = "features"
    TOKENS = "token ids"
    MASK = "mask"
    LENGTHS = "lengths"
    STATE = "state"
    ANY = "any"
    """The kind of whatever arrives; the same for all such ports of a node."""


_ONE = frozenset({Kind.MASK, Kind.STATE})
"""The kinds that people speak of in the singular."""


class TensorSpec(NamedTuple):
    """What an edge carries."""

    shape: Shape
    kind: Kind


@dataclass(frozen=True)
class Port:
    """A place on a node where an edge ends.

    Attributes:
        pattern: the shape it takes or gives; see `nodes.core.shapes.shape`.
        doc: what it is, in a few words.
        kind: what its numbers mean.
        name: its name, given by the node class.
    """

    pattern: str
    doc: str = ""
    kind: Kind = Kind.FEATURES
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    @cached_property
    def parsed(self) -> Pattern:
        """The pattern, parsed."""
        return pattern(self.pattern)


@dataclass(frozen=True)
class Input(Port):
    """A port on the left of a node; takes one edge.

    Attributes:
        optional: the node works without it.
        default: the input port whose edge it shares while it has none of its own.
        variadic: any number of edges, to ports ``name.0``, ``name.1`` and so on.
        broadcast: leading sizes may be missing, and a size of 1 fits any.
    """

    optional: bool = False
    default: str = ""
    variadic: bool = False
    broadcast: bool = False


@dataclass(frozen=True)
class Output(Port):
    """A port on the right of a node; feeds any number of edges."""


class KindMismatch(ValueError):
    """Something of another kind arrives than the port takes."""

    def __init__(self, expected: Kind, actual: Kind) -> None:
        wanted, came = expected.value, actual.value
        wanted = f"a {wanted}" if expected in _ONE else wanted
        came = f"a {came}" if actual in _ONE else came
        super().__init__(f"expected {wanted}, got {came}")
        self.expected, self.actual = expected, actual


def match_kind(wanted: Kind, arrives: Kind, shared: Kind = Kind.ANY) -> Kind:
    """See that a kind fits its port, and tell the kind that all ``ANY`` ports share from now on.

    Raises:
        KindMismatch: it does not.
    """
    expected = shared if wanted is Kind.ANY else wanted
    if expected not in (arrives, Kind.ANY):
        raise KindMismatch(expected, arrives)
    return arrives if wanted is Kind.ANY else shared
