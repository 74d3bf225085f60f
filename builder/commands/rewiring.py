"""Edges when a node is deleted or replaced: its neighbours stay connected where kinds allow."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from builder.commands.editing import without_nodes
from builder.commands.ports import inputs, kind_error, outputs, sources
from nodes.core.graphs.graph import Graph, Model, PortRef
from nodes.core.graphs.node import Node


def delete_and_reconnect(model: Model, graph: Graph, names: Collection[str]) -> Graph:
    """Remove nodes, and connect their sources to their consumers where the kinds match.

    The consumers of the first output are connected to the source of the first input, and so on; if
    that does not match, to the source of the first input that does.
    """
    for name in [key for key in graph.nodes if key in names]:
        bypassing = {
            target: _source_before(model, graph, source, target)
            for target, source in graph.edges.items()
            if source.node == name and target.node != name
        }
        edges = {target: source for target, source in bypassing.items() if source is not None}
        rest = without_nodes(graph, {name})
        graph = replace(rest, edges={**rest.edges, **edges})
    return graph


def _source_before(model: Model, graph: Graph, output: PortRef, target: PortRef) -> PortRef | None:
    """Find the source of an input of a node that can take the place of one of its outputs."""
    name = output.node
    input_names, output_names = (
        [port.name for port in ports] for ports in model.ports(graph.nodes[name])
    )
    paired = output_names[: len(input_names)]
    preferred = input_names[paired.index(output.port)] if output.port in paired else ""
    edges = sources(model, graph, name)
    for port in sorted(edges, key=lambda port: port.partition(".")[0] != preferred):
        source = edges[port]
        if source.node != name and not kind_error(model, graph, source, target):
            return source
    return None


def replace_node(model: Model, graph: Graph, name: str, node: Node) -> Graph:
    """Replace a node; edges move to ports of the same name, else index, else kind."""
    edges = sources(model, graph, name)
    leaving = {t: s for t, s in graph.edges.items() if s.node == name != t.node}
    output_names = [port.name for port in model.ports(graph.nodes[name])[1]]
    rest = without_nodes(graph, {name})
    graph = replace(graph, nodes={**graph.nodes, name: node}, edges=rest.edges)
    for index, (port, source) in enumerate(edges.items()):
        for target in _by_similarity(inputs(model, graph, name), port, index):
            if target not in graph.edges and not kind_error(model, graph, source, target):
                graph = graph.with_edge(source, target)
                break
    for target, source in leaving.items():
        index = output_names.index(source.port) if source.port in output_names else 0
        for output in _by_similarity(outputs(model, graph, name), source.port, index):
            if not kind_error(model, graph, output, target):
                graph = graph.with_edge(output, target)
                break
    return graph


def lost_edges(before: Graph, after: Graph, name: str) -> list[str]:
    """List the edges of a node that the one in its place lacks."""
    entering, leaving = Counter(after.sources[name].values()), after.edges
    lost = [s for s in before.sources[name].values() if s.node != name]
    found = [f"the edge from {source}" for source in (Counter(lost) - entering).elements()]
    for target, source in before.edges.items():
        if source.node == name != target.node and target not in leaving:
            found.append(f"the edge to {target}")
    return found


def _by_similarity(ports: Iterable[PortRef], name: str, index: int) -> list[PortRef]:
    """Sort ports by their similarity to a port of a name at an index."""
    stem = name.partition(".")[0]
    ranked = sorted(
        (ref.port.partition(".")[0] != stem, i != index, i, ref) for i, ref in enumerate(ports)
    )
    return [ref for *_, ref in ranked]
