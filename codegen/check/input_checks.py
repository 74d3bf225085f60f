"""Problems of the edges at a node: missing and dangling ones, cycles, and bypassed nodes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Connect, Disconnect, StopBypassing
from nodes.core.graphs.graph import Block, Graph, InputNode, Model, OutputNode, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, find_input
from nodes.core.graphs.unknown_node import Unknown

MOST_CONNECTIONS = 2
"""The most sources that the remedies of an unconnected input propose."""


def cycle_problem(context: NodeContext, cycle: tuple[str, ...]) -> Problem:
    """Report a cycle; only a recurrent node may have one, inside itself."""
    closing = [
        Disconnect(context.graph_name, target)
        for target, source in context.graph.edges.items()
        if source.node == cycle[-1] and target.node == cycle[0]
    ]
    path = " -> ".join([*cycle, cycle[0]])
    return context.error(f"expected an acyclic graph, got the cycle {path}", *closing[:1])


def bypass_problem(context: NodeContext, node: Node) -> Problem:
    """Report why a node cannot be bypassed."""
    remedy = StopBypassing(context.graph_name, context.node)
    if isinstance(node, InputNode | OutputNode):
        end = "an input" if isinstance(node, InputNode) else "an output"
        return context.error(f"expected a node that can be bypassed, got {end}", remedy)
    problem = context.error("expected a connected input to bypass the node, got none", remedy)
    for port in context.model.ports(node)[0][:1]:
        connections = unconnected_problem(context, port).remedies
        problem = replace(problem, remedies=(*connections, remedy))
    return problem


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
        if not (port.optional or port.name in sources)
        and not (port.variadic and any(find_input((port,), key) for key in sources))
        and port.default not in sources
    ]
    for name, ref in sources.items():
        remedy = Disconnect(context.graph_name, PortRef(context.node, name))
        if context.model.find_input(node, name) is None:
            message = f"expected an edge to an input of the node, got one to {name}"
            problems.append(context.error(message, remedy))
        elif dangling := _dangling(context, ref):
            problems.append(context.error(dangling, remedy, port=name))
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


def _dangling(context: NodeContext, ref: PortRef) -> str:
    """Describe an edge whose source does not exist; "" if it does."""
    source = context.graph.nodes.get(ref.node)
    if source is None:
        return f"expected an edge from an existing node, got one from {ref}"
    exists = context.model.find_output(source, ref.port) is not None
    if exists or _has_unknown_ports(context.model, source):
        return ""
    return f"expected an edge from an output of {ref.node}, got one from {ref}"


def _has_unknown_ports(model: Model, node: Node) -> bool:
    """Check whether the ports of a node depend on a problem that is reported elsewhere."""
    if isinstance(node, Block):
        return node.block not in model.blocks or not model.blocks[node.block].output_nodes
    return isinstance(node, Unknown)


def unconnected_problem(context: NodeContext, port: Input) -> Problem:
    """Report an input without an edge, and propose sources."""
    taken = context.graph.sources[context.node]
    free = next(i for i in range(len(taken) + 1) if f"{port.name}.{i}" not in taken)
    target = PortRef(context.node, f"{port.name}.{free}" if port.variadic else port.name)
    remedies = [
        Connect(context.graph_name, source, target)
        for source in _free_sources(context, port.kind)[:MOST_CONNECTIONS]
    ]
    return context.error("expected an edge, got none", *remedies, port=port.name)


def _free_sources(context: NodeContext, kind: Kind) -> list[PortRef]:
    """Find unread first outputs of a kind: those of the nearest nodes before, then of inputs."""
    read = set(context.graph.edges.values())
    order = context.order
    before = order[: order.index(context.node)] if context.node in order else ()
    later = (name for name in context.graph.input_nodes if name not in before)
    sources = []
    for name in (*reversed(before), *later):
        port = next(iter(context.model.ports(context.graph.nodes[name])[1]), None)
        if port is None or PortRef(name, port.name) in read:
            continue
        if kind is port.kind or Kind.ANY in (kind, port.kind):
            sources.append(PortRef(name, port.name))
    return sources
