"""Problems of edges and branches that lead nowhere."""

from codegen.check.edge_remedies import MoveEdge
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Disconnect, Remedy
from codegen.check.structure import Structure
from nodes.core.graphs.graph import Graph, InputNode, OutputNode, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.similar_names import closest, did_you_mean


def edges_to_no_node(graph: Graph, name: str) -> list[Problem]:
    """Find edges whose target node does not exist; they are located at their source."""
    return [
        _edge_to_no_node(graph, name, source, target)
        for target, source in graph.edges.items()
        if target.node not in graph.nodes
    ]


def _edge_to_no_node(graph: Graph, name: str, source: PortRef, target: PortRef) -> Problem:
    similar = closest(target.node, graph.nodes)
    message = f"expected an edge to an existing node, got one to {target}{did_you_mean(similar)}"
    remedies: list[Remedy] = [Disconnect(name, target)]
    if similar:
        remedies.insert(0, MoveEdge(name, target, PortRef(similar, target.port)))
    where = Location(name, source.node, source.port)
    return Problem(Severity.ERROR, where, message, tuple(remedies))


def dead_ends(graph: Graph, name: str, structure: Structure) -> list[Problem]:
    """Warn about the last nodes of branches that reach no output; the nodes before them follow."""
    if not graph.output_nodes:
        return []
    edges = graph.edges.items()
    read = {source.node for target, source in edges if target.node in graph.nodes}
    needed = structure.used | read
    return [
        Problem(
            Severity.WARNING,
            Location(name, node_name),
            "expected a path to an output, got none, so it is not part of the model",
        )
        for node_name, node in graph.nodes.items()
        if node_name not in needed and not isinstance(node, InputNode | OutputNode)
    ]
