"""Edits that may remove a problem of time; a check of the edited model shows which of them do."""

from collections.abc import Iterator

from codegen.check.field_trace import Origin
from codegen.check.remedy import AddNode, Connect, Disconnect, Insert, Remedy, SetParameter
from nodes.core.graphs.graph import MAIN, Graph, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind
from nodes.core.graphs.recipe import Recipe
from nodes.core.time.reach import Number


def look_ahead_candidates(model: Model, origin: Origin, ahead: Number) -> Iterator[Remedy]:
    """Propose to limit a node to earlier steps, by itself, by a mask or by a delay behind it."""
    graph_name, node = origin.fields.checked.name, origin.declared
    yield from _causal_parameters(graph_name, origin.node, node)
    mask = node.find_input("mask")
    sources = origin.fields.checked.sources[origin.node]
    if mask is not None and "mask" not in sources and sources:
        targets = (PortRef(origin.node, "mask"),)
        yield AddNode(graph_name, "CausalMask", (), next(iter(sources.values())), targets)
    if isinstance(ahead, int):
        yield Insert(graph_name, origin.target, "ShiftRight", (("steps", ahead),))
    for port in sources:
        yield Disconnect(graph_name, PortRef(origin.node, port))


def _causal_parameters(graph: str, name: str, node: Node) -> Iterator[Remedy]:
    """Propose other values of the switches of a node, and causal padding."""
    for parameter, info in type(node).model_fields.items():
        value = getattr(node, parameter)
        if info.annotation is bool and isinstance(value, bool):
            yield SetParameter(graph, name, parameter, not value)
        elif parameter == "padding" and value != "causal":
            yield SetParameter(graph, name, parameter, "causal")


def padding_candidates(model: Model, origin: Origin) -> Iterator[Remedy]:
    """Propose to connect lengths, or a mask of them, to the node that reads padding."""
    graph_name, node = origin.fields.checked.name, origin.declared
    graph = model.graphs[graph_name]
    connected = origin.fields.checked.sources[origin.node]
    for port in node.inputs:
        if port.optional and port.name not in connected:
            target = PortRef(origin.node, port.name)
            if port.kind is Kind.LENGTHS:
                yield from _lengths(graph_name, graph, target)
            elif port.kind is Kind.MASK:
                yield from _masks(graph_name, graph, port, target, origin)
    yield from _causal_parameters(graph_name, origin.node, node)


def _lengths(graph_name: str, graph: Graph, target: PortRef) -> Iterator[Remedy]:
    known = _inputs(graph, Kind.LENGTHS)
    for source in known:
        yield Connect(graph_name, source, target)
    if not known and graph_name == MAIN:
        yield AddNode(graph_name, "LengthInput", (), None, (target,), "lengths")


def _masks(
    graph_name: str, graph: Graph, port: Input, target: PortRef, origin: Origin
) -> Iterator[Remedy]:
    """Propose a mask that exists, or one that is made of lengths."""
    masks = _inputs(graph, Kind.MASK)
    for source in masks:
        yield Connect(graph_name, source, target)
    if not masks and graph_name == MAIN:
        yield AddNode(graph_name, "MaskInput", (), None, (target,), "mask")


def _inputs(graph: Graph, kind: Kind) -> list[PortRef]:
    """List the outputs of a kind, those of the inputs of the graph first."""
    found = [
        PortRef(name, port.name)
        for name, node in graph.nodes.items()
        for port in node.outputs
        if port.kind is kind
    ]
    return sorted(found, key=lambda ref: ref.node not in graph.input_nodes)


def order_candidates(model: Model, origin: Origin, recipe: Recipe) -> Iterator[Remedy]:
    """Propose positions, or a recurrent network, before the node that mixes the steps."""
    graph_name = origin.fields.checked.name
    sources = origin.fields.checked.sources[origin.node]
    if not sources:
        return
    if "rotary" in type(origin.declared).model_fields:
        yield SetParameter(graph_name, origin.node, "rotary", 10_000.0)
    target = PortRef(origin.node, next(iter(sources)))
    if target not in model.graphs[graph_name].edges:
        return
    yield Insert(graph_name, target, "SinusoidalEncoding")
    if recipe.length:
        bound = getattr(recipe, recipe.length)
        yield Insert(graph_name, target, "LearnedEncoding", (("max_length", bound),))
    spec = origin.fields.checked.nodes[origin.node].input_specs[target.port]
    yield Insert(graph_name, target, "GRU", (("hidden_size", spec.shape[-1]),))


def whole_sequence_candidates(model: Model, origin: Origin) -> Iterator[Remedy]:
    """Propose to read the last step in place of the first one."""
    graph_name = origin.fields.checked.name
    graph = model.graphs[graph_name]
    if origin.node in graph.nodes:
        yield from _replacements(graph_name, origin, ("LastStep", "MeanPooling"))


def _replacements(graph_name: str, origin: Origin, types: tuple[str, ...]) -> Iterator[Remedy]:
    source = origin.fields.checked.sources[origin.node]["input"]
    for node_type in types:
        yield AddNode(graph_name, node_type, (), source, (origin.target,))


def row_candidates(model: Model, origin: Origin) -> Iterator[Remedy]:
    """Propose to swap batch and time before the node that mixes rows."""
    graph_name = origin.fields.checked.name
    for port in origin.fields.checked.sources[origin.node]:
        target = PortRef(origin.node, port)
        if target in model.graphs[graph_name].edges:
            swapped = (("dim0", 0), ("dim1", 1))
            yield Insert(graph_name, target, "Transpose", swapped)
    for parameter in ("dim", "dim0", "dim1"):
        if parameter in type(origin.declared).model_fields:
            for value in (-1, 1):
                yield SetParameter(graph_name, origin.node, parameter, value)
