"""Faults planted in valid models, one edit each, and what the remedies of their problems do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from pydantic import ValidationError

from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import (
    Block,
    Composite,
    Graph,
    Hyperparameter,
    InputNode,
    Model,
    OutputNode,
    PortRef,
)
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import Dim
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.linear.linear import Linear
from nodes.reshape.select import Select
from nodes.reshape.transpose import Transpose


class NothingToChange(LookupError):
    """The model has nothing that a fault of this kind can be planted in."""


def pick(random: Random, choices: list[Any]) -> Any:
    if not choices:
        raise NothingToChange
    return random.choice(choices)


def misspelt(name: str, random: Random) -> str:
    """Swap, drop or double a letter."""
    at = random.randrange(max(1, len(name) - 1))
    edits = (
        name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
        name[:at] + name[at + 1 :],
        name[: at + 1] + name[at:],
    )
    return pick(random, [edit for edit in edits if edit and edit != name])


def every_node(model: Model) -> list[tuple[str, str, Node]]:
    return [
        (where, name, node)
        for where, graph in model.graphs.items()
        for name, node in graph.nodes.items()
    ]


def every_edge(model: Model) -> list[tuple[str, PortRef, PortRef]]:
    return [
        (where, target, source)
        for where, graph in model.graphs.items()
        for target, source in graph.edges.items()
    ]


def with_parameter(model: Model, where: str, name: str, key: str, value: object) -> Model:
    """Change a parameter of a node, where it accepts the value."""
    node = model.graphs[where].nodes[name]
    try:
        changed = type(node).model_validate({**dict(node), key: value})
    except ValidationError as error:
        raise NothingToChange from error
    return model.edit(where, lambda graph: graph.with_node(name, changed))


def read_ports(graph: Graph, name: str) -> list[PortRef]:
    return [target for target, source in graph.edges.items() if source.node == name]


# -- the kinds of faults ---------------------------------------------------------------------------


def wrong_size(model: Model, random: Random) -> Model:
    sizes = [
        (where, name, key, getattr(node, key))
        for where, name, node in every_node(model)
        for key in node.size_fields
        if getattr(node, key) is not None and key not in ("repeat", "num_heads", "num_kv_heads")
    ]
    where, name, key, value = pick(random, sizes)
    if isinstance(value, Dim):
        value = pick(random, [value + 1, value * 2, 7, 48])
    else:
        value = pick(random, [value + 1, max(1, value - 1), value * 2, value + 13])
    return with_parameter(model, where, name, key, value)


def wrong_heads(model: Model, random: Random) -> Model:
    keys = ("num_heads", "num_kv_heads", "head_dim")
    heads = [
        (where, name, key)
        for where, name, node in every_node(model)
        for key in keys
        if getattr(node, key, None) is not None
    ]
    return with_parameter(model, *pick(random, heads), random.choice((3, 5, 7, 9, 11, 16)))


def wrong_rank(model: Model, random: Random) -> Model:
    where, target, source = pick(random, every_edge(model))
    node = random.choice((Select(dim=1), Transpose(), Select(dim=0)))
    graph = model.graphs[where].with_node("misplaced", node)
    graph = graph.with_edge(source, PortRef("misplaced", "input"))
    return model.with_graph(where, graph.with_edge(PortRef("misplaced", "output"), target))


def missing_edge(model: Model, random: Random) -> Model:
    where, target, _ = pick(random, every_edge(model))
    return model.edit(where, lambda graph: graph.without_edge(target))


def swapped_ports(model: Model, random: Random) -> Model:
    nodes = [
        (where, name, list(sources))
        for where, graph in model.graphs.items()
        for name, sources in graph.sources.items()
        if len(set(sources.values())) > 1
    ]
    where, name, ports = pick(random, nodes)
    first, second = (PortRef(name, port) for port in random.sample(ports, 2))
    edges = model.graphs[where].edges
    swapped = {**edges, first: edges[second], second: edges[first]}
    return model.edit(where, lambda graph: replace(graph, edges=swapped))


def other_source(model: Model, random: Random) -> Model:
    where, target, source = pick(random, every_edge(model))
    others = {one for one in model.graphs[where].edges.values() if one != source}
    chosen = pick(random, sorted(others))
    return model.edit(where, lambda graph: graph.with_edge(chosen, target))


def wrong_kind(model: Model, random: Random) -> Model:
    where, target, source = pick(random, every_edge(model))
    graph = model.graphs[where]
    find = model.find_output
    port = find(graph.nodes[source.node], source.port)
    others = [
        one
        for one in sorted(set(graph.edges.values()))
        if (other := find(graph.nodes[one.node], one.port)) and port and other.kind != port.kind
    ]
    chosen = pick(random, others)
    return model.edit(where, lambda graph: graph.with_edge(chosen, target))


def cycle(model: Model, random: Random) -> Model:
    where, target, _ = pick(random, every_edge(model))
    graph = model.graphs[where]
    after, frontier = set(), [target.node]
    while frontier:
        name = frontier.pop()
        if name not in after:
            after.add(name)
            frontier += [reader.node for reader in read_ports(graph, name)]
    later = [
        PortRef(name, port.name)
        for name in sorted(after)
        for port in model.ports(graph.nodes[name])[1]
    ]
    chosen = pick(random, later)
    return model.edit(where, lambda graph: graph.with_edge(chosen, target))


def removed_node(model: Model, random: Random) -> Model:
    where, name, _ = pick(random, every_node(model))
    return model.edit(where, lambda graph: graph.without_node(name))


def unknown_type(model: Model, random: Random) -> Model:
    """Insert a node of a type that is not installed into an edge."""
    where, target, source = pick(random, every_edge(model))
    graph = model.graphs[where].with_node("mamba", Unknown(type="Mamba", parameters={"d": 3}))
    graph = graph.with_edge(source, PortRef("mamba", "input"))
    return model.with_graph(where, graph.with_edge(PortRef("mamba", "output"), target))


def misspelt_type(model: Model, random: Random) -> Model:
    nodes = [entry for entry in every_node(model) if not isinstance(entry[2], Block)]
    where, name, node = pick(random, nodes)
    parameters = node.model_dump(mode="json", exclude_defaults=True)
    wrong = misspelt(type(node).__name__, random)
    if wrong in node_types():
        raise NothingToChange
    unknown = Unknown(type=wrong, parameters=parameters)
    return model.edit(where, lambda graph: graph.with_node(name, unknown))


def misspelt_hyperparameter(model: Model, random: Random) -> Model:
    named = [
        (where, name, key, value)
        for where, name, node in every_node(model)
        for key in node.open_fields
        if isinstance(value := getattr(node, key), Ref) or getattr(value, "hypers", ())
    ]
    where, name, key, value = pick(random, named)
    text = value.name if isinstance(value, Ref) else str(value)
    known = value.name if isinstance(value, Ref) else pick(random, sorted(value.hypers))
    wrong = misspelt(known, random)
    if wrong in model.hyperparameters or not wrong.isidentifier():
        raise NothingToChange
    return with_parameter(model, where, name, key, text.replace(known, wrong))


def misspelt_choice(model: Model, random: Random) -> Model:
    choices = [
        (where, name, key, getattr(node, key))
        for where, name, node in every_node(model)
        for key in node.choice_fields
        if not isinstance(getattr(node, key), Ref)
    ]
    where, name, key, value = pick(random, choices)
    return with_parameter(model, where, name, key, misspelt(value, random))


def misspelt_block(model: Model, random: Random) -> Model:
    blocks = [entry for entry in every_node(model) if isinstance(entry[2], Block)]
    where, name, node = pick(random, blocks)
    assert isinstance(node, Block)
    return with_parameter(model, where, name, "block", misspelt(node.block, random))


def misspelt_port(model: Model, random: Random) -> Model:
    """Misspell the port, or the node, at one end of an edge."""
    where, target, source = pick(random, every_edge(model))
    end = random.choice((0, 1, 2))
    edges = dict(model.graphs[where].edges)
    if end == 0:
        edges[target] = PortRef(source.node, misspelt(source.port, random))
    elif end == 1:
        edges[target] = PortRef(misspelt(source.node, random), source.port)
    else:
        edges[PortRef(target.node, misspelt(target.port, random))] = edges.pop(target)
    return model.edit(where, lambda graph: replace(graph, edges=edges))


def misspelt_tie(model: Model, random: Random) -> Model:
    tied = [entry for entry in every_node(model) if entry[2].tied_to]
    where, name, node = pick(random, tied)
    return with_parameter(model, where, name, "tie", misspelt(node.tied_to, random))


def wrong_tie(model: Model, random: Random) -> Model:
    tying = [entry for entry in every_node(model) if hasattr(entry[2], "tie")]
    where, name, _ = pick(random, tying)
    other = random.choice([*model.graphs[where].nodes])
    return with_parameter(model, where, name, "tie", other)


def missing_hyperparameter(model: Model, random: Random) -> Model:
    name = pick(random, sorted(model.hyperparameters))
    others = {key: value for key, value in model.hyperparameters.items() if key != name}
    return replace(model, hyperparameters=others)


def wrong_hyperparameter(model: Model, random: Random) -> Model:
    name = pick(random, sorted(model.hyperparameters))
    value = model.hyperparameters[name].value
    wrong: object = random.choice((7, 9, 1.5, 0, "text"))
    if isinstance(value, int):
        wrong = random.choice((value + 1, value - 1, value * 3, wrong))
    known = {**model.hyperparameters, name: Hyperparameter(wrong)}
    return replace(model, hyperparameters=known)


def wrong_number(model: Model, random: Random) -> Model:
    name, value = "wrong", random.choice((1.5, -1.0, "text"))
    dropouts = [entry for entry in every_node(model) if isinstance(entry[2], Dropout)]
    where, node, _ = pick(random, dropouts)
    known = {**model.hyperparameters, name: Hyperparameter(value)}
    return with_parameter(replace(model, hyperparameters=known), where, node, "p", name)


def repeated(model: Model, random: Random) -> Model:
    composites = [entry for entry in every_node(model) if isinstance(entry[2], Composite)]
    where, name, _ = pick(random, composites)
    return with_parameter(model, where, name, "repeat", random.choice((2, 3, 20_000)))


def misplaced_node(model: Model, random: Random) -> Model:
    """Insert a node of another width or kind into an edge."""
    where, target, source = pick(random, every_edge(model))
    node = random.choice((Linear(out_features=17), Embedding()))
    graph = model.graphs[where].with_node("misplaced", node)
    graph = graph.with_edge(source, PortRef("misplaced", "input"))
    return model.with_graph(where, graph.with_edge(PortRef("misplaced", "output"), target))


def bypassed(model: Model, random: Random) -> Model:
    where, name, _ = pick(random, every_node(model))
    return model.edit(where, lambda graph: replace(graph, bypassed=graph.bypassed | {name}))


def removed_end(model: Model, random: Random) -> Model:
    ends = [entry for entry in every_node(model) if isinstance(entry[2], InputNode | OutputNode)]
    where, name, _ = pick(random, ends)
    return model.edit(where, lambda graph: graph.without_node(name))


def removed_block(model: Model, random: Random) -> Model:
    name = pick(random, sorted(model.blocks))
    blocks = {key: graph for key, graph in model.blocks.items() if key != name}
    return replace(model, blocks=blocks)


FAULTS: Mapping[str, Callable[[Model, Random], Model]] = {
    fault.__name__: fault
    for fault in (
        wrong_size,
        wrong_heads,
        wrong_rank,
        missing_edge,
        swapped_ports,
        other_source,
        wrong_kind,
        cycle,
        removed_node,
        removed_end,
        removed_block,
        unknown_type,
        misspelt_type,
        misspelt_hyperparameter,
        misspelt_choice,
        misspelt_block,
        misspelt_port,
        misspelt_tie,
        wrong_tie,
        missing_hyperparameter,
        wrong_hyperparameter,
        wrong_number,
        repeated,
        misplaced_node,
        bypassed,
    )
}
