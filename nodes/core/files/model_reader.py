"""Plain data of strangers becomes a model, or one error that says where and why.

Nothing of a file is run, imported or looked up by name, save the node types in the catalogue.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nodes.core.files.canvas_entries import read_comments, read_layout
from nodes.core.files.json_cursor import JsonCursor, meant, shown
from nodes.core.files.strict_json import Json
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import (
    MOST_REPEATS,
    Block,
    Composite,
    Graph,
    Hyperparameter,
    Model,
    PortRef,
)
from nodes.core.graphs.naming_rules import see_title
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Port
from nodes.core.graphs.recipe import Recipe
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import AnyDim, DimError, show, substitute
from nodes.core.shapes.expression import NAME

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
    "remarks": {},
}
"""The entries of a file in their order, with what they are where they are left out."""

GRAPH: Mapping[str, Json] = {"notes": "", "nodes": {}, "edges": {}, "bypassed": []}
"""The entries of a block."""

HYPERPARAMETER: Mapping[str, Json] = {"value": None, "doc": ""}
INITIALIZATIONS = ("torch", "normal")
RECIPES: Mapping[str, type[Recipe]] = {
    known.model_fields["kind"].default: known for known in get_args(get_args(Recipe)[0])
}

MOST_HYPERPARAMETERS = 1000
MOST_BLOCKS = 1000
MOST_NODES = 20_000
MOST_EDGES = 100_000
MOST_EXPANDED = 100_000
DEEPEST_BLOCKS = 64
LONGEST_LIST = 1000

_WORDS = {
    "a valid boolean": "true or false",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "a text",
    "a valid tuple": "a list",
}
_Settings = TypeVar("_Settings", bound=BaseModel)


def read_model(data: Json) -> Model:
    """Make the model that a file's plain data describe.

    Raises:
        FileError: they describe none.
    """
    top = JsonCursor(data)
    _see_version(top)
    fields = top.fields(MODEL)
    _see_count([fields["blocks"]], MOST_BLOCKS, "blocks")
    blocks = {name: part.fields(GRAPH) for name, part in fields["blocks"].named()}
    _see_count([fields["hyperparameters"]], MOST_HYPERPARAMETERS, "hyperparameters")
    _see_count([graph["nodes"] for graph in (fields, *blocks.values())], MOST_NODES, "nodes")
    _see_count([graph["edges"] for graph in (fields, *blocks.values())], MOST_EDGES, "edges")
    initialization = fields["initialization"]
    if initialization.value not in INITIALIZATIONS:
        told = " or ".join(INITIALIZATIONS)
        initialization.refuse(f"{told} is expected, not {shown(initialization.value)}")
    model = Model(
        name=fields["name"].obey(see_title, fields["name"].text()),
        hyperparameters=dict(_hyperparameters(fields["hyperparameters"])),
        initialization=initialization.value,
        recipe=_recipe(fields["recipe"]),
        graph=_unconnected(fields),
        blocks={name: _unconnected(block) for name, block in blocks.items()},
    )
    see_limits(model)
    return replace(
        model,
        graph=_with_edges(model.graph, fields["edges"], model),
        blocks={
            name: _with_edges(graph, blocks[name]["edges"], model)
            for name, graph in model.blocks.items()
        },
        layout=read_layout(fields["layout"], model),
        comments=read_comments(fields["remarks"], model),
    )


def _see_version(top: JsonCursor) -> None:
    found = dict(top.entries()).get("wireformer")
    if found is None:
        top.refuse('this is no model file: its version, "wireformer": 1, is missing')
    if type(found.value) is not int or found.value < 1:
        found.refuse(f"a version number is expected, not {shown(found.value)}")
    if found.value > VERSION:
        told = f"this file has version {found.value}, and only {VERSION} is known here"
        found.refuse(f"{told}; update the program to open it")


def _see_count(parts: list[JsonCursor], most: int, what: str) -> None:
    count = sum(len(part.value) for part in parts if isinstance(part.value, dict))
    if count > most:
        parts[0].refuse(f"at most {most} {what} are expected, but there are {count}")


# -- hyperparameters, recipe, nodes ------------------------------------------------------------


def _hyperparameters(part: JsonCursor) -> Iterator[tuple[str, Hyperparameter]]:
    for name, entry in part.entries():
        if not NAME.fullmatch(name):
            entry.refuse("a name of letters, digits and underscores is expected")
        value, doc = entry, ""
        if isinstance(entry.value, dict):
            fields = entry.fields(HYPERPARAMETER)
            value, doc = fields["value"], fields["doc"].text()
        if not isinstance(value.value, bool | int | float | str):
            value.refuse(f"a number, true, false or a text is expected, not {shown(value.value)}")
        yield name, Hyperparameter(value.value, doc)


def _recipe(part: JsonCursor) -> Recipe | None:
    if part.value is None:
        return None
    settings = dict(part.entries())
    kind = settings.get("kind", JsonCursor(None, part.at("kind")))
    if not isinstance(kind.value, str) or kind.value not in RECIPES:
        kind.refuse(f"{' or '.join(RECIPES)} is expected, not {shown(kind.value)}")
    return _built(RECIPES[kind.value], part, settings)


def _unconnected(fields: Mapping[str, JsonCursor]) -> Graph:
    """Read a graph but for its edges, which need the ports of the blocks."""
    nodes = _nodes(fields["nodes"])
    return Graph(nodes, {}, fields["notes"].lines(), _bypassed(fields["bypassed"], nodes))


def _bypassed(part: JsonCursor, nodes: Mapping[str, Node]) -> frozenset[str]:
    names: set[str] = set()
    for entry in part.items():
        name = entry.text()
        if name not in nodes:
            entry.refuse(f"there is no node {shown(name)}{meant(name, nodes)}")
        if name in names:
            entry.refuse(f"{shown(name)} stands here twice; remove it")
        names.add(name)
    return frozenset(names)


def _nodes(part: JsonCursor) -> dict[str, Node]:
    return {name: _node(entry) for name, entry in part.named()}


def _node(part: JsonCursor) -> Node:
    parameters = dict(part.entries())
    if "type" not in parameters:
        part.refuse('the type of the node is missing; add "type"')
    kind = parameters.pop("type")
    name = kind.obey(see_title, kind.text())
    node_type = node_types().get(name)
    if node_type is None:
        return Unknown(type=name, parameters={key: p.value for key, p in parameters.items()})
    return _built(node_type, part, parameters)


def _built(made: type[_Settings], whole: JsonCursor, parts: Mapping[str, JsonCursor]) -> _Settings:
    """Make what pydantic describes, or tell its first objection at its place."""
    for key, part in parts.items():
        if key not in made.model_fields:
            part.refuse(f"there is no such parameter{meant(key, made.model_fields)}")
        # An objection to each item of a long list would fill the memory.
        if isinstance(part.value, list) and len(part.value) > LONGEST_LIST:
            part.refuse(f"a list of at most {LONGEST_LIST} is expected, not of {len(part.value)}")
    try:
        return made.model_validate({key: _frozen(part.value) for key, part in parts.items()})
    except ValidationError as error:
        path, told = objection(error)
    place = whole
    for step in path:
        place = JsonCursor(None, place.at(step))
    place.refuse(told)


def objection(error: ValidationError) -> tuple[tuple[int | str, ...], str]:
    """Tell where pydantic's first objection lies, and what it is in plain words."""
    found = error.errors(include_url=False)
    path = _path(found[0])
    # Where one of several things is expected, each of them objects at the same place.
    return path, "; or ".join(_message(one) for one in found if _path(one) == path)


