"""Crossing reduction: order the vertices of each layer, with regard to the order of their ports.

Sweeps sort each layer by the barycentres of its vertices, and then swap neighbours.

Reference:
    Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical System Structures.
    IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from builder.layout.layer_assignment import LayeredGraph, Segment

Neighbours = list[list[tuple[int, float, float]]]
"""For each vertex its neighbours in the layer on one side: the neighbour, the height of the port
there, and that of the port here, both as fractions of the height of their vertex."""


def reduce_crossings(layered: LayeredGraph) -> list[list[int]]:
    """Return an order of each layer with few crossings: the best of several sweeps."""
    left = [
        [_neighbour(layered, segment, True) for segment in segments]
        for segments in layered.incoming
    ]
    right = [
        [_neighbour(layered, segment, False) for segment in segments]
        for segments in layered.outgoing
    ]
    layers = [list(layer) for layer in layered.layers]
    rank = [0.0] * len(layered.layer)
    for layer in layers:
        _update_ranks(layer, rank)
    best, fewest = [list(layer) for layer in layers], _count_crossings(layers, right, rank)
    for sweep in range(_sweep_count(len(layered.layer))):
        if not fewest:
            break
        _sweep(layers, (left, right), rank, forward=sweep % 2 == 0)
        _swap_neighbours(layers, (left, right), rank)
        crossings = _count_crossings(layers, right, rank)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    return best


def _sweep_count(vertices: int) -> int:
    return 24 if vertices < 500 else 10 if vertices < 5_000 else 4


def _neighbour(layered: LayeredGraph, segment: Segment, incoming: bool) -> tuple[int, float, float]:
    source_y = _fraction(segment.source_y, layered.heights[segment.source])
    target_y = _fraction(segment.target_y, layered.heights[segment.target])
    if incoming:
        return segment.source, source_y, target_y
    return segment.target, target_y, source_y


def _fraction(y: float, height: float) -> float:
    return min(0.9, max(0.0, y / (height + 1.0))) if height else 0.5


def _update_ranks(layer: list[int], rank: list[float]) -> None:
    for position, vertex in enumerate(layer):
        rank[vertex] = float(position)


def _sweep(
    layers: list[list[int]], sides: tuple[Neighbours, Neighbours], rank: list[float], forward: bool
) -> None:
    """Sort each layer by the barycentres of its vertices on one side."""
    neighbours = sides[0 if forward else 1]
    for layer in layers if forward else reversed(layers):
        barycentre = {
            vertex: sum(rank[other] + there - here for other, there, here in neighbours[vertex])
            / len(neighbours[vertex])
            for vertex in layer
            if neighbours[vertex]
        }
        # Vertices without neighbours keep their position.
        ordered = iter(sorted(barycentre, key=lambda vertex: (barycentre[vertex], rank[vertex])))
        layer[:] = [next(ordered) if vertex in barycentre else vertex for vertex in layer]
        _update_ranks(layer, rank)


def _swap_neighbours(
    layers: list[list[int]], sides: tuple[Neighbours, Neighbours], rank: list[float]
) -> None:
    """Swap adjacent vertices as long as that removes crossings."""
    for layer in layers:
        if len(layer) < 2:
            continue
        ends = {
            vertex: [
                sorted((rank[other] + there) for other, there, _ in neighbours[vertex])
                for neighbours in sides
            ]
            for vertex in layer
        }
        for _ in range(4):
            if not _swap_once(layer, ends):
                break
        _update_ranks(layer, rank)


def _swap_once(layer: list[int], ends: dict[int, list[list[float]]]) -> bool:
    swapped = False
    for index in range(len(layer) - 1):
        upper, lower = ends[layer[index]], ends[layer[index + 1]]
        crossings = sum(_crossed_pairs(a, b) for a, b in zip(upper, lower, strict=True))
        if not crossings:
            continue
        if sum(_crossed_pairs(b, a) for a, b in zip(upper, lower, strict=True)) < crossings:
            layer[index], layer[index + 1] = layer[index + 1], layer[index]
            swapped = True
    return swapped


def _crossed_pairs(upper: list[float], lower: list[float]) -> int:
    """Count the pairs of ends in which that of the upper vertex is below that of the lower."""
    if not (upper and lower) or upper[-1] <= lower[0]:
        return 0
    return sum(bisect_left(lower, end) for end in upper)


def _count_crossings(layers: list[list[int]], right: Neighbours, rank: list[float]) -> int:
    return sum(_inversions(_target_heights(layer, right, rank)) for layer in layers)


def _target_heights(layer: list[int], right: Neighbours, rank: list[float]) -> Iterator[float]:
    """Yield the heights of the right ends of the segments, sorted by those of the left ends."""
    ends = [
        (rank[vertex] + here, rank[other] + there)
        for vertex in layer
        for other, there, here in right[vertex]
    ]
    return (target for _, target in sorted(ends))


def _inversions(values: Iterator[float]) -> int:
    """Count the pairs in descending order."""
    seen: list[float] = []
    count = 0
    for value in values:
        index = bisect_right(seen, value)
        count += len(seen) - index
        seen.insert(index, value)
    return count
