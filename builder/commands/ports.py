"""Which ports of which nodes an edge may join, as far as kinds tell."""

from collections.abc import Container, Iterator

from codegen.check.structure import in_order
from nodes.core.files.model_reader import gives, takes
from nodes.core.graphs.graph import Block, Graph, Model, PortRef
from nodes.core.graphs.port import Input, Kind, KindMismatch, Output


def input_at(model: Model, graph: Graph, ref: PortRef) -> Input | None:
    """Find an input port; ``sum.terms.1`` is at the port ``terms``."""
    node = graph.nodes.get(ref.node)
    if node is None or not takes(model, node, ref.port):
        return None
    stem = ref.port.partition(".")[0]
    ports = model.ports(node)[0]
    return next((p for p in ports if p.name in (stem, ref.port)), Input("...", kind=Kind.ANY))


def output_at(model: Model, graph: Graph, ref: PortRef) -> Output | None:
    """Find an output port."""
    node = graph.nodes.get(ref.node)
    if node is None or not gives(model, node, ref.port):
        return None
    ports = model.ports(node)[1]
    return next((p for p in ports if p.name == ref.port), Output("...", kind=Kind.ANY))


def sources(model: Model, graph: Graph, name: str) -> dict[str, PortRef]:
    """Tell what each connected input of a node reads, in the order of its ports."""
    arriving = graph.arriving[name]
    ordered = in_order(model.ports(graph.nodes[name])[0], arriving)
    return {port: source for port, source in ordered.items() if port in arriving}


def output_kind(model: Model, graph: Graph, ref: PortRef, depth: int = 64) -> Kind:
    """Tell the kind of what leaves a port, as far as the graph alone tells."""
    port = output_at(model, graph, ref)
    if port is None or depth == 0:
        return Kind.ANY
    node = graph.nodes[ref.node]
    if port.kind is not Kind.ANY:
        return port.kind
    if isinstance(node, Block) and node.block in model.blocks:
        inner = model.blocks[node.block]
        last = inner.edges.get(PortRef(ref.port, inner.nodes[ref.port].inputs[0].name))
        return output_kind(model, inner, last, depth - 1) if last else Kind.ANY
    if not node.inputs and node.outputs:
        kind = getattr(node, "kind", None)  # a block's input says what it takes
        return Kind(kind) if kind else Kind.ANY
    for name, source in sources(model, graph, ref.node).items():
        taken = input_at(model, graph, PortRef(ref.node, name))
        if taken is not None and taken.kind is Kind.ANY:
            return output_kind(model, graph, source, depth - 1)
    return Kind.ANY


def kind_error(model: Model, graph: Graph, source: PortRef, target: PortRef) -> str:
    """Tell why an edge may not join two ports; "" where it may, whatever the sizes are."""
    taken = input_at(model, graph, target)
    if taken is None or output_at(model, graph, source) is None:
        lost = source if taken else target
        return f"there is no port {lost} here any more"
    given = output_kind(model, graph, source)
    if given is taken.kind or Kind.ANY in (given, taken.kind):
        return ""
    return str(KindMismatch(taken.kind, given))


def inputs(model: Model, graph: Graph, name: str) -> Iterator[PortRef]:
    """List the ports of a node at which an edge could end: one more where any number may."""
    for port in model.ports(graph.nodes[name])[0]:
        free = f".{free_index(graph.arriving[name], port.name)}" if port.variadic else ""
        yield PortRef(name, port.name + free)


def free_index(arriving: Container[str], stem: str) -> int:
    """Tell the first number that no edge at a variadic port has."""
    index = 0
    while f"{stem}.{index}" in arriving:
        index += 1
    return index


def outputs(model: Model, graph: Graph, name: str) -> Iterator[PortRef]:
    """List the ports of a node from which an edge could start."""
    return (PortRef(name, port.name) for port in model.ports(graph.nodes[name])[1])


def matching_input(model: Model, graph: Graph, source: PortRef, name: str) -> PortRef | None:
    """Find the first input of a node that takes what leaves a port."""
    found = (one for one in inputs(model, graph, name) if not kind_error(model, graph, source, one))
    return next(found, None)


def matching_output(model: Model, graph: Graph, name: str, target: PortRef) -> PortRef | None:
    """Find the first output of a node that a port takes."""
    found = (
        one for one in outputs(model, graph, name) if not kind_error(model, graph, one, target)
    )
    return next(found, None)