def _frozen(value: Json) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _path(objection: ErrorDetails) -> tuple[int | str, ...]:
    """Tell the parameter and the items within, without the names of pydantic's own branches."""
    first, *inner = objection["loc"] or ("",)
    return (first, *(step for step in inner if isinstance(step, int))) if first else ()


def _message(objection: ErrorDetails) -> str:
    if objection["type"] == "missing":
        return "it is missing, and has no default; add it"
    message = objection["msg"].removeprefix("Value error, ")
    subject, should, rest = message.partition(" should ")
    if not should or subject not in ("Input", "String"):
        return message
    for theirs, ours in _WORDS.items():
        rest = rest.replace(theirs, ours)
    return f"it should {rest}, not {shown(objection['input'])}"


# -- limits ------------------------------------------------------------------------------------


def see_limits(model: Model) -> None:
    """See that a model is not larger than a file may hold.

    Raises:
        FileError: it is.
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
            JsonCursor(None).refuse(f"at most {most} {what} are expected, but there are {count}")
    _see_blocks(model)
    _see_repeats(model.graphs, model.sizes)


def _see_blocks(model: Model) -> None:
    """See that blocks come to an end, and that what they unfold to stays within bounds."""
    graphs = model.graphs
    uses = {name: list(_blocks_in(graph, model)) for name, graph in graphs.items()}
    try:
        order = list(TopologicalSorter(uses).static_order())
    except CycleError as error:
        loop = error.args[1][::-1]
        told = " contains ".join(map(ascii, loop))
        JsonCursor(None, _graph_place(loop[0])).refuse(f"a block cannot contain itself, but {told}")
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    for name in order:
        place = JsonCursor(None, _graph_place(name))
        depths[name] = 1 + max((depths[inner] for inner in uses[name]), default=0)
        sizes[name] = len(graphs[name].nodes) + sum(sizes[inner] for inner in uses[name])
        if depths[name] > DEEPEST_BLOCKS:
            place.refuse(f"blocks lie more than {DEEPEST_BLOCKS} deep in one another")
        if sizes[name] > MOST_EXPANDED:
            place.refuse(f"its blocks unfold to more than {MOST_EXPANDED} nodes; place fewer")


def _blocks_in(graph: Graph, model: Model) -> Iterator[str]:
    """Tell the known blocks that a graph places, one for each time."""
    for node in graph.nodes.values():
        if isinstance(node, Block) and node.block in model.blocks:
            yield node.block


def _see_repeats(graphs: Mapping[str, Graph], sizes: Mapping[str, int]) -> None:
    """See that chains of copies stay within bounds at the present values."""
    for graph_name, graph in graphs.items():
        for name, node in graph.nodes.items():
            if isinstance(node, Composite) and _count(node.repeat, sizes) > MOST_REPEATS:
                nodes = JsonCursor(None, f"{_graph_place(graph_name)}/nodes")
                told = f"at most {MOST_REPEATS} copies are expected, not {show(node.repeat)}"
                JsonCursor(None, f"{nodes.at(name)}/repeat").refuse(told)


def _count(repeat: AnyDim, sizes: Mapping[str, int]) -> int:
    """Tell how many copies there are; 1 where the hyperparameters do not say."""
    try:
        count = substitute(repeat, sizes)
    except DimError:
        return 1
    return count if isinstance(count, int) else 1


def _graph_place(name: str) -> str:
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
        see_title(ref.port)
    except ValueError as error:
        part.refuse(str(error))
    node = graph.nodes.get(ref.node)
    if node is None:
        part.refuse(f"there is no node {shown(ref.node)}{meant(ref.node, graph.nodes)}")
    if find(node, ref.port) is None:
        part.refuse(
            f"{shown(ref.node)} has no port {shown(ref.port)} on this side; remove the edge"
        )
    return ref
