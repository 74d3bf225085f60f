"""Ports, and what an edge between two of them carries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from nodes.core.shapes.pattern import Pattern, parse_pattern
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


_SINGULAR = frozenset({Kind.MASK, Kind.STATE})


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
        return parse_pattern(self.pattern)


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


_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")


def find_input(ports: Iterable[Input], name: str) -> Input | None:
    """Find an input port by its name, or by ``name.0`` for one edge of a variadic port.

    An index has one spelling: ``name.0`` and ``name.00`` would be two edges to one port.
    """
    stem, _, index = name.partition(".")
    for port in ports:
        if port.variadic:
            if port.name == stem and _INDEX.fullmatch(index):
                return port
        elif port.name == name:
            return port
    return None


class KindMismatch(ValueError):
    """Something of another kind arrives than the port takes."""

    def __init__(self, expected: Kind, actual: Kind) -> None:
        super().__init__(f"expected {_noun(expected)}, got {_noun(actual)}")
        self.expected, self.actual = expected, actual


def _noun(kind: Kind) -> str:
    return f"a {kind.value}" if kind in _SINGULAR else kind.value


def match_kind(wanted: Kind, arrives: Kind, shared: Kind = Kind.ANY) -> Kind:
    """See that a kind fits its port, and tell the kind that all ``ANY`` ports share from now on.

    Raises:
        KindMismatch: it does not.
    """
    expected = shared if wanted is Kind.ANY else wanted
    if expected not in (arrives, Kind.ANY):
        raise KindMismatch(expected, arrives)
    return arrives if wanted is Kind.ANY else shared
