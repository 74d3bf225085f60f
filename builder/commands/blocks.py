"""Edits of blocks: nodes become one, and one becomes many."""

from collections.abc import Mapping
from dataclasses import replace

from builder.commands.editing import (
    apply_graph,
    editable_graph,
    fresh,
    known,
    require_free_name,
    selected_nodes,
)
from builder.commands.extract_block import ExtractedBlock, extract_block
from builder.commands.fragment import Fragment, insert_fragment
from builder.commands.inline_block import inline, plain, reads
from builder.document.document import Document, Refused, Selection
from builder.layout.placement import initial_positions, push_downstream
from codegen.check.remedy import free_name
from nodes.core.graphs.graph import MAIN, Block, Composite, Graph, Point, PortRef
from nodes.core.shapes.dim import show


def group(document: Document, block_name: str = "") -> Document:
    """Make the selected nodes a block, and put a node in their place that stands for it.

    Inputs and outputs of the graph stay where they are.
    """
    graph = editable_graph(document)
    names = selected_nodes(document) - graph.input_nodes.keys() - graph.output_nodes.keys()
    if not names:
        raise Refused("inputs and outputs stay outside of a block; select what is between them")
    block_name = block_name.strip() or fresh("Block", document.model.blocks, " ")
    require_free_name(block_name, document.model.blocks)
    made = extract_block(document.model, graph, names, document.positions)
    document = _with_block(document, block_name, made)
    node = free_name(Graph(made.left.nodes), block_name)
    inputs = {PortRef(node, name): source for name, source in made.sources.items()}
    outputs = {target: PortRef(node, name) for target, name in made.readers.items()}
    nodes = _in_place(graph, names, node, Block(block=block_name))
    edges = {**made.left.edges, **inputs, **outputs}
    positions = {**document.positions, node: _middle(made.positions, names)}
    left = replace(made.left, nodes=nodes, edges=edges)
    return apply_graph(document, left, positions, Selection.of(node))


def _with_block(document: Document, name: str, made: ExtractedBlock) -> Document:
    """Add the block, and let the selected remarks move into it."""
    selected = document.selection.comments & document.comments.keys()
    moved = {key: one for key, one in document.comments.items() if key in selected}
    if moved:
        kept = {key: one for key, one in document.comments.items() if key not in selected}
        document = document.with_comments(kept)
    model = document.model
    model = replace(
        model,
        blocks={**model.blocks, name: made.block},
        layout={**model.layout, name: made.positions},
        comments={**model.comments, name: moved} if moved else model.comments,
    )
    return replace(document, model=model)


def _in_place(graph: Graph, names: frozenset[str], node: str, block: Block) -> dict:
    """Let a node stand where the first of those that are gone stood."""
    nodes = {}
    for name, one in graph.nodes.items():
        if name not in names:
            nodes[name] = one
        else:
            nodes.setdefault(node, block)
    return nodes


def _middle(positions: Mapping[str, Point], names: frozenset[str]) -> Point:
    """Find the middle of where some nodes lie."""
    points = [at for name, at in positions.items() if name in names] or [(0.0, 0.0)]
    across, down = [x for x, _ in points], [y for _, y in points]
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def ungroup(document: Document, name: str) -> Document:
    """Put the nodes of a block in the place of a node that stands for it.

    The block goes away when nothing else places it.
    """
    graph, model = known(document, name), document.model
    node = graph.nodes[name]
    if not isinstance(node, Block):
        raise Refused(f"{name} is no block")
    if node.block not in model.blocks:
        raise Refused(f"there is no block {ascii(node.block)} that could be taken apart")
    _see_single(graph, name, node)
    block = model.blocks[node.block]
    positions = model.layout.get(node.block, {})
    if not block.nodes.keys() <= positions.keys():
        positions = initial_positions(block)
    comments = model.comments.get(node.block, {})
    document = _spread(document, name, block, Fragment(block, positions, comments))
    return _without_unused(document, node.block)


def _see_single(graph: Graph, name: str, node: Composite) -> None:
    if node.repeat != 1:
        advice = "set repeat to 1 first"
        raise Refused(f"{name} stands for {show(node.repeat)} copies in a chain; {advice}")
    if name in graph.bypassed:
        raise Refused(f"{name} is bypassed, so nothing of it is at work; stop bypassing it first")


