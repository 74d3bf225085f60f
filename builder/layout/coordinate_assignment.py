"""Coordinate assignment: vertical positions with straight edges where possible and no overlaps.

Vertices joined by straight segments are aligned: they form a chain and move as one.  First the
straight segments are chosen, the most important ones first, such that no two of them cross.  Then
the chains are placed one below the other, and each is pulled to the median of its neighbours.  In
addition to the reference, ports have offsets, and a main path comes before all other edges.

Reference:
    Brandes, Köpf: Fast and Simple Horizontal Coordinate Assignment. Graph Drawing 2001.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, inf

from builder.layout.align import GRID, on_grid
from builder.layout.layer_assignment import Edge, LayeredGraph, Segment

NODE_GAP = 40.0
"""Between two nodes of a layer."""
NODE_EDGE_GAP = 30.0
"""Between a node and an edge that passes it."""
EDGE_GAP = 20.0
"""Between two edges that pass a layer."""
MAX_ROUNDS = 8


@dataclass(slots=True)
class Alignment:
    """Chains of aligned vertices, and the least distances between them.

    Attributes:
        chain: the chain of each vertex.
        offset: the position of each vertex relative to its chain.
        below: for each chain, the chains below it, with their least distances.
        above: the chains above it, likewise.
        order: the chains in topological order, from top to bottom.
        top: the position of each chain.
    """

    chain: list[int]
    offset: list[float]
    below: list[dict[int, float]] = field(default_factory=list)
    above: list[dict[int, float]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    top: list[float] = field(default_factory=list)

    def y(self, vertex: int) -> float:
        """Return the position of a vertex."""
        return self.top[self.chain[vertex]] + self.offset[vertex]


def assign_coordinates(layered: LayeredGraph) -> list[float]:
    """Return the vertical position of each vertex."""
    path = _main_path(layered)
    straight = _StraightSegments(layered)
    for segments in _candidates(layered, path):
        straight.add(segments)
    alignment = _align(layered, straight.segments)
    _add_distances(layered, alignment)
    _place(layered, alignment, alignment.chain[path[0].source] if path else -1)
    return [alignment.y(vertex) for vertex in range(len(layered.layer))]


def _main_path(layered: LayeredGraph) -> list[Edge]:
    """Return the main path: from the end of the graph back along the main edge of each node."""
    entering = {edge.target: edge for edge in layered.edges if edge.main}
    ends = set(entering) - {edge.source for edge in layered.edges}
    if not ends:
        return []
    vertex = max(ends, key=lambda vertex: (layered.layer[vertex], -vertex))
    path = []
    while vertex in entering:
        path.append(entering[vertex])
        vertex = entering[vertex].source
    return path


class _StraightSegments:
    """The segments that run straight: at most one on each side of a vertex, and no two cross."""

    def __init__(self, layered: LayeredGraph) -> None:
        self.segments: set[Segment] = set()
        self._layer = layered.layer
        self._rank = [0] * len(layered.layer)
        for layer in layered.layers:
            for rank, vertex in enumerate(layer):
                self._rank[vertex] = rank
        self._sources: set[int] = set()
        self._targets: set[int] = set()
        self._ranks: list[list[tuple[int, int]]] = [[] for _ in layered.layers]

    def add(self, segments: Iterable[Segment]) -> None:
        """Add segments, if all of them can be straight."""
        added = []
        for segment in segments:
            if segment in self.segments:
                continue
            if not self._is_free(segment):
                return
            added.append(segment)
        for segment in added:
            self.segments.add(segment)
            self._sources.add(segment.source)
            self._targets.add(segment.target)
            insort(self._ranks[self._layer[segment.source]], self._rank_pair(segment))

    def _rank_pair(self, segment: Segment) -> tuple[int, int]:
        return self._rank[segment.source], self._rank[segment.target]

    def _is_free(self, segment: Segment) -> bool:
        if segment.source in self._sources or segment.target in self._targets:
            return False
        ranks, pair = self._ranks[self._layer[segment.source]], self._rank_pair(segment)
        index = bisect_left(ranks, pair)
        above = ranks[index - 1][1] if index else -1
        below = ranks[index][1] if index < len(ranks) else inf
        return above < pair[1] < below


def _candidates(layered: LayeredGraph, path: list[Edge]) -> Iterator[Iterable[Segment]]:
    """Yield the segments that should run straight together, the most important first."""
    yield from (edge.segments() for edge in path)
    long = sorted(
        (edge for edge in layered.edges if edge.span > 1),
        key=lambda edge: (not edge.main, -edge.span),
    )
    yield from (edge.segments() for edge in long)
    for segments in layered.outgoing[layered.node_count :]:
        yield from ((segment,) for segment in segments if layered.is_dummy(segment.target))
    for edge in long:
        yield from ((edge.first,), (edge.last,))
    short = [edge for edge in layered.edges if edge.span == 1]
    yield from (edge.segments() for edge in short if edge.main)
    yield from (edge.segments() for edge in short if not edge.main)


def _align(layered: LayeredGraph, straight: set[Segment]) -> Alignment:
    """Join the vertices along straight segments to chains."""
    count = len(layered.layer)
    following = {segment.source: segment for segment in straight}
    entered = {segment.target for segment in straight}
    roots = [vertex for layer in layered.layers for vertex in layer if vertex not in entered]
    alignment = Alignment([-1] * count, [0.0] * count)
    for chain, root in enumerate(roots):
        vertex, offset = root, 0.0
        alignment.chain[vertex], alignment.offset[vertex] = chain, offset
        while segment := following.get(vertex):
            vertex, offset = segment.target, offset + segment.source_y - segment.target_y
            alignment.chain[vertex], alignment.offset[vertex] = chain, offset
    alignment.below = [{} for _ in roots]
    alignment.above = [{} for _ in roots]
    return alignment


def _add_distances(layered: LayeredGraph, alignment: Alignment) -> None:
    """Keep the vertices of a layer apart, and sort the chains topologically."""
    for layer in layered.layers:
        for upper, lower in pairwise(layer):
            a, b = alignment.chain[upper], alignment.chain[lower]
            distance = layered.heights[upper] + _gap(layered, upper, lower)
            offsets = alignment.offset[upper] - alignment.offset[lower]
            least = GRID * ceil((offsets + distance) / GRID)
            alignment.below[a][b] = max(least, alignment.below[a].get(b, -inf))
            alignment.above[b][a] = alignment.below[a][b]
    remaining = [len(above) for above in alignment.above]
    alignment.order = [chain for chain, count in enumerate(remaining) if not count]
    for chain in alignment.order:
        for other in alignment.below[chain]:
            remaining[other] -= 1
            if not remaining[other]:
                alignment.order.append(other)


def _gap(layered: LayeredGraph, upper: int, lower: int) -> float:
    dummies = layered.is_dummy(upper) + layered.is_dummy(lower)
    return (NODE_GAP, NODE_EDGE_GAP, EDGE_GAP)[dummies]


def _place(layered: LayeredGraph, alignment: Alignment, fixed: int) -> None:
    """Place the chains as high as possible, then pull each to the median of its neighbours."""
    top = alignment.top = [0.0] * len(alignment.below)
    for chain in alignment.order:
        above = alignment.above[chain].items()
        top[chain] = max((top[other] + distance for other, distance in above), default=0.0)
    neighbours = _neighbours(layered, alignment)
    movable = [chain for chain in alignment.order if chain != fixed and neighbours[chain]]
    for _ in range(MAX_ROUNDS):
        before = list(top)
        for chain in reversed(movable):
            _pull(alignment, chain, neighbours[chain], down=True)
        for chain in movable:
            _pull(alignment, chain, neighbours[chain], down=False)
        if top == before:
            break


Neighbours = list[tuple[int, float]]
"""For a chain: another that a segment joins it to, and at which distance that would be straight."""


def _neighbours(layered: LayeredGraph, alignment: Alignment) -> list[Neighbours]:
    found: list[Neighbours] = [[] for _ in alignment.below]
    for segments in layered.outgoing:
        for segment in segments:
            a, b = alignment.chain[segment.source], alignment.chain[segment.target]
            if a != b:
                distance = alignment.offset[segment.source] + segment.source_y
                distance = distance - alignment.offset[segment.target] - segment.target_y
                distance = on_grid(distance)
                found[b].append((a, distance))
                found[a].append((b, -distance))
    return found


def _pull(alignment: Alignment, chain: int, neighbours: Neighbours, down: bool) -> None:
    """Move a chain down, or up, towards the median of the positions that make segments straight."""
    top = alignment.top
    median = _median(top[other] + distance for other, distance in neighbours)
    current = top[chain]
    if down and median > current:
        limits = (top[other] - least for other, least in alignment.below[chain].items())
        top[chain] = max(current, min(median, min(limits, default=inf)))
    elif not down and median < current:
        limits = (top[other] + least for other, least in alignment.above[chain].items())
        top[chain] = min(current, max(median, max(limits, default=-inf)))


def _median(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2]
