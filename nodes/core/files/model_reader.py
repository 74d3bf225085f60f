"""Read a model from the plain data of an untrusted file, or raise one error with its location.

Nothing in a file is run or imported; the only names that are looked up are those of node types.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from pydantic import BaseModel

from nodes.core.files.canvas_entries import read_comments, read_layout
from nodes.core.files.json_cursor import JsonCursor, describe, suggestion
from nodes.core.files.node_entries import broken_rules, frozen, make_node
from nodes.core.files.strict_json import Json
from nodes.core.graphs.catalog import task_types
from nodes.core.graphs.graph import (
    Block,
    Graph,
    Hyperparameter,
    Model,
    PortRef,
)
from nodes.core.graphs.naming_rules import check_title
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Port
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.expression import is_name

VERSION = 1

MODEL: Mapping[str, Json] = {
    "wireformer": VERSION,
    "name": "model",
    "notes": "",
    "hyperparameters": {},
    "initialization": "torch",
    "recipe": None,
    "blocks": {},
    "nodes": {},
    "edges": {},
    "bypassed": [],
    "layout": {},
    "comments": {},
}
"""The entries of a file in their order, with their defaults."""

FORMER_COMMENTS = "remarks"
"""What the entry ``comments`` was called in files of earlier releases."""

GRAPH: Mapping[str, Json] = {"notes": "", "nodes": {}, "edges": {}, "bypassed": []}
"""The entries of a block."""

HYPERPARAMETER: Mapping[str, Json] = {"value": None, "doc": ""}
INITIALIZATIONS = ("torch", "normal")

MOST_HYPERPARAMETERS = 1000
MOST_BLOCKS = 1000
MOST_NODES = 20_000
MOST_EDGES = 100_000
MOST_EXPANDED = 100_000
DEEPEST_BLOCKS = 64
LONGEST_LIST = 1000

_Settings = TypeVar("_Settings", bound=BaseModel)


def read_model(data: Json) -> Model:
    """Read a model from plain data.

    Raises:
        FileError: the data is not that of a model.
    """
    top = JsonCursor(data)
    _check_version(top)
    fields = _fields(top)
    _check_count([fields["blocks"]], MOST_BLOCKS, "blocks")
    blocks = {name: part.fields(GRAPH) for name, part in fields["blocks"].named()}
    _check_count([fields["hyperparameters"]], MOST_HYPERPARAMETERS, "hyperparameters")
    _check_count([graph["nodes"] for graph in (fields, *blocks.values())], MOST_NODES, "nodes")
    _check_count([graph["edges"] for graph in (fields, *blocks.values())], MOST_EDGES, "edges")
    initialization = fields["initialization"]
    if initialization.value not in INITIALIZATIONS:
        expected = " or ".join(INITIALIZATIONS)
        initialization.refuse(f"expected {expected}, got {describe(initialization.value)}")
    model = Model(
        name=fields["name"].check(check_title, fields["name"].text()),
        hyperparameters=dict(_hyperparameters(fields["hyperparameters"])),
        initialization=initialization.value,
        recipe=_recipe(fields["recipe"]),
        graph=_unconnected(fields),
        blocks={name: _unconnected(block) for name, block in blocks.items()},
    )
    check_limits(model)
    return replace(
        model,
        graph=_with_edges(model.graph, fields["edges"], model),
        blocks={
            name: _with_edges(graph, blocks[name]["edges"], model)
            for name, graph in model.blocks.items()
        },
        layout=read_layout(fields["layout"], model),
        comments=read_comments(fields["comments"], model),
    )


def _check_version(top: JsonCursor) -> None:
    found = dict(top.entries()).get("wireformer")
    if found is None:
        top.refuse('expected a model file, but its version, "wireformer": 1, is missing')
    if type(found.value) is not int or found.value < 1:
        found.refuse(f"expected a version number, got {describe(found.value)}")
    if found.value > VERSION:
        expected = f"expected version {VERSION} of the file format, got {found.value}"
        found.refuse(f"{expected}; update the program to open the file")


def _fields(top: JsonCursor) -> dict[str, JsonCursor]:
    """Return the entries of a file; comments under their former name are accepted."""
    entries = dict(top.entries())
    former = entries.pop(FORMER_COMMENTS, None)
    if former is None:
        return top.fields(MODEL)
    if "comments" in entries:
        both = f"got {FORMER_COMMENTS}, their former name, as well"
        former.refuse(f"expected comments only, {both}; merge them")
    fields = JsonCursor({name: entry.value for name, entry in entries.items()}).fields(MODEL)
    return {**fields, "comments": former}


def _check_count(parts: list[JsonCursor], most: int, what: str) -> None:
    count = sum(len(part.value) for part in parts if isinstance(part.value, dict))
    if count > most:
        parts[0].refuse(f"expected at most {most} {what}, got {count}")


# -- hyperparameters, recipe, nodes ------------------------------------------------------------


def _hyperparameters(part: JsonCursor) -> Iterator[tuple[str, Hyperparameter]]:
    for name, entry in part.entries():
        if not is_name(name):
            entry.refuse("expected a name of letters, digits and underscores")
        value, doc = entry, ""
        if isinstance(entry.value, dict):
            fields = entry.fields(HYPERPARAMETER)
            value, doc = fields["value"], fields["doc"].text()
        if not isinstance(value.value, bool | int | float | str):
            value.refuse(f"expected a number, true, false or a text, got {describe(value.value)}")
        yield name, Hyperparameter(value.value, doc)


def _recipe(part: JsonCursor) -> Recipe | None:
    if part.value is None:
        return None
    settings = dict(part.entries())
    kind = settings.get("kind", JsonCursor(None, part.at("kind")))
    if not isinstance(kind.value, str) or kind.value not in task_types():
        kind.refuse(f"expected {' or '.join(task_types())}, got {describe(kind.value)}")
    return _validated(task_types()[kind.value], part, settings)


def _unconnected(fields: Mapping[str, JsonCursor]) -> Graph:
    """Read a graph without its edges, which need the ports of the blocks."""
    nodes = _nodes(fields["nodes"])
    return Graph(nodes, {}, fields["notes"].lines(), _bypassed(fields["bypassed"], nodes))


def _bypassed(part: JsonCursor, nodes: Mapping[str, Node]) -> frozenset[str]:
    names: set[str] = set()
    for entry in part.items():
        name = entry.text()
        if name not in nodes:
            entry.refuse(f"unknown node {describe(name)}{suggestion(name, nodes)}")
        if name in names:
            entry.refuse(f"{describe(name)} is listed twice; remove it")
        names.add(name)
    return frozenset(names)


def _nodes(part: JsonCursor) -> dict[str, Node]:
    return {name: _node(entry) for name, entry in part.named()}


def _node(part: JsonCursor) -> Node:
    parameters = dict(part.entries())
    if "type" not in parameters:
        part.refuse('expected the type of the node; add "type"')
    kind = parameters.pop("type")
    name = kind.check(check_title, kind.text())
    for entry in parameters.values():
        _check_length(entry)
    return make_node(name, {key: entry.value for key, entry in parameters.items()})


def _check_length(part: JsonCursor) -> None:
    # An error for each item of a long list would fill the memory.
    if isinstance(part.value, list) and len(part.value) > LONGEST_LIST:
        part.refuse(f"expected a list of at most {LONGEST_LIST}, got {len(part.value)}")


def _validated(
    type_: type[_Settings], whole: JsonCursor, parts: Mapping[str, JsonCursor]
) -> _Settings:
    """Make settings, or refuse with the first rule that is broken at its location."""
    for part in parts.values():
        _check_length(part)
    parameters = {key: part.value for key, part in parts.items()}
    cursor = whole
    for path, message in broken_rules(type_, parameters).values():
        for step in path:
            cursor = JsonCursor(None, cursor.at(step))
        cursor.refuse(message)
    return type_.model_validate(frozen(parameters))


# -- limits ------------------------------------------------------------------------------------


def check_limits(model: Model) -> None:
    """Check that a model is not larger than a file may be.

    Raises:
        FileError: it is larger.
    """
    graphs = model.graphs.values()
    counts = (
        (len(model.blocks), MOST_BLOCKS, "blocks"),
        (len(model.hyperparameters), MOST_HYPERPARAMETERS, "hyperparameters"),
        (sum(len(graph.nodes) for graph in graphs), MOST_NODES, "nodes"),
        (sum(len(graph.edges) for graph in graphs), MOST_EDGES, "edges"),
    )
    for count, most, what in counts:
        if count > most:
            JsonCursor(None).refuse(f"expected at most {most} {what}, got {count}")
    _check_blocks(model)


def _check_blocks(model: Model) -> None:
    """Check that blocks are acyclic, and that their expansion is not too large."""
    graphs = model.graphs
    uses = {name: list(_blocks_in(graph, model)) for name, graph in graphs.items()}
    try:
        order = list(TopologicalSorter(uses).static_order())
    except CycleError as error:
        loop = error.args[1][::-1]
        chain = " contains ".join(map(ascii, loop))
        cursor = JsonCursor(None, _graph_pointer(loop[0]))
        cursor.refuse(f"expected blocks that do not contain themselves, but {chain}")
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    for name in order:
        cursor = JsonCursor(None, _graph_pointer(name))
        depths[name] = 1 + max((depths[inner] for inner in uses[name]), default=0)
        sizes[name] = len(graphs[name].nodes) + sum(sizes[inner] for inner in uses[name])
        if depths[name] > DEEPEST_BLOCKS:
            cursor.refuse(f"expected blocks nested at most {DEEPEST_BLOCKS} deep")
        if sizes[name] > MOST_EXPANDED:
            cursor.refuse(
                f"expected an expansion to at most {MOST_EXPANDED} nodes; use fewer blocks"
            )


def _blocks_in(graph: Graph, model: Model) -> Iterator[str]:
    """Yield the existing blocks that a graph uses, once for each use."""
    for node in graph.nodes.values():
        if isinstance(node, Block) and node.block in model.blocks:
            yield node.block


def _graph_pointer(name: str) -> str:
    return JsonCursor(None, "/blocks").at(name) if name else ""


# -- edges -------------------------------------------------------------------------------------


def _with_edges(graph: Graph, part: JsonCursor, model: Model) -> Graph:
    edges = {}
    for target, entry in part.entries():
        source = _port(entry, entry.text(), graph, model.find_output)
        edges[_port(entry, target, graph, model.find_input)] = source
    return replace(graph, edges=edges)


def _port(
    part: JsonCursor, text: str, graph: Graph, find: Callable[[Node, str], Port | None]
) -> PortRef:
    try:
        ref = PortRef.parse(text)
        check_title(ref.port)
    except ValueError as error:
        part.refuse(str(error))
    node = graph.nodes.get(ref.node)
    if node is None:
        part.refuse(f"unknown node {describe(ref.node)}{suggestion(ref.node, graph.nodes)}")
    # Any other edge to no port is a problem of the node; blocks lose such edges in every edit.
    if isinstance(node, Block) and find(node, ref.port) is None:
        part.refuse(
            f"{describe(ref.node)} has no port {describe(ref.port)} on this side; remove the edge"
        )
    return ref
