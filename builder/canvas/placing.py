"""Heights for the vertices of columns: edges run straight where they can, nothing overlaps.

Vertices that straight links join move as one: a line.  Which links are straight is decided first,
the most important ones before the others, so that no two of them cross; then the lines are placed
one below the other, and each is drawn to what it is joined to.  That is the idea of Brandes and
Koepf, with ports, and with a main line that comes before everything else.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, inf

from builder.canvas.align import GRID, on_grid
from builder.canvas.layering import Columns, Edge, Link

GAP = 40.0
"""Between two nodes of a column."""
ROOM = 30.0
"""Between a node and an edge that passes it."""
LANE = 20.0
"""Between two edges that pass a column."""
ROUNDS = 8


@dataclass(slots=True)
class Lines:
    """Vertices that are joined by straight links, and how they bound each other.

    Attributes:
        of: the line of each vertex.
        offset: how far down its line each vertex lies.
        below: for each line, the lines below it, and by how much they must be below at least.
        above: the same the other way round.
        order: the lines, each after all that are above it.
        top: where each line lies.
    """

    of: list[int]
    offset: list[float]
    below: list[dict[int, float]] = field(default_factory=list)
    above: list[dict[int, float]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    top: list[float] = field(default_factory=list)

    def height(self, vertex: int) -> float:
        """Tell where a vertex lies."""
        return self.top[self.of[vertex]] + self.offset[vertex]


def heights(columns: Columns) -> list[float]:
    """Find how far down each vertex lies."""
    spine = _spine(columns)
    straight = _straight(columns, spine)
    lines = _lines(columns, straight)
    _bound(columns, lines)
    _settle(columns, lines, lines.of[spine[0].source] if spine else -1)
    return [lines.height(vertex) for vertex in range(len(columns.column))]


def _spine(columns: Columns) -> list[Edge]:
    """Find the main line: back from the end of the graph, from each node through its main edge."""
    into = {edge.target: edge for edge in columns.edges if edge.main}
    ends = set(into) - {edge.source for edge in columns.edges}
    if not ends:
        return []
    at = max(ends, key=lambda vertex: (columns.column[vertex], -vertex))
    found = []
    while at in into:
        found.append(into[at])
        at = into[at].source
    return found


def _straight(columns: Columns, spine: list[Edge]) -> set[Link]:
    """Choose the links that run straight: one on each side of a vertex at most; no two cross."""
    place = [0] * len(columns.column)
    for column in columns.order:
        for at, vertex in enumerate(column):
            place[vertex] = at
    chosen: set[Link] = set()
    taken: tuple[set[int], set[int]] = set(), set()
    ends: list[list[tuple[int, int]]] = [[] for _ in columns.order]

    def is_free(link: Link) -> bool:
        free = link.source not in taken[0] and link.target not in taken[1]
        return free and _is_between(ends[columns.column[link.source]], place, link)

    for way in _wishes(columns, spine):
        fresh = []
        for link in way:
            if link not in chosen:
                fresh.append(link)
                if not is_free(link):
                    break
        else:
            for link in fresh:
                chosen.add(link)
                taken[0].add(link.source)
                taken[1].add(link.target)
                insort(ends[columns.column[link.source]], (place[link.source], place[link.target]))
    return chosen


def _wishes(columns: Columns, spine: list[Edge]) -> Iterator[Iterable[Link]]:
    """List what should be straight, whole edges or parts of them, the most important first."""
    yield from (edge.links() for edge in spine)
    long = sorted(
        (edge for edge in columns.edges if edge.span > 1),
        key=lambda edge: (not edge.main, -edge.span),
    )
    yield from (edge.links() for edge in long)
    for links in columns.rights[columns.count :]:
        yield from ((link,) for link in links if link.target >= columns.count)
    for edge in long:
        last, *_, first = edge.links()
        yield from ((first,), (last,))
    short = [edge for edge in columns.edges if edge.span == 1]
    yield from (edge.links() for edge in short if edge.main)
    yield from (edge.links() for edge in short if not edge.main)


def _is_between(ends: list[tuple[int, int]], place: list[int], link: Link) -> bool:
    """Tell whether a link crosses none of those chosen between the same columns."""
    pair = place[link.source], place[link.target]
    at = bisect_left(ends, pair)
    over, under = ends[at - 1][1] if at else -1, ends[at][1] if at < len(ends) else inf
    return over < pair[1] < under


def _lines(columns: Columns, straight: set[Link]) -> Lines:
    """Join the vertices along straight links; the first vertex of a line gives it its height."""
    count = len(columns.column)
    onward = {link.source: link for link in straight}
    entered = {link.target for link in straight}
    lines = Lines([-1] * count, [0.0] * count)
    number = 0
    for column in columns.order:
        for start in column:
            if start in entered:
                continue
            vertex, offset = start, 0.0
            while True:
                lines.of[vertex], lines.offset[vertex] = number, offset
                link = onward.get(vertex)
                if link is None:
                    break
                vertex, offset = link.target, offset + link.leaves - link.enters
            number += 1
    lines.below = [{} for _ in range(number)]
    lines.above = [{} for _ in range(number)]
    return lines


def _bound(columns: Columns, lines: Lines) -> None:
    """Keep apart what stands in one column, and order the lines from top to bottom."""
    for column in columns.order:
        for upper, lower in pairwise(column):
            a, b = lines.of[upper], lines.of[lower]
            apart = columns.heights[upper] + _gap(columns, upper, lower)
            least = GRID * ceil((lines.offset[upper] + apart - lines.offset[lower]) / GRID)
            lines.below[a][b] = max(least, lines.below[a].get(b, -inf))
            lines.above[b][a] = lines.below[a][b]
    waiting = [len(above) for above in lines.above]
    lines.order = [line for line, count in enumerate(waiting) if not count]
    for line in lines.order:
        for other in lines.below[line]:
            waiting[other] -= 1
            if not waiting[other]:
                lines.order.append(other)


def _gap(columns: Columns, upper: int, lower: int) -> float:
    passing = (upper >= columns.count) + (lower >= columns.count)
    return (GAP, ROOM, LANE)[passing]


def _settle(columns: Columns, lines: Lines, fixed: int) -> None:
    """Place the lines as high as they can be, then draw each to what it is joined to."""
    lines.top = [0.0] * len(lines.below)
    for line in lines.order:
        lines.top[line] = max((lines.top[a] + d for a, d in lines.above[line].items()), default=0.0)
    joints = _joints(columns, lines)
    for _ in range(ROUNDS):
        before = list(lines.top)
        for down in (True, False):
            for line in reversed(lines.order) if down else lines.order:
                if line != fixed and joints[line]:
                    _draw(lines, line, joints[line], down)
        if lines.top == before:
            break


Joints = list[tuple[int, float]]
"""For a line: another that it is joined to, and how far below that it would be straight."""


def _joints(columns: Columns, lines: Lines) -> list[Joints]:
    found: list[Joints] = [[] for _ in lines.below]
    for links in columns.rights:
        for link in links:
            a, b = lines.of[link.source], lines.of[link.target]
            if a != b:
                down = lines.offset[link.source] + link.leaves
                down = on_grid(down - lines.offset[link.target] - link.enters)
                found[b].append((a, down))
                found[a].append((b, -down))
    return found


def _draw(lines: Lines, line: int, joints: Joints, down: bool) -> None:
    """Move a line down, or up, toward the middle of where its links would have it."""
    wanted = _median(lines.top[other] + apart for other, apart in joints)
    here = lines.top[line]
    if down and wanted > here:
        room = (lines.top[other] - apart for other, apart in lines.below[line].items())
        lines.top[line] = max(here, min(wanted, min(room, default=inf)))
    elif not down and wanted < here:
        room = (lines.top[other] + apart for other, apart in lines.above[line].items())
        lines.top[line] = min(here, max(wanted, max(room, default=-inf)))


def _median(values: Iterable[float]) -> float:
    ranked = sorted(values)
    return ranked[(len(ranked) - 1) // 2]
