"""Receptive fields in words."""

from math import ceil

from nodes.core.time.reach import EACH, INF, Number, Reach
from nodes.core.time.receptive_field import ReceptiveField
from nodes.core.time.term import STEPS, Source


def show_field(field: ReceptiveField) -> list[str]:
    """Describe what a tensor sees of each input, such as "127 steps back, none ahead"."""
    sources = [source for source in field.sources if source.axis == STEPS]
    return [
        _sight(field, source) + (f" of {source.input}" if len(sources) > 1 else "")
        for source in sources
    ]


def show_steps(count: Number) -> str:
    """Write a number of steps; a step of which a part is read counts."""
    if count == INF:
        return "any number of steps"
    steps = ceil(count)
    return "1 step" if steps == 1 else f"{steps} steps"


def _sight(field: ReceptiveField, source: Source) -> str:
    axis = next(field.time_axes(), None)
    terms = field.sources[source]
    if axis is None:
        if all(not term.rates and term.ends == 0 and term.hi < INF for term in terms):
            first = max(term.hi for term in terms)
            return "the first step only" if first == 0 else f"the first {show_steps(first + 1)}"
        if all(not term.rates and term.ends == 1 and term.lo > -INF for term in terms):
            last = -min(term.lo for term in terms)
            return "the last step only" if last == 0 else f"the last {show_steps(last + 1)}"
        return "all steps"
    reach = field.reach(source, axis)
    return "its own step only" if reach in (EACH, None) else _both_ways(reach or EACH)


def _both_ways(reach: Reach) -> str:
    if reach == (-INF, INF):
        return "all steps"
    back, ahead = (
        "none" if count <= 0 else "all steps" if count == INF else show_steps(count)
        for count in (-reach.lo, reach.hi)
    )
    return f"{back} back, {ahead} ahead"
