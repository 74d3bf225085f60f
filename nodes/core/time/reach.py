"""How the indices of an output read those of an input along one dimension."""

from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

INF = float("inf")

Number = int | Fraction | float
"""A whole number, a fraction, or infinity; a float is infinite."""


class Reach(NamedTuple):
    """The input indices ``i + lo ... i + hi`` that the output index ``i`` reads."""

    lo: Number
    hi: Number


EACH = Reach(0, 0)
"""Every index by itself."""
EARLIER = Reach(-INF, 0)
"""The index itself and those before it."""
ALL = Reach(-INF, INF)
"""All indices."""


def ratio(top: Number, bottom: Number) -> Number:
    """Divide exactly; a quotient that is whole is an int."""
    return whole(Fraction(top) / Fraction(bottom))


def whole(number: Number) -> Number:
    """Make a fraction that is whole an int."""
    if isinstance(number, Fraction) and number.denominator == 1:
        return number.numerator
    return number


def within(lo: Number, hi: Number) -> Reach:
    """Return the least and the greatest whole number of an interval."""
    return Reach(
        ceil(lo) if isinstance(lo, Fraction) else lo, floor(hi) if isinstance(hi, Fraction) else hi
    )
