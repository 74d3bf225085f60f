"""Axes: the index variables of a tensor, and the steps that they count."""

from typing import NamedTuple

from nodes.core.shapes.dim import AnyDim
from nodes.core.time.reach import INF, Number, whole


class Clock(NamedTuple):
    """How an axis counts the steps of a sequence: index ``i`` is at step ``rate * i + shift``.

    Attributes:
        sequence: the name of the length that the sequence has, such as T.
        rate: steps from one index to the next.
        shift: the step of index 0.
    """

    sequence: str
    rate: Number = 1
    shift: Number = 0

    def moved(self, rate: Number, shift: Number) -> "Clock":
        """Return the clock of an axis whose index ``i`` is the index ``rate * i + shift`` here."""
        return Clock(self.sequence, whole(self.rate * rate), whole(self.shift + self.rate * shift))

    def later(self, other: "Clock") -> "Clock":
        """Return the clock of the later steps of two of one sequence and rate."""
        return self if self.shift >= other.shift else other


class Axis(NamedTuple):
    """An index variable.

    Attributes:
        size: the number of its indices.
        clock: how it counts the steps of a sequence; None if it does not.
    """

    size: AnyDim
    clock: Clock | None = None

    @property
    def last(self) -> Number:
        """The last index; infinite if a run chooses the size."""
        return self.size - 1 if isinstance(self.size, int) else INF