def _spread(document: Document, name: str, inner: Graph, piece: Fragment) -> Document:
    """Put the inside of a node in its place, around where it lies."""
    graph = document.graph
    insides = frozenset(inner.nodes.keys() - inner.input_nodes.keys() - inner.output_nodes.keys())
    at = document.positions.get(name, (0.0, 0.0))
    x, y = _middle(piece.positions, insides)
    merged, names = inline(document.model, graph, name, inner)
    kept = replace(piece, graph=Graph(), positions={})
    by = at[0] - x, at[1] - y
    document = insert_fragment(document, kept, by)
    moved = {
        names[one]: (there[0] + by[0], there[1] + by[1])
        for one, there in piece.positions.items()
        if one in names
    }
    selection = replace(document.selection, nodes=frozenset(names.values()))
    return apply_graph(document, merged, {**document.positions, **moved}, selection)


def _without_unused(document: Document, block: str) -> Document:
    """Drop a block that nothing places."""
    model = document.model
    placed = (node for graph in model.graphs.values() for node in graph.nodes.values())
    if any(isinstance(node, Block) and node.block == block for node in placed):
        return document
    blocks, layout, comments = (
        {key: one for key, one in some.items() if key != block}
        for some in (model.blocks, model.layout, model.comments)
    )
    model = replace(model, blocks=blocks, layout=layout, comments=comments)
    return replace(document, model=model)


def ungroup_composite(
    document: Document, name: str, expansion: Graph, as_block: bool = False
) -> Document:
    """Put what a composite stands for in its place; copies in a chain become a block.

    Args:
        document: the document.
        name: the composite.
        expansion: the graph that it stands for, as the check found it.
        as_block: make a block of it also where it is no chain.
    """
    graph = known(document, name)
    node = graph.nodes[name]
    if isinstance(node, Block):
        return ungroup(document, name)
    if not isinstance(node, Composite):
        raise Refused(f"{name} is a single step, so there is nothing to take apart")
    expansion = plain(expansion)
    if as_block or node.repeat != 1:
        return _as_block(document, name, node, expansion)
    _see_single(graph, name, node)
    wired = replace(graph, edges={**graph.edges, **reads(document.model, graph, name)})
    document = document.with_graph(wired)
    positions = initial_positions(expansion)
    return _with_room(_spread(document, name, expansion, Fragment(expansion, positions)))


def _with_room(document: Document) -> Document:
    """Let the selected nodes begin where their middle is, and push what comes after them away."""
    names, positions = document.selection.nodes, document.positions
    first = min(names, key=lambda one: positions[one][0])
    width = max(positions[one][0] for one in names) - positions[first][0]
    later = push_downstream(document.graph, positions, first, width)
    inner = {one: (positions[one][0] + width / 2, positions[one][1]) for one in names}
    return apply_graph(document, document.graph, {**later, **inner})


def _as_block(document: Document, name: str, node: Composite, expansion: Graph) -> Document:
    """Let a block of its own take a composite's place, with as many copies."""
    model, graph = document.model, document.graph
    block = fresh(type(node).__name__, model.blocks, " ")
    model = replace(
        model,
        blocks={**model.blocks, block: expansion},
        layout={**model.layout, block: initial_positions(expansion)},
    )
    placed = Block(block=block, repeat=node.repeat, share=node.share)
    wired = replace(graph, edges={**graph.edges, **reads(document.model, graph, name)})
    document = replace(document, model=model)
    return apply_graph(document, wired.with_node(name, placed), selection=Selection.of(name))


def rename_block(document: Document, old: str, new: str) -> Document:
    """Give a block another name, wherever it is placed."""
    editable_graph(document)
    model, new = document.model, new.strip()
    if old == MAIN or old not in model.blocks:
        raise Refused(f"there is no block {ascii(old)}")
    if new == old:
        return document
    require_free_name(new, model.blocks.keys() - {old})
    for name, graph in model.graphs.items():
        placed = {
            key: node.model_copy(update={"block": new})
            for key, node in graph.nodes.items()
            if isinstance(node, Block) and node.block == old
        }
        if placed:
            model = model.with_graph(name, replace(graph, nodes={**graph.nodes, **placed}))
    blocks, layout, comments = (
        {new if key == old else key: one for key, one in some.items()}
        for some in (model.blocks, model.layout, model.comments)
    )
    return replace(document, model=replace(model, blocks=blocks, layout=layout, comments=comments))
