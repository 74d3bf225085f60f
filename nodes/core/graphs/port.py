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
    """The meaning of the numbers on an edge; an edge connects ports of one kind."""

    FEATURES = "features"
    TOKENS = "token ids"
    MASK = "mask"
    LENGTHS = "lengths"
    STATE = "state"
    ANY = "any"
    """Any kind; the same at all such ports of a node."""


_SINGULAR = frozenset({Kind.MASK, Kind.STATE})


class TensorSpec(NamedTuple):
    """The shape and the kind of what an edge carries."""

    shape: Shape
    kind: Kind


@dataclass(frozen=True)
class Port:
    """A named input or output of a node.

    Attributes:
        pattern: the shape, in words; see `nodes.core.shapes.pattern`.
        doc: a description in a few words.
        kind: the meaning of the numbers.
        name: the name of the class attribute that holds the port.
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
    """An input port; takes one edge.

    Attributes:
        optional: it may be unconnected.
        default: the input port whose source it reads while it is unconnected.
        variadic: it takes any number of edges, at ``name.0``, ``name.1`` and so on.
        broadcast: leading sizes may be missing, and a size of 1 fits any.
        joins: it joins its edges, so a single one is passed on unchanged.
    """

    optional: bool = False
    default: str = ""
    variadic: bool = False
    broadcast: bool = False
    joins: bool = False


@dataclass(frozen=True)
class Output(Port):
    """An output port; feeds any number of edges."""


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
    """The kind at a port is not the kind that the port takes."""

    def __init__(self, expected: Kind, actual: Kind) -> None:
        super().__init__(f"expected {_noun(expected)}, got {_noun(actual)}")
        self.expected, self.actual = expected, actual


def _noun(kind: Kind) -> str:
    return f"a {kind.value}" if kind in _SINGULAR else kind.value


def match_kind(port: Kind, actual: Kind, shared: Kind = Kind.ANY) -> Kind:
    """Match a kind against that of a port.

    Args:
        port: the kind of the port.
        actual: the kind at the port.
        shared: the kind at the ``ANY`` ports so far.

    Returns:
        The kind at the ``ANY`` ports from now on.

    Raises:
        KindMismatch: the kinds differ.
    """
    expected = shared if port is Kind.ANY else port
    if expected not in (actual, Kind.ANY):
        raise KindMismatch(expected, actual)
    return actual if port is Kind.ANY else shared
