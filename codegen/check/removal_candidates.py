"""Candidates that remove nodes or edges, where nothing else is a remedy."""

from collections.abc import Iterator

from codegen.check.edge_remedies import RemoveBranch
from codegen.check.problem_site import ProblemSite
from codegen.check.remedy import Disconnect, Remedy, RemoveNode
from nodes.core.graphs.graph import Graph, InputNode, PortRef

MOST_VISITED = 8
"""The most nodes before a problem whose removal is proposed."""

MOST_SOURCES = 3
"""The most sources of a node that its readers read instead."""


def removal_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose to remove the node or one before it and to reconnect the ends, or the edge."""
    names = [site.name, *_nodes_before(site.graph, site.name)] if site.node else []
    for name in names:
        for source in _sources(site.graph, name):
            yield RemoveNode(site.graph_name, name, source)
    if site.target in site.graph.edges:
        yield Disconnect(site.graph_name, site.target)
    if site.node is not None:
        yield RemoveNode(site.graph_name, site.name)


def unused_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose to remove a node that nothing reads, with those that only lead to it."""
    if not any(source.node == site.name for source in site.graph.edges.values()):
        yield RemoveBranch(site.graph_name, _branch(site.graph, site.name))


def _nodes_before(graph: Graph, name: str) -> list[str]:
    """List nodes before a node, nearest first."""
    found, pending = {name: None}, [name]
    while pending and len(found) < MOST_VISITED:
        before = [source.node for source in _sources(graph, pending.pop(0))]
        pending += [node for node in before if node not in found]
        found.update(dict.fromkeys(before))
    return [*found][1:]


def _sources(graph: Graph, name: str) -> list[PortRef]:
    """List the first sources of a node that exist, without itself."""
    sources = dict.fromkeys(graph.sources.get(name, {}).values())
    return [ref for ref in sources if ref.node != name and ref.node in graph.nodes][:MOST_SOURCES]


def _branch(graph: Graph, end: str) -> tuple[str, ...]:
    """List a node that nothing reads, and the nodes before it that only it depends on."""
    readers: dict[str, set[str]] = {}
    for target, source in graph.edges.items():
        readers.setdefault(source.node, set()).add(target.node)
    found, pending = {end: None}, [end]
    while pending:
        for ref in graph.sources[pending.pop()].values():
            is_input = isinstance(graph.nodes.get(ref.node), InputNode)
            alone = ref.node in graph.nodes and readers[ref.node] <= found.keys()
            if alone and not is_input and ref.node not in found:
                found[ref.node] = None
                pending.append(ref.node)
    return tuple(found)
