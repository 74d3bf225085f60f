"""Edits that may remove a problem of time; a check of the edited model shows which of them do."""

from collections.abc import Iterator

from codegen.check.field_trace import Origin
from codegen.check.model_remedies import SetHyperparameter, SetRecipe
from codegen.check.remedy import (
    AddNode,
    Connect,
    Disconnect,
    Insert,
    Remedy,
    ReplaceNode,
    SetParameter,
    Several,
)
from nodes.convolution.conv1d import Conv1d
from nodes.core.graphs.graph import MAIN, Graph, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.dim import AnyDim, Dim, hyper
from nodes.core.time.reach import Number
from nodes.transformer.decoder_layer import DecoderLayer
from nodes.transformer.encoder_layer import EncoderLayer


def look_ahead_candidates(model: Model, origin: Origin, ahead: Number) -> Iterator[Remedy]:
    """Propose to limit a node to earlier steps, by itself, by a mask or by a delay behind it."""
    graph_name, node = origin.fields.checked.name, origin.declared
    yield from _causal_parameters(graph_name, origin.node, node)
    mask = node.find_input("mask")
    sources = origin.fields.checked.sources[origin.node]
    if mask is not None and "mask" not in sources and sources:
        targets = (PortRef(origin.node, "mask"),)
        yield AddNode(graph_name, "CausalMask", (), next(iter(sources.values())), targets)
    if isinstance(node, DecoderLayer):  # of one sequence, it is an encoder layer that is causal
        shared = type(node).model_fields.keys() & EncoderLayer.model_fields.keys() - {"causal"}
        kept = tuple(sorted(node.changed(*shared).items()))
        causal = (*kept, ("causal", True))
        yield ReplaceNode(graph_name, origin.node, EncoderLayer.__name__, causal)
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
    """Propose to connect lengths, or a mask, to the node that reads padding, and to others."""
    graph_name, node = origin.fields.checked.name, origin.declared
    graph = model.graphs[graph_name]
    for kind, node_type, name in (
        (Kind.LENGTHS, "LengthInput", "lengths"),
        (Kind.MASK, "MaskInput", "mask"),
    ):
        own = _free_ports(graph, origin.node, node, kind)
        others = [
            target
            for other, other_node in graph.nodes.items()
            for target in _free_ports(graph, other, other_node, kind)
            if other != origin.node
        ]
        for targets in (own[:1] + others if own else [], own[:1]):
            if not targets:
                continue
            yield from _feed(graph_name, graph, kind, (node_type, name), tuple(targets))
    yield from _causal_parameters(graph_name, origin.node, node)
    yield from fitting_candidates(model, origin.location)


def fitting_candidates(model: Model, where: Location) -> Iterator[Remedy]:
    """Propose to let another node keep the length, so that lengths count its steps, too."""
    for name, node in model.graphs[where.graph].nodes.items():
        if isinstance(node, Conv1d) and node.padding != "causal" and name != where.node:
            yield SetParameter(where.graph, name, "padding", "causal", other_node=True)


def _free_ports(graph: Graph, name: str, node: Node, kind: Kind) -> list[PortRef]:
    """List the optional inputs of a kind that limit a node to valid steps, without an edge."""
    sources = graph.sources.get(name, {})
    taken = {port.kind for port in node.inputs if port.name in sources}
    if taken & {Kind.LENGTHS, Kind.MASK}:
        return []
    return [
        PortRef(name, port.name)
        for port in node.inputs
        if port.optional and port.kind is kind and (kind is Kind.LENGTHS or _is_of_steps(port))
    ]


def _is_of_steps(port: Input) -> bool:
    """Return whether a port takes a mask of steps, not one of pairs of them."""
    return len(port.parsed.items) == 2


def _feed(
    graph_name: str,
    graph: Graph,
    kind: Kind,
    new: tuple[str, str],
    targets: tuple[PortRef, ...],
) -> Iterator[Remedy]:
    """Propose to connect what the graph has of a kind, or a new input of the model."""
    known = _inputs(graph, kind)
    for source in known:
        parts = tuple(Connect(graph_name, source, target) for target in targets)
        yield parts[0] if len(parts) == 1 else Several(parts)
    if not known and graph_name == MAIN:
        yield AddNode(graph_name, new[0], (), None, targets, new[1])


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


def whole_sequence_candidates(
    model: Model, graph_name: str, name: str, types: tuple[str, ...]
) -> Iterator[Remedy]:
    """Propose to replace the node that reads one step by one that reads more of them."""
    graph = model.graphs[graph_name]
    lengths = _inputs(graph, Kind.LENGTHS)
    for node_type in types:
        replaced = ReplaceNode(graph_name, name, node_type)
        yield replaced
        target = PortRef(name, "lengths")
        if lengths:
            yield Several((replaced, Connect(graph_name, lengths[0], target)))
        elif graph_name == MAIN:
            added = AddNode(graph_name, "LengthInput", (), None, (target,), "lengths")
            yield Several((replaced, added))


def position_candidates(
    where: Location, rows: AnyDim, needed: int, limit: int, recipe: Recipe
) -> Iterator[Remedy]:
    """Propose more positions, or shorter sequences."""
    if isinstance(rows, Dim) and len(rows.hypers) == 1 and rows is hyper(*rows.hypers):
        yield SetHyperparameter(next(iter(rows.hypers)), needed)
    else:
        yield SetParameter(where.graph, where.node, where.parameter, needed)
    yield SetRecipe(recipe.length, limit)


def bound_candidates(
    model: Model, where: Location, rows: AnyDim, limit: int, recipe: Recipe
) -> Iterator[Remedy]:
    """Propose a hyperparameter that bounds both the positions and the generated text."""
    for field in recipe.bounded_by.values():
        if isinstance(rows, Dim) and len(rows.hypers) == 1 and rows is hyper(*rows.hypers):
            yield SetRecipe(field, next(iter(rows.hypers)))
        elif field not in model.hyperparameters:
            yield Several(
                (
                    SetHyperparameter(field, limit),
                    SetParameter(where.graph, where.node, where.parameter, hyper(field)),
                    SetRecipe(field, field),
                )
            )


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
