"""Terms: the steps of an input as a function of the indices of an element."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from nodes.core.shapes.dim import AnyDim, free
from nodes.core.time.axis import Axis
from nodes.core.time.reach import INF, Number, ratio, whole, within

STEPS, ROWS = "steps", "rows"

MOST_TERMS = 16
"""More terms than these mean any step."""


class Source(NamedTuple):
    """The steps, or the rows, of an input of the model.

    Attributes:
        input: the name of the input node.
        axis: `STEPS` or `ROWS`.
        length: the name of their number, such as T.
    """

    input: str
    axis: str
    length: str


class Term(NamedTuple):
    """Steps (rows) of one input: ``sum of rate * index + ends * (n - 1) + [lo, hi]``.

    Attributes:
        rates: the axes that the steps move with, in order, each with its rate.
        ends: 1 if the steps are counted from the last one.
        lo, hi: the interval.
        since: the axes whose first indices do not depend on these steps, with the first that does.
    """

    rates: tuple[tuple[int, Number], ...]
    ends: Number
    lo: Number
    hi: Number
    since: tuple[tuple[int, int], ...] = ()


ANYTHING = Term((), 0, 0, INF)


def simplify(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Take the hull of terms that move alike, drop empty ones, and limit their number."""
    hulls: dict[tuple[object, Number], Term] = {}
    for term in terms:
        clipped = _round(term)
        if clipped is not None and not clipped.rates:
            clipped = _clip(clipped)
        if clipped is None:
            continue
        if clipped == ANYTHING:
            return (ANYTHING,)
        key = clipped.rates, clipped.ends
        other = hulls.get(key)
        hulls[key] = clipped if other is None else _hull(clipped, other)
    if any(term.lo == -INF and term.hi == INF and not term.since for term in hulls.values()):
        return (ANYTHING,)
    if len(hulls) > MOST_TERMS:
        return (ANYTHING,)
    return tuple(sorted(hulls.values()))


def _round(term: Term) -> Term | None:
    """Limit the interval to steps that there are: whole ones; None if there are none."""
    if isinstance(term.lo, int | float) and isinstance(term.hi, int | float):
        return term
    if any(isinstance(rate, Fraction) for rate in (term.ends, *(rate for _, rate in term.rates))):
        return term
    lo, hi = within(term.lo, term.hi)
    return term._replace(lo=lo, hi=hi) if lo <= hi else None


def _clip(term: Term) -> Term | None:
    """Limit a term without axes to the sequence; None if nothing of it is left."""
    lo, hi = term.lo, term.hi
    if term.ends == 0:
        lo = max(lo, 0)
        return Term((), 0, lo, hi, term.since) if lo <= hi else None
    if term.ends == 1:
        hi = min(hi, 0)
        if lo == -INF and not term.since:
            return ANYTHING
        return Term((), 1, lo, hi, term.since) if lo <= hi else None
    return ANYTHING._replace(since=term.since)


def _hull(term: Term, other: Term) -> Term:
    since = dict(other.since)
    common = tuple((axis, min(first, since[axis])) for axis, first in term.since if axis in since)
    return Term(term.rates, term.ends, min(term.lo, other.lo), max(term.hi, other.hi), common)


def bounded(first: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """Write the first indices on some axes, without those that are 0."""
    return tuple(sorted((axis, index) for axis, index in first.items() if index > 0))


def renumbered(term: Term, base: int) -> Term:
    """Add ``base`` to the numbers of the axes."""
    if not base:
        return term
    rates = tuple((base + axis, rate) for axis, rate in term.rates)
    return term._replace(rates=rates, since=tuple((base + a, first) for a, first in term.since))


def numbered(term: Term, number: Mapping[int, int]) -> Term:
    """Give the axes new numbers."""
    rates = tuple(sorted((number[axis], rate) for axis, rate in term.rates))
    since = tuple(sorted((number[axis], first) for axis, first in term.since))
    return term._replace(rates=rates, since=since)


def counted(offset: AnyDim, source: Source) -> tuple[int, int] | int | None:
    """Write a size as ``steps * n + rest``; None if it is no such sum."""
    if isinstance(offset, int):
        return offset
    for steps in (1, -1):
        rest = offset - steps * free(source.length)
        if isinstance(rest, int):
            return steps, rest
    return None


def moved(
    term: Term,
    axis: int,
    rates: Mapping[int, Number],
    interval: tuple[Number, Number],
    offset: tuple[int, int] | int | None,
) -> Term:
    """Replace the index on an axis in a term."""
    rate = next((rate for other, rate in term.rates if other == axis), 0)
    since = _moved_since(term.since, axis, rates, interval, offset)
    if not rate:
        return term if since == term.since else term._replace(since=since)
    if offset is None:
        return ANYTHING
    steps, rest = (0, offset) if isinstance(offset, int) else offset
    changed = dict(term.rates)
    del changed[axis]
    for other, factor in rates.items():
        changed[other] = whole(changed.get(other, 0) + rate * factor)
    low, high = sorted(rate * (bound + rest + steps) for bound in interval)
    kept = tuple(sorted((other, factor) for other, factor in changed.items() if factor))
    lo, hi = whole(term.lo + low), whole(term.hi + high)
    return Term(kept, whole(term.ends + rate * steps), lo, hi, since)


def _moved_since(
    since: tuple[tuple[int, int], ...],
    axis: int,
    rates: Mapping[int, Number],
    interval: tuple[Number, Number],
    offset: tuple[int, int] | int | None,
) -> tuple[tuple[int, int], ...]:
    first = dict(since).get(axis)
    if first is None:
        return since
    others = {other: index for other, index in since if other != axis}
    highest = interval[1]
    if len(rates) == 1 and isinstance(offset, int) and highest != INF:
        ((target, rate),) = rates.items()
        if rate > 0 and target not in others:
            others[target] = max(0, ceil((first - offset - highest) / rate))
    return bounded(others)


def merged(term: Term, strides: Mapping[int, int], new: int, axes: Mapping[int, Axis]) -> Term:
    """Write a term with the index on the axis that several axes are merged into.

    Args:
        term: the term.
        strides: the axes, each with the indices of the merged axis from one index to the next.
        new: the merged axis.
        axes: all axes.
    """
    own = {axis: rate for axis, rate in term.rates if axis in strides}
    since = tuple(entry for entry in term.since if entry[0] not in strides)
    if not own:
        return term._replace(since=since)
    slowest = max(own, key=lambda axis: strides[axis])
    rate = ratio(own[slowest], strides[slowest])
    lo, hi = term.lo, term.hi
    for axis, stride in strides.items():
        if rest := own.get(axis, 0) - rate * stride:
            far = rest * axes[axis].last
            lo, hi = lo + min(far, 0), hi + max(far, 0)
    rates = {axis: other for axis, other in term.rates if axis not in own}
    rates[new] = rate
    return Term(tuple(sorted(rates.items())), term.ends, whole(lo), whole(hi), since)
