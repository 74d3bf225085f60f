"""The structure of one graph: its order, its loops, and what leads to an output."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from nodes.core.graphs.graph import Graph, PortRef
from nodes.core.graphs.port import Input, find_input


@dataclass(frozen=True, slots=True)
class Structure:
    """What the edges alone say of a graph.

    Attributes:
        order: the nodes that are in no loop, each after all that it reads.
        loops: the nodes of each loop, along it; a loop is in no order.
        used: the nodes that lead to an output.
    """

    order: tuple[str, ...]
    loops: tuple[tuple[str, ...], ...]
    used: frozenset[str]


def structure(nodes: Iterable[str], edges: Mapping[PortRef, PortRef], ends: list[str]) -> Structure:
    """Order the nodes as they were added wherever the edges leave a choice."""
    index = {name: place for place, name in enumerate(nodes)}
    graph = nx.DiGraph()
    graph.add_nodes_from(index)
    graph.add_edges_from(
        (source.node, target.node)
        for target, source in edges.items()
        if source.node in index and target.node in index
    )
    used = frozenset(ends).union(*(nx.ancestors(graph, end) for end in ends))
    loops = () if nx.is_directed_acyclic_graph(graph) else tuple(_loops(graph, index))
    graph.remove_nodes_from([name for loop in loops for name in loop.members])
    order = tuple(nx.lexicographical_topological_sort(graph, key=index.__getitem__))
    return Structure(order, tuple(loop.along for loop in loops), used)


@dataclass(frozen=True, slots=True)
class _Loop:
    members: frozenset[str]
    along: tuple[str, ...]


def _loops(graph: nx.DiGraph, index: Mapping[str, int]) -> Iterable[_Loop]:
    """Find each strongly connected knot, and one loop in it to show."""
    knots = [
        knot
        for knot in nx.strongly_connected_components(graph)
        if len(knot) > 1 or graph.has_edge(*(next(iter(knot)),) * 2)
    ]
    for knot in sorted(knots, key=lambda knot: min(index[name] for name in knot)):
        first = min(knot, key=index.__getitem__)
        edges = nx.find_cycle(graph.subgraph(knot), first)
        yield _Loop(frozenset(knot), tuple(source for source, _ in edges))


def block_loop(blocks: Mapping[str, Graph]) -> tuple[str, ...]:
    """Find blocks that contain each other; empty where none do."""
    uses = nx.DiGraph()
    uses.add_nodes_from(blocks)
    for name, graph in blocks.items():
        inner = {getattr(node, "block", None) for node in graph.nodes.values()}
        uses.add_edges_from((name, block) for block in sorted(inner & blocks.keys()))
    if nx.is_directed_acyclic_graph(uses):
        return ()
    return tuple(source for source, _ in nx.find_cycle(uses))


def in_order(ports: tuple[Input, ...], edges: Mapping[str, PortRef]) -> dict[str, PortRef]:
    """Put the edges of a node in the order of its ports, and let defaults fill their places."""
    if len(ports) == 1 and not ports[0].variadic:
        return dict(edges)
    result: dict[str, PortRef] = {}
    for port in ports:
        if port.variadic:
            keys = [key for key in edges if find_input((port,), key)]
            keys.sort(key=lambda key: int(key.partition(".")[2]))
            result.update((key, edges[key]) for key in keys)
        elif port.name in edges:
            result[port.name] = edges[port.name]
        elif port.default in result:
            result[port.name] = result[port.default]
    unknown = edges.keys() - result.keys()
    result.update((key, edges[key]) for key in sorted(unknown))
    return result
