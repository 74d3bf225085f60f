"""Columns for a graph: which node stands in which, and where long edges pass between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from builder.layout.align import Ports, Size, on_grid
from nodes.core.graphs.graph import Graph

MOST_PASSES = 8
"""How many places where an edge passes a column there may be, for each node."""


class Link(NamedTuple):
    """An edge between two vertices, and how far down each its port lies."""

    source: int
    target: int
    leaves: float
    enters: float


class Edge(NamedTuple):
    """An edge of the graph, cut into links from column to column.

    Attributes:
        source, target: the nodes that it joins.
        leaves, enters: how far down each its ports lie.
        passes: where the edges of its output pass the columns behind the source.
        span: how many columns farther right it ends.
        main: it ends at the port by which the target is reached on its main line.
    """

    source: int
    target: int
    leaves: float
    enters: float
    passes: list[int]
    span: int
    main: bool

    @property
    def first(self) -> Link:
        """The link that leaves its source."""
        right = self.passes[0] if self.span > 1 else self.target
        return Link(self.source, right, self.leaves, self.enters if self.span == 1 else 0.0)

    @property
    def last(self) -> Link:
        """The link that enters its target."""
        return next(self.links())

    def links(self) -> Iterator[Link]:
        """Give its links, from the last one back to the first."""
        right, enters = self.target, self.enters
        for at in range(self.span - 2, -1, -1):
            yield Link(self.passes[at], right, 0.0, enters)
            right, enters = self.passes[at], 0.0
        yield self.first


@dataclass(slots=True)
class Columns:
    """A graph in columns.  Its vertices are the nodes, and the places where edges pass a column.

    Attributes:
        count: how many vertices are nodes; they come first.
        column: the column of each vertex.
        heights: how high each is.
        order: the vertices of each column from top to bottom.
        edges: all edges but those that run back or within a knot.
        rights, lefts: the links that leave a vertex and that enter it.
    """

    count: int
    column: list[int]
    heights: list[float]
    order: list[list[int]]
    edges: list[Edge] = field(default_factory=list)
    rights: list[list[Link]] = field(default_factory=list)
    lefts: list[list[Link]] = field(default_factory=list)


class _Wire(NamedTuple):
    """An edge of the graph before it is cut at the columns; ``stem`` is alike for alike ports."""

    source: int
    target: int
    leaves: float
    enters: float
    outlet: str
    stem: str


def columns(graph: Graph, names: Sequence[str], sizes: Mapping[str, Size], ports: Ports) -> Columns:
    """Put each node of a graph in a column behind all that it reads, and close to what reads it."""
    wires = _wires(graph, names, sizes, ports)
    ahead = _without_loops(len(names), wires)
    column = _tightened(len(names), ahead, _longest(len(names), ahead))
    heights = [sizes[name][1] for name in names]
    made = Columns(len(names), column, heights, [])
    _cut(made, ahead)
    made.order = [[] for _ in range(max(made.column) + 1)]
    for vertex in _discovered(made):
        made.order[made.column[vertex]].append(vertex)
    return made


def _wires(
    graph: Graph, names: Sequence[str], sizes: Mapping[str, Size], ports: Ports
) -> list[_Wire]:
    """List the edges between some nodes, those of a node from its first port to its last."""
    place = {name: at for at, name in enumerate(names)}
    middle = {name: on_grid(sizes[name][1] / 2) for name in names}
    found = []
    for target, source in graph.edges.items():
        if target.node in place and source.node in place and target.node != source.node:
            leaves = ports.get((*source, False), middle[source.node])
            enters = ports.get((*target, True), middle[target.node])
            ends = place[source.node], place[target.node]
            found.append(_Wire(*ends, leaves, enters, source.port, target.port.split(".")[0]))
    return sorted(found, key=lambda wire: (wire.target, wire.enters, wire.source))


def _without_loops(count: int, wires: list[_Wire]) -> list[_Wire]:
    """Leave out the edges that lead back to where one came from."""
    following: list[list[_Wire]] = [[] for _ in range(count)]
    entered = [0] * count
    for wire in wires:
        following[wire.source].append(wire)
        entered[wire.target] += 1
    state = [0] * count
    kept = []
    for start in sorted(range(count), key=lambda vertex: entered[vertex] > 0):
        if state[start]:
            continue
        state[start] = 1
        path = [(start, iter(following[start]))]
        while path:
            vertex, rest = path[-1]
            wire = next(rest, None)
            if wire is None:
                state[vertex] = 2
                path.pop()
                continue
            if state[wire.target] != 1:
                kept.append(wire)
            if not state[wire.target]:
                state[wire.target] = 1
                path.append((wire.target, iter(following[wire.target])))
    return kept


def _longest(count: int, wires: list[_Wire]) -> list[int]:
    """Give each node the first column behind all that it reads."""
    column = [0] * count
    for _, leaving in _sorted(count, wires)[0]:
        for wire in leaving:
            column[wire.target] = max(column[wire.target], column[wire.source] + 1)
    return column


def _sorted(count: int, wires: list[_Wire]) -> tuple[list[tuple[int, list[_Wire]]], list[int]]:
    """Order the nodes along the edges, each with those that leave it; count those that enter."""
    following: list[list[_Wire]] = [[] for _ in range(count)]
    entered = [0] * count
    for wire in wires:
        following[wire.source].append(wire)
        entered[wire.target] += 1
    open_ = list(entered)
    order = [vertex for vertex in range(count) if not entered[vertex]]
    for vertex in order:
        for wire in following[vertex]:
            open_[wire.target] -= 1
            if not open_[wire.target]:
                order.append(wire.target)
    return [(vertex, following[vertex]) for vertex in order], entered


def _tightened(count: int, wires: list[_Wire], column: list[int]) -> list[int]:
    """Move nodes to the right where that makes edges shorter: a side input stands at its reader."""
    order, entered = _sorted(count, wires)
    sources: list[list[int]] = [[] for _ in range(count)]
    for wire in wires:
        sources[wire.target].append(wire.source)
    readers = {vertex: len(leaving) for vertex, leaving in order}
    # What leads only here moves along, so the edges from it do not hold a node back.
    free = [False] * count
    for vertex, _ in order:
        free[vertex] = all(free[one] and readers[one] == 1 for one in sources[vertex])
    for vertex, leaving in reversed(order):
        if leaving and (free[vertex] or len(leaving) > entered[vertex]):
            column[vertex] = min(column[wire.target] for wire in leaving) - 1
    return column


def _cut(made: Columns, wires: list[_Wire]) -> None:
    """Cut the edges at the columns they pass; those from one port share the places they can."""
    mains = _mains(made.column, wires)
    passes: dict[tuple[int, str], list[int]] = {}
    budget = MOST_PASSES * made.count + 100
    links: dict[Link, None] = {}
    for wire in sorted(wires, key=lambda one: made.column[one.target] - made.column[one.source]):
        shared = passes.setdefault((wire.source, wire.outlet), [])
        span = made.column[wire.target] - made.column[wire.source]
        fresh = max(0, span - 1 - len(shared))
        if fresh > budget:
            continue
        budget -= fresh
        for _ in range(fresh):
            shared.append(len(made.column))
            made.column.append(made.column[wire.source] + len(shared))
            made.heights.append(0.0)
        ends = wire.source, wire.target, wire.leaves, wire.enters
        edge = Edge(*ends, shared, span, wire in mains)
        made.edges.append(edge)
        # What comes before a link that is there already is there as well.
        for link in edge.links():
            if link in links:
                break
            links[link] = None
    made.rights = [[] for _ in made.column]
    made.lefts = [[] for _ in made.column]
    for link in links:
        made.rights[link.source].append(link)
        made.lefts[link.target].append(link)


def _mains(column: list[int], wires: list[_Wire]) -> set[_Wire]:
    """Pick for each node the edge of its main line: that of the first port.

    Of ports that are alike, as those of a sum, it is the one with the longest edge: that is the way
    around a block, and what stands beside it is the block.
    """
    first: dict[int, _Wire] = {}
    for wire in sorted(wires, key=lambda one: one.enters):
        known = first.setdefault(wire.target, wire)
        if wire.stem == known.stem and column[wire.source] < column[known.source]:
            first[wire.target] = wire
    return set(first.values())


def _discovered(made: Columns) -> list[int]:
    """List the vertices as one comes upon them along the links, what belongs together together."""
    seen = [False] * len(made.column)
    found = []
    starts = sorted(range(made.count), key=lambda vertex: (made.column[vertex], vertex))
    for start in starts:
        waiting = [start]
        while waiting:
            vertex = waiting.pop()
            if seen[vertex]:
                continue
            seen[vertex] = True
            found.append(vertex)
            waiting += [link.target for link in reversed(made.rights[vertex])]
    return found
