"""Commands on blocks: group, ungroup, and rename."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from builder.commands.editing import (
    apply_graph,
    editable_graph,
    enumerated,
    require_free_name,
    require_nodes,
    selected_nodes,
    unique_name,
)
from builder.commands.extract_block import ExtractedBlock, extract_block
from builder.commands.fragment import Fragment, insert_fragment
from builder.commands.inline_block import explicit_edges, inline, with_editable_sizes
from builder.document.document import Document, Refused, Selection
from builder.layout.placement import initial_positions, push_downstream
from codegen.check.remedy import free_name
from nodes.core.graphs.graph import MAIN, Block, Composite, Graph, Point, PortRef
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import show

V = TypeVar("V")


def group(document: Document, block_name: str = "") -> Document:
    """Move the selected nodes into a new block, and replace them by a node that places it.

    Inputs and outputs of the graph are not moved.
    """
    graph = editable_graph(document)
    names = selected_nodes(document) - graph.input_nodes.keys() - graph.output_nodes.keys()
    if not names:
        raise Refused("inputs and outputs cannot be in a block; select nodes between them")
    block_name = block_name.strip() or unique_name("Block", document.model.blocks, " ")
    require_free_name(block_name, document.model.blocks)
    extracted = extract_block(document.model, graph, names, document.positions)
    document = _with_block(document, block_name, extracted)
    node = free_name(Graph(extracted.rest.nodes), block_name)
    inputs = {PortRef(node, name): source for name, source in extracted.sources.items()}
    outputs = {target: PortRef(node, name) for target, name in extracted.consumers.items()}
    nodes = _replace_first(graph, names, node, Block(block=block_name))
    edges = {**extracted.rest.edges, **inputs, **outputs}
    positions = {**document.positions, node: _centre(extracted.positions, names)}
    grouped = replace(extracted.rest, nodes=nodes, edges=edges)
    return apply_graph(document, grouped, positions, Selection.of(node))


def _with_block(document: Document, name: str, extracted: ExtractedBlock) -> Document:
    """Add the block, and move the selected comments into it."""
    selected = document.selection.comments & document.comments.keys()
    moved = {key: comment for key, comment in document.comments.items() if key in selected}
    if moved:
        others = {key: comment for key, comment in document.comments.items() if key not in selected}
        document = document.with_comments(others)
    model = document.model
    model = replace(
        model,
        blocks={**model.blocks, name: extracted.block},
        layout={**model.layout, name: extracted.positions},
        comments={**model.comments, name: moved} if moved else model.comments,
    )
    return replace(document, model=model)


def _replace_first(graph: Graph, names: frozenset[str], name: str, node: Node) -> dict[str, Node]:
    """Return the nodes of a graph with a new one in place of the first of ``names``."""
    nodes: dict[str, Node] = {}
    for key, present in graph.nodes.items():
        if key not in names:
            nodes[key] = present
        else:
            nodes.setdefault(name, node)
    return nodes


def _centre(positions: Mapping[str, Point], names: frozenset[str]) -> Point:
    """Return the centre of the positions of some nodes."""
    points = [at for name, at in positions.items() if name in names] or [(0.0, 0.0)]
    x, y = [x for x, _ in points], [y for _, y in points]
    return (min(x) + max(x)) / 2, (min(y) + max(y)) / 2


def ungroup(document: Document, name: str) -> Document:
    """Replace a node that places a block by the nodes of the block.

    The block is removed when no other node places it.
    """
    graph, model = require_nodes(document, name), document.model
    node = graph.nodes[name]
    if not isinstance(node, Block):
        raise Refused(f"{name}: expected a block, got {type(node).__name__}; select a block")
    if node.block not in model.blocks:
        raise Refused(f"{name}: the block {repr(node.block)} does not exist; set another block")
    _require_single(graph, name, node)
    block = model.blocks[node.block]
    if block.step_inputs:
        raise Refused(f"{name}: its nodes run once for each step, so they need the block; edit it")
    positions = model.layout.get(node.block, {})
    if not block.nodes.keys() <= positions.keys():
        positions = initial_positions(block)
    comments = model.comments.get(node.block, {})
    document = _inline_at(document, name, block, Fragment(block, positions, comments))
    return _without_unplaced(document, node.block)


def _require_single(graph: Graph, name: str, node: Composite) -> None:
    if node.repeat != 1:
        raise Refused(f"{name}: expected repeat 1, got {show(node.repeat)}; set repeat to 1 first")
    if name in graph.bypassed:
        raise Refused(f"{name}: expected a node that is not bypassed; stop bypassing it first")


def _inline_at(document: Document, name: str, inner: Graph, fragment: Fragment) -> Document:
    """Replace a node by its inner graph, centred at its position."""
    graph = document.graph
    ends = inner.input_nodes.keys() | inner.output_nodes.keys()
    inside = frozenset(inner.nodes.keys() - ends)
    at = document.positions.get(name, (0.0, 0.0))
    x, y = _centre(fragment.positions, inside)
    merged, names, notices = inline(document.model, graph, name, inner)
    offset = at[0] - x, at[1] - y
    comments_only = replace(fragment, graph=Graph(), positions={})
    document = insert_fragment(document.noting(*notices), comments_only, offset)
    moved = {
        names[key]: (position[0] + offset[0], position[1] + offset[1])
        for key, position in fragment.positions.items()
        if key in names
    }
    selection = replace(document.selection, nodes=frozenset(names.values()))
    return apply_graph(document, merged, {**document.positions, **moved}, selection)


def _without_unplaced(document: Document, block: str) -> Document:
    """Remove a block that no node places."""
    model = document.model
    nodes = (node for graph in model.graphs.values() for node in graph.nodes.values())
    if any(isinstance(node, Block) and node.block == block for node in nodes):
        return document
    model = replace(
        model,
        blocks=_without_key(model.blocks, block),
        layout=_without_key(model.layout, block),
        comments=_without_key(model.comments, block),
    )
    return replace(document, model=model)


def _without_key(mapping: Mapping[str, V], removed: str) -> dict[str, V]:
    return {key: value for key, value in mapping.items() if key != removed}


def ungroup_composite(
    document: Document, name: str, expansion: Graph, as_block: bool = False
) -> Document:
    """Replace a composite by its expansion; a repeated one becomes a block.

    Args:
        document: the document.
        name: the composite.
        expansion: the graph that it stands for, as the check has inferred it.
        as_block: make a block of it even if it is not repeated.
    """
    graph = require_nodes(document, name)
    node = graph.nodes[name]
    if isinstance(node, Block):
        return ungroup(document, name)
    if not isinstance(node, Composite):
        raise Refused(
            f"{name}: expected a block or a composite, got {type(node).__name__}; "
            "select another node"
        )
    expansion = with_editable_sizes(expansion)
    if as_block or node.repeat != 1:
        return _convert_to_block(document, name, node, expansion)
    _require_single(graph, name, node)
    edges = {**graph.edges, **explicit_edges(document.model, graph, name)}
    document = document.with_graph(replace(graph, edges=edges))
    fragment = Fragment(expansion, initial_positions(expansion))
    return _make_room(_inline_at(document, name, expansion, fragment))


def _make_room(document: Document) -> Document:
    """Move the selected nodes right by half their width, and push what is downstream."""
    names, positions = document.selection.nodes, document.positions
    first = min(names, key=lambda name: positions[name][0])
    width = max(positions[name][0] for name in names) - positions[first][0]
    pushed = push_downstream(document.graph, positions, first, width)
    moved = {name: (positions[name][0] + width / 2, positions[name][1]) for name in names}
    return apply_graph(document, document.graph, {**pushed, **moved})


def _convert_to_block(document: Document, name: str, node: Composite, expansion: Graph) -> Document:
    """Replace a composite by a block with as many copies."""
    model, graph = document.model, document.graph
    block = unique_name(type(node).__name__, model.blocks, " ")
    model = replace(
        model,
        blocks={**model.blocks, block: expansion},
        layout={**model.layout, block: initial_positions(expansion)},
    )
    placed = Block(block=block, repeat=node.repeat, share=node.share)
    edges = {**graph.edges, **explicit_edges(document.model, graph, name)}
    graph = replace(graph, edges=edges).with_node(name, placed)
    return apply_graph(replace(document, model=model), graph, selection=Selection.of(name))


def rename_block(document: Document, old: str, new: str) -> Document:
    """Rename a block, and the references to it in all nodes."""
    editable_graph(document)
    model, new = document.model, new.strip()
    if old == MAIN or old not in model.blocks:
        raise Refused(f"the block {repr(old)} no longer exists")
    if new == old:
        return document
    require_free_name(new, model.blocks.keys() - {old})
    meant = [
        f"{name}/{key}" if name else key
        for name, graph in model.graphs.items()
        for key, node in graph.nodes.items()
        if isinstance(node, Block) and node.block == new
    ]
    if meant:
        document = document.noting(f"{enumerated(meant)}: the block {new} exists now")
    for name, graph in model.graphs.items():
        placed = {
            key: node.model_copy(update={"block": new})
            for key, node in graph.nodes.items()
            if isinstance(node, Block) and node.block == old
        }
        if placed:
            model = model.with_graph(name, replace(graph, nodes={**graph.nodes, **placed}))
    model = replace(
        model,
        blocks=_with_key_renamed(model.blocks, old, new),
        layout=_with_key_renamed(model.layout, old, new),
        comments=_with_key_renamed(model.comments, old, new),
    )
    return replace(document, model=model)


def _with_key_renamed(mapping: Mapping[str, V], old: str, new: str) -> dict[str, V]:
    return {new if key == old else key: value for key, value in mapping.items()}
