"""Order the vertices of each column so that few edges cross, down to the order of their ports."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from builder.layout.layer_assignment import Columns, Link

Ends = list[list[tuple[int, float, float]]]
"""The links of each vertex on one side: the other end, how far down that, and how far down here."""


def ordered(columns: Columns) -> list[list[int]]:
    """Find an order of each column with few crossings: the best of several sweeps."""
    lefts = [[_seen(columns, link, True) for link in links] for links in columns.lefts]
    rights = [[_seen(columns, link, False) for link in links] for links in columns.rights]
    order = [list(column) for column in columns.order]
    place = [0.0] * len(columns.column)
    for column in order:
        _number(column, place)
    best, fewest = [list(column) for column in order], _crossings(order, rights, place)
    for sweep in range(_sweeps(len(columns.column))):
        if not fewest:
            break
        _sweep(order, (lefts, rights), place, forward=sweep % 2 == 0)
        _swap(order, (lefts, rights), place)
        crossings = _crossings(order, rights, place)
        if crossings < fewest:
            best, fewest = [list(column) for column in order], crossings
    return best


def _sweeps(vertices: int) -> int:
    return 24 if vertices < 500 else 10 if vertices < 5_000 else 4


def _seen(columns: Columns, link: Link, entering: bool) -> tuple[int, float, float]:
    """Write a link as it is seen from one end, the heights of ports as parts of one place."""
    leaves = _part(link.leaves, columns.heights[link.source])
    enters = _part(link.enters, columns.heights[link.target])
    return (link.source, leaves, enters) if entering else (link.target, enters, leaves)


def _part(down: float, height: float) -> float:
    return min(0.9, max(0.0, down / (height + 1.0))) if height else 0.5


def _number(column: list[int], place: list[float]) -> None:
    for at, vertex in enumerate(column):
        place[vertex] = float(at)


def _sweep(
    order: list[list[int]], sides: tuple[Ends, Ends], place: list[float], forward: bool
) -> None:
    """Sort each column by the average place of what its vertices are joined to on one side."""
    ends = sides[0 if forward else 1]
    for column in order if forward else reversed(order):
        wanted = {
            vertex: sum(place[other] + part - own for other, part, own in ends[vertex])
            / len(ends[vertex])
            for vertex in column
            if ends[vertex]
        }
        # What is joined to nothing there keeps its place among the others.
        free = iter(sorted(wanted, key=lambda vertex: (wanted[vertex], place[vertex])))
        column[:] = [next(free) if vertex in wanted else vertex for vertex in column]
        _number(column, place)


def _swap(order: list[list[int]], sides: tuple[Ends, Ends], place: list[float]) -> None:
    """Swap neighbours in a column as long as that takes crossings away."""
    for column in order:
        if len(column) < 2:
            continue
        seen = {
            vertex: [
                sorted((place[other] + part) for other, part, _ in ends[vertex]) for ends in sides
            ]
            for vertex in column
        }
        for _ in range(4):
            if not _pass(column, seen):
                break
        _number(column, place)


def _pass(column: list[int], seen: dict[int, list[list[float]]]) -> bool:
    swapped = False
    for at in range(len(column) - 1):
        upper, lower = seen[column[at]], seen[column[at + 1]]
        now = sum(_crossed(a, b) for a, b in zip(upper, lower, strict=True))
        if now and sum(_crossed(b, a) for a, b in zip(upper, lower, strict=True)) < now:
            column[at], column[at + 1] = column[at + 1], column[at]
            swapped = True
    return swapped


def _crossed(upper: list[float], lower: list[float]) -> int:
    """Count the pairs of ends of which that of the upper vertex is the lower one."""
    if not (upper and lower) or upper[-1] <= lower[0]:
        return 0
    return sum(bisect_left(lower, end) for end in upper)


def _crossings(order: list[list[int]], rights: Ends, place: list[float]) -> int:
    """Count the crossings between all columns."""
    return sum(_inversions(_falls(column, rights, place)) for column in order)


def _falls(column: list[int], rights: Ends, place: list[float]) -> Iterator[float]:
    """Give the far ends of all links of a column in the order of their near ends."""
    found = [
        (place[vertex] + own, place[other] + part)
        for vertex in column
        for other, part, own in rights[vertex]
    ]
    return (far for _, far in sorted(found))


def _inversions(values: Iterator[float]) -> int:
    """Count the pairs that stand the wrong way round."""
    seen: list[float] = []
    count = 0
    for value in values:
        at = bisect_right(seen, value)
        count += len(seen) - at
        seen.insert(at, value)
    return count
