"""Copy and paste: fragments as text on the clipboard.

The text is a model file that holds only the copied nodes, with the blocks and hyperparameters that
they refer to, so that it is read as strictly as an untrusted file.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from builder.commands.editing import editable_graph, unique_name
from builder.commands.fragment import Fragment, copy_fragment, insert_fragment
from builder.commands.model_settings import with_settings
from builder.document.document import Document, Refused
from builder.layout.placement import initial_positions
from codegen.check.model_checks import named_hyperparameters
from nodes.core.files.json_cursor import JsonCursor, describe
from nodes.core.files.model_file import dumps
from nodes.core.files.model_reader import read_model
from nodes.core.files.strict_json import FileError, Json, read_json
from nodes.core.graphs.graph import Block, Graph, Model, Point, PortRef
from nodes.core.graphs.node import Node

HEADER = "wireformer-nodes"
VERSION = 1
ENTRIES: Mapping[str, Json] = {
    HEADER: VERSION,
    "model": None,
    "incoming": {},
    "origin": "",
    "tied": {},
}


def copy(document: Document) -> str:
    """Write the selected nodes, comments and frames as text."""
    fragment, model = copy_fragment(document), document.model
    if not fragment.graph.nodes and not fragment.comments:
        raise Refused("nothing is selected; select nodes, comments or frames to copy")
    blocks = _blocks_of(fragment.graph, model.blocks)
    graphs = fragment.graph, *blocks.values()
    named = {
        name
        for graph in graphs
        for node in graph.nodes.values()
        for name in named_hyperparameters(node)
    }
    copied = Model(
        graph=fragment.graph,
        blocks=blocks,
        hyperparameters={
            n: hyperparameter for n, hyperparameter in model.hyperparameters.items() if n in named
        },
        initialization=model.initialization,
        layout={"": fragment.positions, **{n: model.layout.get(n, {}) for n in blocks}},
        comments={"": fragment.comments, **{n: model.comments.get(n, {}) for n in blocks}},
    )
    incoming = {str(target): str(source) for target, source in fragment.incoming.items()}
    entries = {
        HEADER: VERSION,
        "model": json.loads(dumps(copied)),
        "incoming": incoming,
        "origin": fragment.origin,
        "tied": fragment.tied,
    }
    return json.dumps(entries, ensure_ascii=False, indent=1)


def _blocks_of(graph: Graph, blocks: Mapping[str, Graph]) -> dict[str, Graph]:
    """Return the blocks that a graph places, directly or indirectly."""
    found: dict[str, Graph] = {}
    stack = [graph]
    while stack:
        for node in stack.pop().nodes.values():
            if isinstance(node, Block) and node.block in blocks and node.block not in found:
                found[node.block] = blocks[node.block]
                stack.append(blocks[node.block])
    return {name: graph for name, graph in blocks.items() if name in found}


def paste(document: Document, text: str, at: Point, incoming: bool = False) -> Document:
    """Insert copied nodes, and select them.

    Args:
        document: the document.
        text: the text on the clipboard.
        at: the position of the upper left corner.
        incoming: insert the edges from nodes that were not copied, where these exist here.
    """
    editable_graph(document)
    model, fragment = _read(text)
    document = with_settings(document, model)
    document, names = with_blocks(document, model)
    graph = replace(
        model.graph,
        nodes={name: _with_block_name(node, names) for name, node in model.graph.nodes.items()},
    )
    positions = model.layout.get("", {})
    if not graph.nodes.keys() <= positions.keys():
        positions = initial_positions(graph)
    fragment = replace(fragment, graph=graph, positions=positions)
    left, top = fragment.corner
    return insert_fragment(document, fragment, (at[0] - left, at[1] - top), incoming)


def _read(text: str) -> tuple[Model, Fragment]:
    """Read the text on the clipboard: a model, and its main graph as a fragment.

    Raises:
        Refused: it is no fragment, or an invalid one.
    """
    if f'"{HEADER}"' not in text[:200]:
        raise Refused("no nodes are on the clipboard; copy some first")
    try:
        fields = JsonCursor(read_json(text.encode("utf-8", "replace"))).fields(ENTRIES)
        if fields[HEADER].value != VERSION:
            version = describe(fields[HEADER].value)
            fields[HEADER].refuse(f"expected version {VERSION}, got {version}")
        model = read_model(fields["model"].value)
        edges = dict(_edge(*entry, model) for entry in fields["incoming"].entries())
        tied = {name: digest.text() for name, digest in fields["tied"].entries()}
        origin = fields["origin"].text()
    except FileError as error:
        raise Refused(f"the nodes on the clipboard cannot be read: {error}") from error
    comments = model.comments.get("", {})
    return model, Fragment(model.graph, {}, comments, edges, origin, tied)


def _edge(target: str, source: JsonCursor, model: Model) -> tuple[PortRef, PortRef]:
    try:
        ends = PortRef.parse(target), PortRef.parse(source.text())
    except ValueError as error:
        source.refuse(str(error))
    if ends[0].node not in model.graph.nodes:
        source.refuse(f"expected a copied node as the target, got {ends[0].node}; remove the edge")
    return ends


def with_blocks(document: Document, pasted: Model) -> tuple[Document, dict[str, str]]:
    """Add the blocks of another model that the document lacks, those that differ renamed.

    Returns:
        The document, and the name of each pasted block in it.
    """
    model = document.model
    new = _new_blocks(pasted, model)
    names: dict[str, str] = {}
    for name in pasted.blocks:
        taken = [*model.blocks, *names.values()]
        names[name] = unique_name(name, taken, " ") if name in new else name
    blocks, layout, comments = dict(model.blocks), dict(model.layout), dict(model.comments)
    for name in new:
        nodes = pasted.blocks[name].nodes.items()
        renamed = {key: _with_block_name(node, names) for key, node in nodes}
        blocks[names[name]] = replace(pasted.blocks[name], nodes=renamed)
        layout[names[name]] = pasted.layout.get(name, {})
        comments[names[name]] = pasted.comments.get(name, {})
    if new:
        model = replace(model, blocks=blocks, layout=layout, comments=comments)
    notices = [
        f"the block {name} is pasted as {names[name]}, as the one here differs"
        for name in new
        if names[name] != name
    ]
    return replace(document, model=model).noting(*notices), names


def _new_blocks(pasted: Model, model: Model) -> list[str]:
    """List the blocks that the model lacks, or that differ from its blocks of the same name."""
    new = {name for name, block in pasted.blocks.items() if model.blocks.get(name) != block}
    while placing := {
        name
        for name, block in pasted.blocks.items()
        if name not in new
        and any(isinstance(node, Block) and node.block in new for node in block.nodes.values())
    }:
        new |= placing
    return [name for name in pasted.blocks if name in new]


def _with_block_name(node: Node, names: Mapping[str, str]) -> Node:
    """Refer to a pasted block by its name in the document."""
    if isinstance(node, Block) and names.get(node.block, node.block) != node.block:
        return node.model_copy(update={"block": names[node.block]})
    return node
