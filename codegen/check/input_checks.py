"""Problems of the edges at a node: missing and dangling ones, cycles, and bypassed nodes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codegen.check.edge_remedies import MoveEdge
from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Connect, Disconnect, Remedy, StopBypassing
from nodes.core.graphs.graph import Block, Graph, InputNode, Model, OutputNode, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, find_input
from nodes.core.graphs.similar_names import closest, did_you_mean
from nodes.core.graphs.unknown_node import Unknown


class CycleError(ValueError):
    """Nodes depend on each other.

    Attributes:
        nodes: the nodes of the cycle, each read by the next, and the last by the first.
    """

    def __init__(self, message: str, nodes: tuple[str, ...]) -> None:
        super().__init__(message)
        self.nodes = nodes


def cycle_problem(context: NodeContext, cycle: tuple[str, ...]) -> Problem:
    """Report a cycle; only a recurrent node may have one, inside itself."""
    path = " -> ".join([*cycle, cycle[0]])
    message = f"expected an acyclic graph, got the cycle {path}"
    return context.error(message, cause=CycleError(message, cycle))


def bypass_problem(context: NodeContext, node: Node) -> Problem:
    """Report why a node cannot be bypassed."""
    remedy = StopBypassing(context.graph_name, context.node)
    if isinstance(node, InputNode | OutputNode):
        end = "an input" if isinstance(node, InputNode) else "an output"
        return context.error(f"expected a node that can be bypassed, got {end}", remedy)
    port = next((port.name for port in context.model.ports(node)[0]), "")
    message = "expected a connected input to bypass the node, got none"
    return context.error(message, remedy, port=port)


def edge_problems(
    context: NodeContext, node: Node, sources: Mapping[str, PortRef]
) -> list[Problem]:
    """Find required inputs without an edge, and edges from or to ports that do not exist."""
    if _has_unknown_ports(context.model, node):
        return []
    inputs = context.model.ports(node)[0]
    problems = [
        unconnected_problem(context, port)
        for port in inputs
        if not (port.optional or port.default or port.name in sources)
        and not (port.variadic and any(find_input((port,), key) for key in sources))
    ]
    connected = context.graph.sources[context.node].keys()
    for name, ref in sources.items():
        if name not in connected:
            continue
        if context.model.find_input(node, name) is None:
            problems.append(_unknown_port(context, node, name))
        elif dangling := _dangling(context, ref, PortRef(context.node, name)):
            problems.append(dangling)
    return problems


def single_edges(
    model: Model, graph: Graph, name: str, order: tuple[str, ...]
) -> Iterator[Problem]:
    """Warn about ports that join their edges and have only one."""
    for node_name, node in graph.nodes.items():
        port = node.joining_input
        if port is not None and len(graph.sources[node_name]) == 1:
            context = NodeContext(model, graph, name, node_name, order)
            message = "expected at least two edges, got one, which the node passes on unchanged"
            problem = unconnected_problem(context, port)
            yield replace(problem, severity=Severity.WARNING, message=message)


def _unknown_port(context: NodeContext, node: Node, name: str) -> Problem:
    """Report an edge to a port that does not exist; propose those that are free."""
    target, graph = PortRef(context.node, name), context.graph_name
    free = {}
    for port in context.model.ports(node)[0]:
        taken = [key for key in context.graph.sources[context.node] if find_input((port,), key)]
        end = f"{port.name}.{_free_index(taken)}" if port.variadic else port.name
        free[port.name] = end if port.variadic or not taken else ""
    similar = closest(name.partition(".")[0], free)
    question = did_you_mean(free.get(similar) or similar)
    message = f"expected an edge to an input of the node, got one to {name}{question}"
    names = dict.fromkeys([similar, *free] if similar else free)
    remedies: list[Remedy] = [
        MoveEdge(graph, target, PortRef(context.node, free[key])) for key in names if free[key]
    ]
    return context.error(message, *remedies, Disconnect(graph, target))


def _free_index(taken: list[str]) -> int:
    indices = {int(key.partition(".")[2]) for key in taken}
    return next(index for index in range(len(indices) + 1) if index not in indices)


def _dangling(context: NodeContext, ref: PortRef, target: PortRef) -> Problem | None:
    """Report an edge whose source does not exist; propose the source that its name may mean."""
    graph, remedies = context.graph, []
    source = graph.nodes.get(ref.node)
    if source is None:
        similar = closest(ref.node, graph.nodes)
        expected = "expected an edge from an existing node"
        outputs = context.model.ports(graph.nodes[similar])[1] if similar else ()
        ports = [ref.port, *(port.name for port in outputs)]
        remedies = [PortRef(similar, port) for port in dict.fromkeys(ports)] if similar else []
    else:
        exists = context.model.find_output(source, ref.port) is not None
        if exists or _has_unknown_ports(context.model, source):
            return None
        expected = f"expected an edge from an output of {ref.node}"
        names = [port.name for port in context.model.ports(source)[1]]
        similar = closest(ref.port, names)
        names = [*dict.fromkeys([similar, *names] if similar else names)]
        remedies = [PortRef(ref.node, port) for port in names]
    message = f"{expected}, got one from {ref}{did_you_mean(similar)}"
    connections = (Connect(context.graph_name, start, target) for start in remedies)
    return context.error(message, *connections, port=target.port)


def _has_unknown_ports(model: Model, node: Node) -> bool:
    """Check whether the ports of a node depend on a problem that is reported elsewhere."""
    if isinstance(node, Block):
        return node.block not in model.blocks or not model.blocks[node.block].output_nodes
    return isinstance(node, Unknown) and not node.has_ports


def unconnected_problem(context: NodeContext, port: Input) -> Problem:
    """Report an input without an edge."""
    return context.error("expected an edge, got none", port=port.name)
