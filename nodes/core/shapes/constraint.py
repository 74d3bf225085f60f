"""Constraints on the values of hyperparameters: what must hold for the sizes of a model to exist.

The check evaluates them at the present values, and the generated ``Config`` at any others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from nodes.core.shapes.dim import AnyDim, Dim, substitute
from nodes.core.shapes.quotients import is_exact


class Relation(Enum):
    """How two sizes relate; the value is how a message says it."""

    MULTIPLE = "a multiple of"
    AT_LEAST = "at least"
    EQUAL = "equal to"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A relation that must hold between two sizes."""

    left: AnyDim
    relation: Relation
    right: AnyDim

    def holds(self, values: Mapping[str, object]) -> bool:
        """Check it at the values of hyperparameters; an order of free sizes counts as held.

        Raises:
            DimError: a size does not exist at these values.
        """
        present = self.at(values)
        left, right = present.left, present.right
        if self.relation is Relation.MULTIPLE:
            return is_exact(left, right)
        if self.relation is Relation.EQUAL:
            return left == right
        difference = left - right
        return isinstance(difference, Dim) or difference >= 0

    def at(self, values: Mapping[str, object]) -> "Constraint":
        """Replace hyperparameters by their values."""
        return Constraint(_at(self.left, values), self.relation, _at(self.right, values))

    @property
    def hypers(self) -> frozenset[str]:
        """The hyperparameters in it."""
        sizes = (size for size in (self.left, self.right) if isinstance(size, Dim))
        return frozenset().union(*(size.hypers for size in sizes))


def _at(size: AnyDim, values: Mapping[str, object]) -> AnyDim:
    """Replace hyperparameters by their values; a side that is a number may be beyond the limit."""
    return size if isinstance(size, int) else substitute(size, values)


def at_least(left: AnyDim, right: AnyDim) -> Constraint:
    """Require a size to be no less than another."""
    return Constraint(left, Relation.AT_LEAST, right)


def multiple(left: AnyDim, right: AnyDim) -> Constraint:
    """Require a size to be divided by another without remainder."""
    return Constraint(left, Relation.MULTIPLE, right)


def equal(left: AnyDim, right: AnyDim) -> Constraint:
    """Require two sizes to be equal."""
    return Constraint(left, Relation.EQUAL, right)
