"""Graphs in which a node went away, or another took its place: what was joined stays joined."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from builder.commands.editing import without_nodes
from builder.commands.ports import inputs, kind_error, outputs, sources
from nodes.core.graphs.graph import Graph, Model, PortRef
from nodes.core.graphs.node import Node


def healed(model: Model, graph: Graph, names: Collection[str]) -> Graph:
    """Remove nodes, and let what arrived at them go on to what read them, as far as it fits.

    What read the first output reads what arrived at the first input, and so on; where that does
    not fit, the first input that does.
    """
    for name in [one for one in graph.nodes if one in names]:
        past = {
            target: _before(model, graph, source, target)
            for target, source in graph.edges.items()
            if source.node == name and target.node != name
        }
        found = {target: source for target, source in past.items() if source is not None}
        left = without_nodes(graph, {name})
        graph = replace(left, edges={**left.edges, **found})
    return graph


def _before(model: Model, graph: Graph, source: PortRef, target: PortRef) -> PortRef | None:
    """Find what arrives at a node and fits where one of its outputs is read."""
    name = source.node
    taken, given = ([port.name for port in some] for some in model.ports(graph.nodes[name]))
    usual = taken[given.index(source.port)] if source.port in given[: len(taken)] else ""
    arriving = sources(model, graph, name)
    for port in sorted(arriving, key=lambda port: port.partition(".")[0] != usual):
        before = arriving[port]
        if before.node != name and not kind_error(model, graph, before, target):
            return before
    return None


def replaced(model: Model, graph: Graph, name: str, node: Node) -> Graph:
    """Put another node in the place of one; edges stay by name, place or kind of their ports."""
    arriving = sources(model, graph, name)
    read = {t: s for t, s in graph.edges.items() if s.node == name != t.node}
    given = [port.name for port in model.ports(graph.nodes[name])[1]]
    fresh = without_nodes(graph, {name})
    fresh = replace(graph, nodes={**graph.nodes, name: node}, edges=fresh.edges)
    for place, (port, source) in enumerate(arriving.items()):
        for target in _alike(inputs(model, fresh, name), port, place):
            if target not in fresh.edges and not kind_error(model, fresh, source, target):
                fresh = fresh.with_edge(source, target)
                break
    for target, source in read.items():
        place = given.index(source.port) if source.port in given else 0
        for other in _alike(outputs(model, fresh, name), source.port, place):
            if not kind_error(model, fresh, other, target):
                fresh = fresh.with_edge(other, target)
                break
    return fresh


def _alike(ports: Iterable[PortRef], name: str, place: int) -> list[PortRef]:
    """Order ports by how like they are to one of a name and a place."""
    stem = name.partition(".")[0]
    ranked = enumerate(ports)
    likeness = sorted((ref.port.partition(".")[0] != stem, i != place, i, ref) for i, ref in ranked)
    return [ref for *_, ref in likeness]
