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

from builder.layout.align import GRID, on_grid
from builder.layout.layer_assignment import Columns, Edge, Link

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
    choice = _Choice(columns)
    for way in _wishes(columns, spine):
        choice.take(way)
    lines = _lines(columns, choice.links)
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


class _Choice:
    """The links that run straight: one on each side of a vertex at most, and no two cross."""

    def __init__(self, columns: Columns) -> None:
        self.links: set[Link] = set()
        self._column = columns.column
        self._place = [0] * len(columns.column)
        for column in columns.order:
            for at, vertex in enumerate(column):
                self._place[vertex] = at
        self._left: set[int] = set()
        self._entered: set[int] = set()
        self._ends: list[list[tuple[int, int]]] = [[] for _ in columns.order]

    def take(self, way: Iterable[Link]) -> None:
        """Make links straight, if all of them can be."""
        fresh = []
        for link in way:
            if link in self.links:
                continue
            if not self._is_free(link):
                return
            fresh.append(link)
        for link in fresh:
            self.links.add(link)
            self._left.add(link.source)
            self._entered.add(link.target)
            insort(self._ends[self._column[link.source]], self._pair(link))

    def _pair(self, link: Link) -> tuple[int, int]:
        return self._place[link.source], self._place[link.target]

    def _is_free(self, link: Link) -> bool:
        if link.source in self._left or link.target in self._entered:
            return False
        ends, pair = self._ends[self._column[link.source]], self._pair(link)
        at = bisect_left(ends, pair)
        over, under = ends[at - 1][1] if at else -1, ends[at][1] if at < len(ends) else inf
        return over < pair[1] < under


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
        yield from ((edge.first,), (edge.last,))
    short = [edge for edge in columns.edges if edge.span == 1]
    yield from (edge.links() for edge in short if edge.main)
    yield from (edge.links() for edge in short if not edge.main)


def _lines(columns: Columns, straight: set[Link]) -> Lines:
    """Join the vertices along straight links; the first vertex of a line gives it its height."""
    count = len(columns.column)
    onward = {link.source: link for link in straight}
    entered = {link.target for link in straight}
    starts = [vertex for column in columns.order for vertex in column if vertex not in entered]
    lines = Lines([-1] * count, [0.0] * count)
    for number, start in enumerate(starts):
        vertex, offset = start, 0.0
        lines.of[vertex], lines.offset[vertex] = number, offset
        while link := onward.get(vertex):
            vertex, offset = link.target, offset + link.leaves - link.enters
            lines.of[vertex], lines.offset[vertex] = number, offset
    lines.below = [{} for _ in starts]
    lines.above = [{} for _ in starts]
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
    loose = [line for line in lines.order if line != fixed and joints[line]]
    for _ in range(ROUNDS):
        before = list(lines.top)
        for line in reversed(loose):
            _draw(lines, line, joints[line], down=True)
        for line in loose:
            _draw(lines, line, joints[line], down=False)
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
