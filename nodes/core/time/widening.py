"""The receptive field after many equal copies of a node, extrapolated from two of them."""

from collections.abc import Iterator
from dataclasses import replace

from nodes.core.time.reach import INF, Number
from nodes.core.time.receptive_field import ReceptiveField, interned
from nodes.core.time.term import ANYTHING, Term


def extrapolated(before: ReceptiveField, after: ReceptiveField, copies: int) -> ReceptiveField:
    """Return the field after some more copies, each of which changes it as the last one did.

    Where the last copy changed more than intervals, the result depends on anything.
    """
    sequences = sorted({*before.padding, *after.padding})
    ahead = {
        sequence: _further(before.padding.get(sequence, 0), after.padding.get(sequence, 0), copies)
        for sequence in sequences
    }
    own = dict(before.terms)
    terms = {
        source: tuple(_terms(own.get(source, ()), changed, copies))
        for source, changed in after.terms
    }
    if before.dims != after.dims or before.axes != after.axes:
        ahead = dict.fromkeys([*ahead, *(a.clock.sequence for a in after.axes if a.clock)], INF)
        terms = dict.fromkeys(terms, (ANYTHING,))
    changed_field = replace(
        after,
        terms=tuple(terms.items()),
        ahead=tuple(sorted((sequence, steps) for sequence, steps in ahead.items() if steps)),
        bands=after.bands if before.bands == after.bands else (),
        validity=after.validity if before.validity == after.validity else (),
    )
    return interned(changed_field)


def _terms(before: tuple[Term, ...], after: tuple[Term, ...], copies: int) -> Iterator[Term]:
    if [(term.rates, term.ends) for term in before] != [(t.rates, t.ends) for t in after]:
        yield ANYTHING
        return
    for old, new in zip(before, after, strict=True):
        lo, hi = _further(old.lo, new.lo, copies), _further(old.hi, new.hi, copies)
        yield Term(new.rates, new.ends, lo, hi)


def _further(before: Number, after: Number, copies: int) -> Number:
    return after if before == after else after + copies * (after - before)
