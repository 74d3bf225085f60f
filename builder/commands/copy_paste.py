"""Nodes as text: what copying puts on the clipboard, and what pasting reads there.

The text is a model file in which only the copied nodes are, with the blocks and hyperparameters
that they name; so what comes from a stranger is read as strictly as a stranger's file.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from builder.commands.editing import editable_graph, fresh
from builder.commands.fragment import Fragment, insert_fragment, take
from builder.document.document import Document, Refused
from builder.layout.placement import initial_positions
from codegen.check.model_checks import named_by
from nodes.core.files.json_cursor import JsonCursor
from nodes.core.files.model_file import dumps
from nodes.core.files.model_reader import read_model
from nodes.core.files.strict_json import FileError, Json, read_json
from nodes.core.graphs.graph import Block, Graph, Model, Point, PortRef
from nodes.core.graphs.node import Node

HEADER = "wireformer-nodes"
VERSION = 1
ENTRIES: Mapping[str, Json] = {HEADER: VERSION, "model": None, "incoming": {}}


def copy(document: Document) -> str:
    """Write the selected nodes, frames and comments as text."""
    piece, model = take(document), document.model
    if not piece.graph.nodes and not piece.comments:
        raise Refused("nothing is selected that could be copied")
    blocks = _blocks_of(piece.graph, model.blocks)
    graphs = piece.graph, *blocks.values()
    named = {name for one in graphs for node in one.nodes.values() for name in named_by(node)}
    kept = Model(
        graph=piece.graph,
        blocks=blocks,
        hyperparameters={n: one for n, one in model.hyperparameters.items() if n in named},
        layout={"": piece.positions, **{n: model.layout.get(n, {}) for n in blocks}},
        comments={"": piece.comments, **{n: model.comments.get(n, {}) for n in blocks}},
    )
    incoming = {str(target): str(source) for target, source in piece.incoming.items()}
    entries = {HEADER: VERSION, "model": json.loads(dumps(kept)), "incoming": incoming}
    return json.dumps(entries, ensure_ascii=False, indent=1)


def _blocks_of(graph: Graph, blocks: Mapping[str, Graph]) -> dict[str, Graph]:
    """Find the blocks that a graph places, and those that they place."""
    found: dict[str, Graph] = {}
    waiting = [graph]
    while waiting:
        for node in waiting.pop().nodes.values():
            if isinstance(node, Block) and node.block in blocks and node.block not in found:
                found[node.block] = blocks[node.block]
                waiting.append(blocks[node.block])
    return {name: one for name, one in blocks.items() if name in found}


def paste(document: Document, text: str, at: Point, incoming: bool = False) -> Document:
    """Put copied nodes into the graph with their upper left corner at a place, and select them.

    Args:
        document: the document.
        text: what was copied.
        at: where it goes.
        incoming: edges that came from elsewhere come from there again, where it is here too.
    """
    editable_graph(document)
    model, edges = _read(text)
    document, names = _with_blocks(document, model)
    graph = replace(
        model.graph,
        nodes={name: _placing(node, names) for name, node in model.graph.nodes.items()},
    )
    spots = model.layout.get("", {})
    if not graph.nodes.keys() <= spots.keys():
        spots = initial_positions(graph)
    piece = Fragment(graph, spots, model.comments.get("", {}), edges)
    left, top = piece.corner
    return insert_fragment(document, piece, (at[0] - left, at[1] - top), incoming)


def _read(text: str) -> tuple[Model, dict[PortRef, PortRef]]:
    """Read what was copied.

    Raises:
        Refused: it is something else.
    """
    if f'"{HEADER}"' not in text[:200]:
        raise Refused("no nodes are on the clipboard; copy some first")
    try:
        fields = JsonCursor(read_json(text.encode("utf-8", "replace"))).fields(ENTRIES)
        if fields[HEADER].value != VERSION:
            fields[HEADER].refuse("another version wrote it, which is not known here")
        model = read_model(fields["model"].value)
        edges = dict(_edge(*entry, model) for entry in fields["incoming"].entries())
    except FileError as error:
        raise Refused(f"the nodes on the clipboard cannot be read: {error}") from error
    return model, edges


def _edge(target: str, source: JsonCursor, model: Model) -> tuple[PortRef, PortRef]:
    try:
        ends = PortRef.parse(target), PortRef.parse(source.text())
    except ValueError as error:
        source.refuse(str(error))
    if ends[0].node not in model.graph.nodes:
        source.refuse("the edge ends at no node that was copied; remove it")
    return ends


def _with_blocks(document: Document, pasted: Model) -> tuple[Document, dict[str, str]]:
    """Add the blocks and hyperparameters that are not there yet.

    Returns:
        The document, and what each block is called in it.
    """
    model = document.model
    other = _other_blocks(pasted, model)
    names: dict[str, str] = {}
    for name in pasted.blocks:
        taken = [*model.blocks, *names.values()]
        names[name] = fresh(name, taken, " ") if name in other else name
    blocks, layout, comments = dict(model.blocks), dict(model.layout), dict(model.comments)
    for name in other:
        nodes = pasted.blocks[name].nodes.items()
        placing = {key: _placing(node, names) for key, node in nodes}
        blocks[names[name]] = replace(pasted.blocks[name], nodes=placing)
        layout[names[name]] = pasted.layout.get(name, {})
        comments[names[name]] = pasted.comments.get(name, {})
    if other:
        model = replace(model, blocks=blocks, layout=layout, comments=comments)
    known = {**pasted.hyperparameters, **model.hyperparameters}
    if known != model.hyperparameters:
        model = replace(model, hyperparameters={**model.hyperparameters, **known})
    return replace(document, model=model), names


def _other_blocks(pasted: Model, model: Model) -> list[str]:
    """List the blocks that are not here, or mean something else here."""
    other: set[str] = set()
    grown = True
    while grown:
        grown = {
            name
            for name, block in pasted.blocks.items()
            if name not in other
            and (
                model.blocks.get(name) != block
                or any(getattr(node, "block", "") in other for node in block.nodes.values())
            )
        }
        other |= grown
    return [name for name in pasted.blocks if name in other]


def _placing(node: Node, names: Mapping[str, str]) -> Node:
    """Let a block node place the block as it is called here."""
    if isinstance(node, Block) and names.get(node.block, node.block) != node.block:
        return node.model_copy(update={"block": names[node.block]})
    return node
