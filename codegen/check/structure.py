"""The structure of one graph: topological order, cycles, and the nodes that reach an output."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import networkx as nx

from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.port import Input, find_input


@dataclass(frozen=True, slots=True)
class Structure:
    """What follows from the edges of a graph alone.

    Attributes:
        order: a topological order of the nodes outside cycles.
        cycles: one cycle of each strongly connected component, along its edges.
        used: the nodes from which an output can be reached.
    """

    order: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]
    used: frozenset[str]


def graph_structure(
    nodes: Iterable[str], edges: Mapping[PortRef, PortRef], output_nodes: Collection[str]
) -> Structure:
    """Compute the structure; ties of the topological order are broken by insertion order."""
    index = {name: position for position, name in enumerate(nodes)}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(index)
    graph.add_edges_from(
        (source.node, target.node)
        for target, source in edges.items()
        if source.node in index and target.node in index
    )
    used = frozenset(output_nodes).union(*(nx.ancestors(graph, end) for end in output_nodes))
    cyclic = () if nx.is_directed_acyclic_graph(graph) else tuple(_cyclic_components(graph, index))
    graph.remove_nodes_from([name for component in cyclic for name in component.nodes])
    order = tuple(nx.lexicographical_topological_sort(graph, key=index.__getitem__))
    return Structure(order, tuple(component.cycle for component in cyclic), used)


@dataclass(frozen=True, slots=True)
class _CyclicComponent:
    nodes: frozenset[str]
    cycle: tuple[str, ...]


def _cyclic_components(
    graph: "nx.DiGraph[str]", index: Mapping[str, int]
) -> Iterator[_CyclicComponent]:
    """Find each strongly connected component with a cycle, and one cycle in it to report."""
    components = [
        component
        for component in nx.strongly_connected_components(graph)
        if len(component) > 1 or graph.has_edge(*(next(iter(component)),) * 2)
    ]
    for component in sorted(components, key=lambda names: min(index[name] for name in names)):
        first = min(component, key=index.__getitem__)
        edges = nx.find_cycle(graph.subgraph(component), first)
        yield _CyclicComponent(frozenset(component), tuple(source for source, _ in edges))


def block_cycle(blocks: Mapping[str, Graph]) -> tuple[str, ...]:
    """Find a cycle of blocks that contain each other; empty if there is none."""
    uses = _block_uses(blocks)
    if nx.is_directed_acyclic_graph(uses):
        return ()
    return tuple(source for source, _ in nx.find_cycle(uses))


def running_graphs(model: Model, rewritten: Model) -> set[str]:
    """Return the graphs that run, and the blocks that nothing places, with those inside them.

    Args:
        model: the model.
        rewritten: the model without the nodes that are bypassed.
    """
    placed, running = _block_uses(model.graphs), _block_uses(rewritten.graphs)
    pending = [name for name, count in placed.in_degree if not count]
    found: set[str] = set()
    while pending:
        found.add(name := pending.pop())
        pending += {*running.successors(name)} - found
    return found


def places(graph: Graph, block: str) -> bool:
    """Check whether a node of a graph places a block."""
    return any(isinstance(node, Block) and node.block == block for node in graph.nodes.values())


def _block_uses(graphs: Mapping[str, Graph]) -> "nx.DiGraph[str]":
    """Return the graphs, each with an edge to the blocks that its nodes place."""
    uses: nx.DiGraph[str] = nx.DiGraph()
    uses.add_nodes_from(graphs)
    for name, graph in graphs.items():
        inner = {node.block for node in graph.nodes.values() if isinstance(node, Block)}
        uses.add_edges_from((name, block) for block in sorted(inner & graphs.keys()))
    return uses


def in_order(ports: tuple[Input, ...], edges: Mapping[str, PortRef]) -> dict[str, PortRef]:
    """Sort a node's sources by its ports; an unconnected port gets the source of its default."""
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
