"""Operations on receptive fields: move, gather, split, merge and join.

A `FieldBuilder` holds what is known of one tensor while a rule changes its axes. Axes have numbers
of their own there, so that the tensors at several ports can share some of them; `build` numbers
them anew in the order of the dimensions.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from math import prod

from nodes.core.shapes.dim import AnyDim
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.reach import INF, Number, ratio, whole
from nodes.core.time.receptive_field import (
    Band,
    Order,
    ReceptiveField,
    Validity,
    interned,
)
from nodes.core.time.term import (
    ANYTHING,
    STEPS,
    Source,
    Term,
    bounded,
    counted,
    merged,
    moved,
    numbered,
    renumbered,
    simplify,
)

Dims = Sequence[Sequence[int]]
"""The axes of each dimension."""


class Support(Enum):
    """Where the join of several tensors may be other than zero."""

    BOTH = "where all are, as in a product"
    EITHER = "where one is, as in a sum"
    NONE = "anywhere"


class FieldBuilder:
    """A receptive field under construction.

    Attributes:
        axes: the axes by number.
        terms: the terms of each source.
        bands, validity: where the tensor may be other than zero, or the mask true.
        ahead: how many steps of padding a valid step may read, by sequence.
        order, backward: as in `ReceptiveField`.
    """

    def __init__(self) -> None:
        self.axes: dict[int, Axis] = {}
        self.terms: dict[Source, list[Term]] = {}
        self.bands: dict[tuple[int, int], tuple[Number, Number]] = {}
        self.validity: set[Validity] = set()
        self.ahead: dict[str, Number] = {}
        self.order = Order.NONE
        self.backward = False

    @classmethod
    def of(cls, field: ReceptiveField, base: int = 0) -> "FieldBuilder":
        """Start from a field, with its axes numbered from ``base`` on."""
        builder = cls()
        builder.axes = {base + number: axis for number, axis in enumerate(field.axes)}
        for source, terms in field.terms:
            builder.terms[source] = [renumbered(term, base) for term in terms]
        for band in field.bands:
            builder.bands[base + band.a, base + band.b] = band.lo, band.hi
        builder.validity = {Validity(base + axis, clock) for axis, clock in field.validity}
        builder.ahead = dict(field.ahead)
        builder.order, builder.backward = field.order, field.backward
        return builder

    def add_source(self, source: Source, axis: int) -> None:
        """Let each index on an axis be that step or row of an input."""
        self.terms[source] = [Term(((axis, 1),), 0, 0, 0)]

    def limit_to_valid(self) -> None:
        """Let the tensor be zero at padding: its inputs are what fills up the sequence there."""
        for source, terms in self.terms.items():
            for term in terms:
                fixed = term.lo == term.hi and not term.ends
                if source.axis == STEPS and len(term.rates) == 1 and fixed:
                    ((axis, rate),) = term.rates
                    self.validity.add(Validity(axis, Clock(source.length, rate, term.lo)))

    # -- move ------------------------------------------------------------------------------------

    def move(
        self,
        axis: int,
        rates: Mapping[int, Number],
        lo: Number = 0,
        hi: Number = 0,
        offset: AnyDim = 0,
    ) -> None:
        """Replace the index on an axis by ``sum of rate * index + offset + [lo, hi]``.

        Args:
            axis: the axis, which is dropped.
            rates: the axes that take its place.
            lo: the lower end of the interval.
            hi: the upper end.
            offset: a size that is added.
        """
        for source, terms in self.terms.items():
            self.terms[source] = [
                moved(term, axis, rates, (lo, hi), counted(offset, source)) for term in terms
            ]
        target = next(iter(rates), None)
        shifts = len(rates) == 1 and isinstance(offset, int) and lo == hi
        for (a, b), (low, high) in list(self.bands.items()):
            if axis not in (a, b):
                continue
            del self.bands[a, b]
            if shifts and target is not None and rates[target] == 1:
                sign = 1 if axis == a else -1
                shift = sign * (lo + offset) if isinstance(offset, int) else 0
                pair = (target, b) if axis == a else (a, target)
                self.limit(*pair, low + shift, high + shift)
        for validity in [entry for entry in self.validity if entry.axis == axis]:
            self.validity.discard(validity)
            if shifts and target is not None and isinstance(offset, int):
                clock = validity.clock.moved(rates[target], lo + offset)
                self.validity.add(Validity(target, clock))
        self.axes.pop(axis, None)

    def rename(self, axis: int, new: int) -> None:
        """Give an axis another number."""
        if axis == new:
            return
        entry = self.axes[axis]
        self.move(axis, {new: 1})
        self.axes[new] = entry

    def limit(self, a: int, b: int, lo: Number, hi: Number) -> None:
        """Add the band ``lo <= i_b - i_a <= hi`` to the support."""
        if a == b:
            return
        if a > b:
            a, b, lo, hi = b, a, -hi, -lo
        low, high = self.bands.get((a, b), (-INF, INF))
        self.bands[a, b] = max(low, lo), min(high, hi)

    def since(self, axis: int, first: int) -> None:
        """Let nothing but the indices from ``first`` on depend on the terms."""
        for source, terms in self.terms.items():
            self.terms[source] = [
                term._replace(since=bounded({**dict(term.since), axis: first})) for term in terms
            ]

    # -- gather ----------------------------------------------------------------------------------

    def band(self, axis: int, other: int) -> tuple[Number, Number]:
        """Return ``[lo, hi]`` of the index on an axis minus that on another one."""
        if axis < other:
            lo, hi = self.bands.get((axis, other), (-INF, INF))
            return -hi, -lo
        return self.bands.get((other, axis), (-INF, INF))

    def gather(self, axis: int, staying: Iterable[int] = ()) -> None:
        """Let each element depend on all indices on an axis that the support allows."""
        entry = self.axes.get(axis)
        if entry is None:
            return
        if entry.clock is not None:
            self.backward = False  # every step is part of the result
        tied = [other for other in staying if self.band(axis, other) != (-INF, INF)]
        if tied:
            base = min(tied, key=lambda other: self.band(axis, other)[1])
            lo, hi = self.band(axis, base)
            for other in self.axes.keys() - {axis, base}:
                low, high = self.band(axis, other)
                if (low, high) != (-INF, INF) and other not in staying:
                    self.limit(base, other, lo - high, hi - low)
            for source, terms in self.terms.items():
                self.terms[source] = [moved(t, axis, {base: 1}, (lo, hi), 0) for t in terms]
            self._compose(axis, staying)
        else:
            span = 0, entry.last
            for source, terms in self.terms.items():
                self.terms[source] = [moved(term, axis, {}, span, 0) for term in terms]
        self.bands = {pair: band for pair, band in self.bands.items() if axis not in pair}
        self.validity = {entry for entry in self.validity if entry.axis != axis}
        self.axes.pop(axis, None)

    def _compose(self, axis: int, staying: Iterable[int]) -> None:
        """Tie the axes that stay to each other, where both are tied to the one that goes."""
        tied = [other for other in staying if self.band(axis, other) != (-INF, INF)]
        for position, a in enumerate(tied):
            for b in tied[position + 1 :]:
                to_a, to_b = self.band(axis, a), self.band(axis, b)
                self.limit(a, b, to_a[0] - to_b[1], to_a[1] - to_b[0])

    def look_ahead(self, axis: int, hi: Number, guards: Iterable[Validity] = ()) -> None:
        """Account for a read of up to ``hi`` indices ahead of each index on an axis.

        ``guards`` are the validities of what limits the read. Where one of them excludes padding,
        only a valid step that has read padding itself passes it on.
        """
        entry = self.axes.get(axis)
        if entry is None or entry.clock is None or hi <= 0:
            return
        clock = entry.clock
        before = self.ahead.get(clock.sequence, 0)
        if any(guard.axis == axis and guard.guards(clock) for guard in guards):
            if before:
                self.ahead[clock.sequence] = INF
        else:
            self.ahead[clock.sequence] = before + hi * clock.rate

    # -- split and merge -------------------------------------------------------------------------

    def split(self, axis: int, parts: Sequence[int], sizes: Sequence[AnyDim]) -> None:
        """Split an axis into several, the first of them the slowest."""
        clock = self.axes[axis].clock
        rates: dict[int, Number] = {}
        stride: AnyDim = 1
        for part, size in zip(reversed(parts), reversed(sizes), strict=True):
            if not isinstance(stride, int):
                self._replace_by_anything(axis)
                rates = {}
                break
            rates[part] = stride
            stride = stride * size
        self.move(axis, rates)
        for part, size in zip(parts, sizes, strict=True):
            self.axes[part] = Axis(size)
        if clock is not None:
            self.order = Order.USED
            inner = prod(sizes[1:])
            if not isinstance(inner, int):
                self.ahead[clock.sequence] = INF
                return
            # A group of steps is valid where its last step is.
            late = clock.shift + clock.rate * (inner - 1)
            self.axes[parts[0]] = Axis(sizes[0], Clock(clock.sequence, clock.rate * inner, late))

    def merge(self, parts: Sequence[int], new: int) -> None:
        """Merge several axes, the first of them the slowest, into one."""
        size: AnyDim = 1
        strides: dict[int, AnyDim] = {}
        for part in reversed(parts):
            strides[part] = size
            size = size * self.axes[part].size
        numbers = {part: stride for part, stride in strides.items() if isinstance(stride, int)}
        clock = self._merged_clock(parts, numbers)
        if len(numbers) == len(parts):
            for source, terms in self.terms.items():
                self.terms[source] = [merged(t, numbers, new, self.axes) for t in terms]
        for part in parts:
            self._replace_by_anything(part)
            self.move(part, {})
        self.axes[new] = Axis(size, clock)

    def _merged_clock(self, parts: Sequence[int], strides: Mapping[int, int]) -> Clock | None:
        """Return the clock of a merged axis; a part other than the first loses its own."""
        result = None
        for part in parts:
            if (clock := self.axes[part].clock) is None:
                continue
            self.order = Order.USED
            stride = strides.get(part)
            if part == parts[0] and stride is not None:
                rate = ratio(clock.rate, stride)
                exact = Fraction(clock.rate).numerator == 1 or self._moves_evenly(
                    clock.sequence, strides
                )
                early = rate * (stride - 1) if exact else 0
                result = Clock(clock.sequence, rate, whole(clock.shift - early))
            else:
                self.ahead[clock.sequence] = INF
        return result

    def _moves_evenly(self, sequence: str, strides: Mapping[int, int]) -> bool:
        """Return whether each index of the merged axis reads as far as its own step, no group."""
        return all(
            term.hi != INF
            and len({ratio(dict(term.rates).get(part, 0), strides[part]) for part in strides}) == 1
            for source, terms in self.terms.items()
            for term in terms
            if (source.axis, source.length) == (STEPS, sequence)
        )

    def _replace_by_anything(self, axis: int) -> None:
        for source, terms in self.terms.items():
            self.terms[source] = [
                ANYTHING if any(axis == other for other, _ in term.rates) else term
                for term in terms
            ]

    # -- join and build --------------------------------------------------------------------------

    def join(self, other: "FieldBuilder", support: Support) -> None:
        """Unite with a tensor that shares the axes of equal numbers."""
        for number, axis in other.axes.items():
            self.axes[number] = self._common_axis(self.axes.get(number), axis)
        for source, terms in other.terms.items():
            self.terms.setdefault(source, []).extend(terms)
        for sequence, steps in other.ahead.items():
            self.ahead[sequence] = max(steps, self.ahead.get(sequence, 0))
        self.order = max(self.order, other.order)
        self.backward |= other.backward
        if support is Support.BOTH:
            for pair, band in other.bands.items():
                self.limit(*pair, *band)
            self.validity |= other.validity
        elif support is Support.EITHER:
            self.bands = {
                pair: (min(band[0], both[0]), max(band[1], both[1]))
                for pair, band in self.bands.items()
                if (both := other.bands.get(pair))
            }
            self.validity &= other.validity
        else:
            self.bands, self.validity = {}, set()

    def _common_axis(self, own: Axis | None, other: Axis) -> Axis:
        if own is None or own.clock is None:
            return other if own is None else Axis(own.size, other.clock)
        if other.clock is None or other.clock == own.clock:
            return own
        if (own.clock.sequence, own.clock.rate) != (other.clock.sequence, other.clock.rate):
            for clock in (own.clock, other.clock):
                self.ahead[clock.sequence] = INF
            return own
        return Axis(own.size, own.clock.later(other.clock))

    def drop_support(self) -> None:
        """Say nothing of where the tensor is zero."""
        self.bands, self.validity = {}, set()

    def build(self, dims: Dims) -> ReceptiveField:
        """Make the field of a tensor whose dimensions consist of these axes.

        An axis that is in none of them is gathered.
        """
        staying = [axis for axes in dims for axis in axes]
        for axis in [axis for axis in self.axes if axis not in staying]:
            self.gather(axis, staying)
        terms = {source: simplify(terms) for source, terms in self.terms.items()}
        mentioned = {axis for own in terms.values() for t in own for axis, _ in t.rates}
        mentioned |= {axis for own in terms.values() for t in own for axis, _ in t.since}
        mentioned |= {axis for pair in self.bands for axis in pair}
        mentioned |= {entry.axis for entry in self.validity}
        mentioned |= {axis for axis, entry in self.axes.items() if entry.clock is not None}
        number: dict[int, int] = {}
        kept: list[tuple[int, ...]] = []
        for axes in dims:
            if mentioned.isdisjoint(axes):
                kept.append(())
                continue
            for axis in axes:
                number[axis] = len(number)
            kept.append(tuple(number[axis] for axis in axes))
        fields = (
            (source, tuple(sorted(numbered(term, number) for term in own)))
            for source, own in terms.items()
            if own
        )
        bands = (_band(number[a], number[b], *band) for (a, b), band in self.bands.items())
        validity = (Validity(number[axis], clock) for axis, clock in self.validity)
        return interned(
            ReceptiveField(
                tuple(kept),
                tuple(self.axes[axis] for axis in number),
                tuple(sorted(fields)),
                tuple(sorted(bands)),
                tuple(sorted(validity)),
                tuple(sorted((s, steps) for s, steps in self.ahead.items() if steps > 0)),
                self.order,
                self.backward,
            )
        )


def _band(a: int, b: int, lo: Number, hi: Number) -> Band:
    return Band(a, b, lo, hi) if a < b else Band(b, a, -hi, -lo)
