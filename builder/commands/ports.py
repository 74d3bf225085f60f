"""The ports of nodes, and which of them an edge can join according to their kinds."""

from collections.abc import Container, Iterator

from codegen.check.structure import in_order
from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.port import Input, Kind, KindMismatch, Output

_MAX_DEPTH = 64  # of nodes of any kind, through which the kind of an output is traced


def input_at(model: Model, graph: Graph, ref: PortRef) -> Input | None:
    """Find an input port; ``sum.terms.1`` belongs to the port ``terms``."""
    node = graph.nodes.get(ref.node)
    return model.find_input(node, ref.port) if node else None


def output_at(model: Model, graph: Graph, ref: PortRef) -> Output | None:
    """Find an output port."""
    node = graph.nodes.get(ref.node)
    return model.find_output(node, ref.port) if node else None


def sources(model: Model, graph: Graph, name: str) -> dict[str, PortRef]:
    """Return the source of each connected input of a node, in the order of its ports."""
    connected = graph.sources[name]
    ordered = in_order(model.ports(graph.nodes[name])[0], connected)
    return {port: source for port, source in ordered.items() if port in connected}


def output_kind(model: Model, graph: Graph, ref: PortRef, depth: int = _MAX_DEPTH) -> Kind:
    """Return the kind of an output, traced through nodes that accept any kind."""
    port = output_at(model, graph, ref)
    if port is None or depth == 0:
        return Kind.ANY
    node = graph.nodes[ref.node]
    if port.kind is not Kind.ANY:
        return port.kind
    if isinstance(node, Block) and node.block in model.blocks:
        inner = model.blocks[node.block]
        source = inner.edges.get(PortRef(ref.port, inner.nodes[ref.port].ports()[0][0].name))
        return output_kind(model, inner, source, depth - 1) if source else Kind.ANY
    if not node.inputs and node.outputs:
        kind = getattr(node, "kind", None)  # the parameter of a block input
        return Kind(kind) if kind else Kind.ANY
    for name, source in sources(model, graph, ref.node).items():
        target = input_at(model, graph, PortRef(ref.node, name))
        if target is not None and target.kind is Kind.ANY:
            return output_kind(model, graph, source, depth - 1)
    return Kind.ANY


def kind_error(model: Model, graph: Graph, source: PortRef, target: PortRef) -> str:
    """Return why an edge cannot join two ports, or "" if it can, whatever the sizes are."""
    port = input_at(model, graph, target)
    if port is None or output_at(model, graph, source) is None:
        missing = source if port else target
        return f"the port {missing} no longer exists"
    kind = output_kind(model, graph, source)
    if kind is port.kind or Kind.ANY in (kind, port.kind):
        return ""
    return str(KindMismatch(port.kind, kind))


def inputs(model: Model, graph: Graph, name: str) -> Iterator[PortRef]:
    """List the inputs of a node; for a variadic one, its next free index."""
    for port in model.ports(graph.nodes[name])[0]:
        index = f".{free_index(graph.sources[name], port.name)}" if port.variadic else ""
        yield PortRef(name, port.name + index)


def free_index(connected: Container[str], stem: str) -> int:
    """Return the first index of a variadic port at which no edge ends."""
    index = 0
    while f"{stem}.{index}" in connected:
        index += 1
    return index


def outputs(model: Model, graph: Graph, name: str) -> Iterator[PortRef]:
    """List the outputs of a node."""
    return (PortRef(name, port.name) for port in model.ports(graph.nodes[name])[1])


def matching_input(model: Model, graph: Graph, source: PortRef, name: str) -> PortRef | None:
    """Find the first input of a node that accepts the kind of an output."""
    candidates = inputs(model, graph, name)
    return next((ref for ref in candidates if not kind_error(model, graph, source, ref)), None)


def matching_output(model: Model, graph: Graph, name: str, target: PortRef) -> PortRef | None:
    """Find the first output of a node that an input accepts."""
    candidates = outputs(model, graph, name)
    return next((ref for ref in candidates if not kind_error(model, graph, ref, target)), None)
