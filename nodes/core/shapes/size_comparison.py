"""Compare two sizes: equal in every run, or only by the present values."""

from collections.abc import Mapping
from enum import Enum

from nodes.core.shapes.dim import AnyDim, spell, substitute
from nodes.core.shapes.size_limits import DimError


class Match(Enum):
    """How two sizes agree."""

    EXACT = "always"
    BY_VALUE = "by the present values"
    NO = "not"


def same(left: AnyDim, right: AnyDim, values: Mapping[str, int]) -> Match:
    """Compare two sizes: equal always, equal by the present values, or not.

    An exact quotient equals the floor that is written like it, wherever it exists.
    """
    if left == right or spell(left) == spell(right):
        return Match.EXACT
    try:
        equal = substitute(left, values) == substitute(right, values)
    except DimError:
        return Match.NO
    return Match.BY_VALUE if equal else Match.NO
