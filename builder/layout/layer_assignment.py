"""Layer assignment: each node gets a layer, and long edges get dummy vertices in between.

The first steps of the layout of layered graphs: cycle removal, layer assignment by longest paths,
and dummy vertices, which the edges of one output share.

Reference:
    Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical System Structures.
    IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from builder.layout.align import PortOffsets, Size, on_grid
from nodes.core.graphs.graph import Graph

MAX_DUMMIES = 8
"""The number of dummy vertices per node; edges beyond it are left out of the layout."""


class Segment(NamedTuple):
    """A piece of an edge between two neighbouring layers.

    Attributes:
        source, target: the vertices that it joins.
        source_y, target_y: the offset of its ends from the top of these vertices.
    """

    source: int
    target: int
    source_y: float
    target_y: float


class Edge(NamedTuple):
    """An edge of the graph, divided into segments by dummy vertices.

    Attributes:
        source, target: the nodes that it joins.
        source_y, target_y: the offset of its ports from the top of these nodes.
        dummies: the dummy vertices of its output, from the layer after the source on.
        span: the number of layers from source to target.
        main: it ends at the port by which the main path enters the target.
    """

    source: int
    target: int
    source_y: float
    target_y: float
    dummies: list[int]
    span: int
    main: bool

    @property
    def first(self) -> Segment:
        """The segment at its source."""
        target = self.dummies[0] if self.span > 1 else self.target
        return Segment(self.source, target, self.source_y, self.target_y if self.span == 1 else 0.0)

    @property
    def last(self) -> Segment:
        """The segment at its target."""
        return next(self.segments())

    def segments(self) -> Iterator[Segment]:
        """Yield its segments, from the last to the first."""
        target, target_y = self.target, self.target_y
        for index in range(self.span - 2, -1, -1):
            yield Segment(self.dummies[index], target, 0.0, target_y)
            target, target_y = self.dummies[index], 0.0
        yield self.first


@dataclass(slots=True)
class LayeredGraph:
    """A graph in layers; its vertices are the nodes, followed by the dummy vertices.

    Attributes:
        node_count: the number of vertices that are nodes.
        layer: the layer of each vertex.
        heights: the height of each vertex.
        layers: the vertices of each layer, from top to bottom.
        edges: the edges, without those that close a cycle.
        outgoing, incoming: the segments that leave and that enter each vertex.
    """

    node_count: int
    layer: list[int]
    heights: list[float]
    layers: list[list[int]]
    edges: list[Edge] = field(default_factory=list)
    outgoing: list[list[Segment]] = field(default_factory=list)
    incoming: list[list[Segment]] = field(default_factory=list)

    def is_dummy(self, vertex: int) -> bool:
        """Return whether a vertex is a dummy vertex."""
        return vertex >= self.node_count


class _PortEdge(NamedTuple):
    """An edge of the graph before it is divided into segments.

    Attributes:
        source, target: the nodes that it joins.
        source_y, target_y: the offset of its ports from the top of these nodes.
        output: the port at which it starts.
        stem: the name of the port at which it ends, without the index of a variadic one.
    """

    source: int
    target: int
    source_y: float
    target_y: float
    output: str
    stem: str


def assign_layers(
    graph: Graph, names: Sequence[str], sizes: Mapping[str, Size], ports: PortOffsets
) -> LayeredGraph:
    """Put each node into a layer after all of its producers, and close to its consumers."""
    edges = _without_cycles(len(names), _port_edges(graph, names, sizes, ports))
    layer = _move_to_consumers(len(names), edges, _longest_paths(len(names), edges))
    heights = [sizes[name][1] for name in names]
    layered = LayeredGraph(len(names), layer, heights, [])
    _add_dummies(layered, edges)
    layered.layers = [[] for _ in range(max(layered.layer) + 1)]
    for vertex in _depth_first(layered):
        layered.layers[layered.layer[vertex]].append(vertex)
    return layered


def _port_edges(
    graph: Graph, names: Sequence[str], sizes: Mapping[str, Size], ports: PortOffsets
) -> list[_PortEdge]:
    """List the edges between the nodes, those into one node from its first port to its last."""
    index = {name: number for number, name in enumerate(names)}
    middle = {name: on_grid(sizes[name][1] / 2) for name in names}
    edges = []
    for target, source in graph.edges.items():
        if target.node in index and source.node in index and target.node != source.node:
            source_y = ports.get((*source, False), middle[source.node])
            target_y = ports.get((*target, True), middle[target.node])
            ends = index[source.node], index[target.node]
            stem = target.port.split(".")[0]
            edges.append(_PortEdge(*ends, source_y, target_y, source.port, stem))
    return sorted(edges, key=lambda edge: (edge.target, edge.target_y, edge.source))


def _without_cycles(count: int, edges: list[_PortEdge]) -> list[_PortEdge]:
    """Drop the back edges of a depth-first search."""
    outgoing: list[list[_PortEdge]] = [[] for _ in range(count)]
    in_degree = [0] * count
    for edge in edges:
        outgoing[edge.source].append(edge)
        in_degree[edge.target] += 1
    visited, on_path = [False] * count, [False] * count
    kept = []
    for root in sorted(range(count), key=lambda vertex: in_degree[vertex] > 0):
        if visited[root]:
            continue
        visited[root] = on_path[root] = True
        stack = [(root, iter(outgoing[root]))]
        while stack:
            vertex, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                on_path[vertex] = False
                stack.pop()
                continue
            target = following.target
            if not on_path[target]:
                kept.append(following)
            if not visited[target]:
                visited[target] = on_path[target] = True
                stack.append((target, iter(outgoing[target])))
    return kept


def _longest_paths(count: int, edges: list[_PortEdge]) -> list[int]:
    """Give each node the first layer after all of its producers."""
    layer = [0] * count
    for _, outgoing in _topological_order(count, edges)[0]:
        for edge in outgoing:
            layer[edge.target] = max(layer[edge.target], layer[edge.source] + 1)
    return layer


def _topological_order(
    count: int, edges: list[_PortEdge]
) -> tuple[list[tuple[int, list[_PortEdge]]], list[int]]:
    """Sort the nodes topologically, each with its outgoing edges; also return the in-degrees."""
    outgoing: list[list[_PortEdge]] = [[] for _ in range(count)]
    in_degree = [0] * count
    for edge in edges:
        outgoing[edge.source].append(edge)
        in_degree[edge.target] += 1
    remaining = list(in_degree)
    order = [vertex for vertex in range(count) if not in_degree[vertex]]
    for vertex in order:
        for edge in outgoing[vertex]:
            remaining[edge.target] -= 1
            if not remaining[edge.target]:
                order.append(edge.target)
    return [(vertex, outgoing[vertex]) for vertex in order], in_degree


def _move_to_consumers(count: int, edges: list[_PortEdge], layer: list[int]) -> list[int]:
    """Move nodes to later layers where that shortens edges, so side inputs lie at their readers."""
    order, in_degree = _topological_order(count, edges)
    producers: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        producers[edge.target].append(edge.source)
    out_degree = {vertex: len(outgoing) for vertex, outgoing in order}
    # Producers with no other consumer move along, so the edges from them do not hold a node back.
    movable = [False] * count
    for vertex, _ in order:
        movable[vertex] = all(
            movable[producer] and out_degree[producer] == 1 for producer in producers[vertex]
        )
    for vertex, outgoing in reversed(order):
        if outgoing and (movable[vertex] or len(outgoing) > in_degree[vertex]):
            layer[vertex] = min(layer[edge.target] for edge in outgoing) - 1
    return layer


def _add_dummies(layered: LayeredGraph, edges: list[_PortEdge]) -> None:
    """Divide the edges into segments; those of one output share dummy vertices."""
    main_edges = _main_edges(layered.layer, edges)
    dummies_of: dict[tuple[int, str], list[int]] = {}
    budget = MAX_DUMMIES * layered.node_count + 100
    segments: dict[Segment, None] = {}
    layer = layered.layer
    for edge in sorted(edges, key=lambda edge: layer[edge.target] - layer[edge.source]):
        dummies = dummies_of.setdefault((edge.source, edge.output), [])
        span = layer[edge.target] - layer[edge.source]
        missing = max(0, span - 1 - len(dummies))
        if missing > budget:
            continue
        budget -= missing
        for _ in range(missing):
            dummies.append(len(layer))
            layer.append(layer[edge.source] + len(dummies))
            layered.heights.append(0.0)
        ends = edge.source, edge.target, edge.source_y, edge.target_y
        divided = Edge(*ends, dummies, span, edge in main_edges)
        layered.edges.append(divided)
        # If a segment exists already, so do those before it.
        for segment in divided.segments():
            if segment in segments:
                break
            segments[segment] = None
    layered.outgoing = [[] for _ in layer]
    layered.incoming = [[] for _ in layer]
    for segment in segments:
        layered.outgoing[segment.source].append(segment)
        layered.incoming[segment.target].append(segment)


def _main_edges(layer: list[int], edges: list[_PortEdge]) -> set[_PortEdge]:
    """Pick the edge by which the main path enters each node: that of its first port.

    Of the edges into one variadic port, as of a sum, it is the longest: the residual connection,
    beside which the residual branch is laid out.
    """
    main: dict[int, _PortEdge] = {}
    for edge in sorted(edges, key=lambda edge: edge.target_y):
        known = main.setdefault(edge.target, edge)
        if edge.stem == known.stem and layer[edge.source] < layer[known.source]:
            main[edge.target] = edge
    return set(main.values())


def _depth_first(layered: LayeredGraph) -> list[int]:
    """List the vertices in depth-first order, which keeps connected ones together."""
    visited = [False] * len(layered.layer)
    order = []
    roots = sorted(range(layered.node_count), key=lambda vertex: (layered.layer[vertex], vertex))
    for root in roots:
        stack = [root]
        while stack:
            vertex = stack.pop()
            if visited[vertex]:
                continue
            visited[vertex] = True
            order.append(vertex)
            stack += [segment.target for segment in reversed(layered.outgoing[vertex])]
    return order
