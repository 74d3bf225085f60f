"""The receptive field of a tensor: what each element may depend on, as a value on an edge.

A dimension is a product of *axes*, index variables with a size, so that merging and splitting
dimensions loses nothing; a dimension without an axis is one that no statement below mentions. With
``i_a`` the index on axis ``a`` and ``n`` the number of steps (rows) of an input, an element depends
on nothing but the steps (rows)

    u  in  sum of rate_a * i_a + ends * (n - 1) + [lo, hi]

of one of the `Term`s of that input. A tensor without a term does not depend on it. What is said of
an element is sound, never exact by promise: the true set may be smaller.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple
from weakref import WeakValueDictionary

from nodes.core.time.axis import Axis, Clock
from nodes.core.time.reach import INF, Number, Reach, within
from nodes.core.time.term import Source, Term


class Band(NamedTuple):
    """A tensor is zero, a mask false, unless ``lo <= i_b - i_a <= hi``; ``a < b``."""

    a: int
    b: int
    lo: Number
    hi: Number


class Validity(NamedTuple):
    """A tensor is zero, a mask false, unless ``clock`` at the index on ``axis`` is a valid step."""

    axis: int
    clock: Clock

    def guards(self, clock: Clock | None) -> bool:
        """Check that no index of an axis with a clock is at padding where this holds."""
        own = self.clock
        return (
            clock is not None
            and own.sequence == clock.sequence
            and own.rate >= clock.rate
            and own.shift >= clock.shift
        )


class Order(IntEnum):
    """Whether the order of the steps can matter to a tensor."""

    NONE = 0
    """Permuting the steps of the inputs permutes the tensor."""
    ADDED = 1
    """The same, but for something that is added to each step by its position."""
    USED = 2
    """The order matters."""


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """What the elements of a tensor may depend on; equal ones are one object, see `interned`.

    Attributes:
        dims: the axes of each dimension, numbered from 0 in this order.
        axes: the axes.
        terms: the terms of each source that the tensor depends on.
        bands, validity: where the tensor is zero, or the mask false.
        ahead: by sequence, how many steps of padding a valid step may read; without those that
            read none.
        order: whether the order of the steps can matter.
        backward: the backward direction of a recurrent network is part of the steps.
    """

    dims: tuple[tuple[int, ...], ...] = ()
    axes: tuple[Axis, ...] = ()
    terms: tuple[tuple[Source, tuple[Term, ...]], ...] = ()
    bands: tuple[Band, ...] = ()
    validity: tuple[Validity, ...] = ()
    ahead: tuple[tuple[str, Number], ...] = ()
    order: Order = Order.NONE
    backward: bool = False

    @cached_property
    def sources(self) -> Mapping[Source, tuple[Term, ...]]:
        """The terms by source."""
        return dict(self.terms)

    @cached_property
    def padding(self) -> Mapping[str, Number]:
        """How many steps of padding a valid step may read, by sequence."""
        return dict(self.ahead)

    def time_axes(self) -> Iterator[int]:
        """Yield the axes that count steps."""
        return (number for number, axis in enumerate(self.axes) if axis.clock is not None)

    def reach(self, source: Source, axis: int | None) -> Reach | None:
        """Return the steps of a source, relative to the index on an axis.

        Args:
            source: the steps or rows of an input.
            axis: the axis; None: relative to the first step.

        Returns:
            The hull of all terms; None if the tensor does not depend on the source.
        """
        terms = self.sources.get(source)
        if terms is None:
            return None
        reaches = [self._relative(term, axis) for term in terms]
        return Reach(min(reach.lo for reach in reaches), max(reach.hi for reach in reaches))

    def looks_ahead(self, source: Source) -> bool:
        """Return whether a term lies ahead of every axis that counts steps."""
        axes = [*self.time_axes()]
        return bool(axes) and any(
            all(self._relative(term, axis).hi > 0 for axis in axes)
            for term in self.sources.get(source, ())
        )

    def _relative(self, term: Term, axis: int | None) -> Reach:
        lo, hi = term.lo, term.hi
        rate: Number = 0
        for other, coefficient in term.rates:
            if other == axis:
                rate = coefficient
                continue
            spread = self._offset(other, axis)
            if spread is None:
                spread = Reach(0, self.axes[other].last)
            else:
                rate = rate + coefficient
            low, high = sorted((coefficient * spread.lo, coefficient * spread.hi))
            lo, hi = lo + low, hi + high
        if axis is None:
            return within(lo, INF if term.ends > 0 else hi)
        first = dict(term.since).get(axis, 0)
        last = self.axes[axis].last
        low, high = sorted(((rate - 1) * first, _times(rate - 1, last)))
        lo, hi = lo + low, hi + high
        if term.ends == 0:
            return within(lo, hi)
        # The number of steps is known only where the axis has as many indices.
        return within(lo if term.ends > 0 else -INF, INF if term.ends > 0 else hi)

    def _offset(self, axis: int, base: int | None) -> Reach | None:
        """Return the band of an axis relative to another one."""
        for band in self.bands:
            if (band.a, band.b) == (base, axis):
                return Reach(band.lo, band.hi)
            if (band.a, band.b) == (axis, base):
                return Reach(-band.hi, -band.lo)
        return None


def _times(rate: Number, count: Number) -> Number:
    return rate * count if rate else 0


_FIELDS: WeakValueDictionary[tuple[object, ...], ReceptiveField] = WeakValueDictionary()


def interned(field: ReceptiveField) -> ReceptiveField:
    """Return the one object for all fields with the attributes of this one."""
    key = (
        field.dims,
        field.axes,
        field.terms,
        field.bands,
        field.validity,
        field.ahead,
        field.order,
        field.backward,
    )
    return _FIELDS.setdefault(key, field)
