"""Commands on nodes: each maps a document to the next one."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from builder.commands import rewiring
from builder.commands.editing import (
    apply_graph,
    clamp_to_canvas,
    editable_graph,
    enumerated,
    rename_block_port,
    require_free_name,
    require_nodes,
    selected_nodes,
    without_nodes,
)
from builder.commands.fragment import copy_fragment, insert_fragment
from builder.commands.library_blocks import with_library_block
from builder.commands.parse_field import with_parameter
from builder.commands.ports import matching_input, matching_output, outputs
from builder.commands.ties import follow_ties
from builder.document.document import EMPTY_SELECTION, Document, Refused, Selection
from builder.layout.placement import make_room
from codegen.check.remedy import free_name
from nodes.core.files.node_entries import without_parameter
from nodes.core.graphs.graph import MAIN, Block, Comment, InputNode, OutputNode, Point, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown

# -- adding ------------------------------------------------------------------------------------


def add(document: Document, node: Node, at: Point, name: str = "") -> Document:
    """Add a node, and select it; a block of the library becomes one of the model."""
    document = with_library_block(document, node)
    graph = editable_graph(document)
    if name:
        require_free_name(name, graph.nodes)
    else:
        name = free_name(graph, node.block if isinstance(node, Block) else type(node).__name__)
    positions = {**document.positions, name: at}
    return apply_graph(document, graph.with_node(name, node), positions, Selection.of(name))


def append(document: Document, node: Node, after: str | None, at: Point) -> Document:
    """Add a node, connect it to the first output of another that matches, and select it."""
    if after is not None:
        require_nodes(document, after)
    document = add(document, node, at)
    (name,) = document.selection.nodes
    graph, model = document.graph, document.model
    for source in outputs(model, graph, after) if after is not None else ():
        target = matching_input(model, graph, source, name)
        if target is not None:
            return apply_graph(document, graph.with_edge(source, target))
    return document


def add_on_edge(document: Document, node: Node, target: PortRef, at: Point) -> Document:
    """Add a node on the edge that ends at a port, and select it."""
    document = add(document, node, at)
    (name,) = document.selection.nodes
    return insert_on_edge(document, name, target)


def insert_on_edge(document: Document, name: str, target: PortRef) -> Document:
    """Move a node without edges onto the edge that ends at a port."""
    graph, model = require_nodes(document, name), document.model
    source = graph.edges.get(target)
    if source is None:
        raise Refused(f"no edge ends at {target}")
    if graph.sources[name] or name in {source.node for source in graph.edges.values()}:
        raise Refused(f"{name}: expected a node without edges; remove its edges first")
    input_ = matching_input(model, graph, source, name)
    graph = graph.with_edge(source, input_) if input_ else graph
    output = matching_output(model, graph, name, target) if input_ else None
    if output is None:
        raise Refused(f"{name} does not fit between {source} and {target}: the kinds differ")
    graph = graph.with_edge(output, target)
    positions = document.positions
    if name in positions:
        positions = make_room(graph, positions, name)
    return apply_graph(document, graph, positions)


def duplicate(document: Document, offset: Point, incoming: bool = False) -> Document:
    """Copy the selection with the edges in it, and select the copies.

    Args:
        document: the document.
        offset: the displacement of the copies.
        incoming: connect the copies to the sources of the originals.
    """
    editable_graph(document)
    if not document.selection.nodes and not document.selection.comments:
        raise Refused("nothing is selected; select nodes, comments or frames to duplicate")
    return insert_fragment(document, copy_fragment(document), offset, incoming)


# -- positions ---------------------------------------------------------------------------------


def move(document: Document, dx: float, dy: float) -> Document:
    """Move the selection, and the content of selected frames."""
    editable_graph(document)
    selected, positions, comments = document.selection, document.positions, document.comments
    frames = [
        comments[name] for name in selected.comments & comments.keys() if comments[name].frame
    ]
    framed = {name for name, at in positions.items() if any(_contains(f, at) for f in frames)}
    nodes = (selected.nodes | framed) & document.graph.nodes.keys()
    inner = {
        name
        for name, comment in comments.items()
        if any(
            _contains(frame, (comment.x, comment.y))
            and _contains(frame, (comment.x + comment.width, comment.y + comment.height))
            for frame in frames
        )
    }
    moved_comments = (selected.comments | inner) & comments.keys()
    if nodes:
        moved = {name: _moved(positions.get(name, (0.0, 0.0)), dx, dy) for name in nodes}
        document = document.with_graph(document.graph, {**positions, **moved})
    if moved_comments:
        document = document.with_comments(
            {
                name: _moved_comment(comment, dx, dy) if name in moved_comments else comment
                for name, comment in comments.items()
            }
        )
    return document


def _contains(frame: Comment, at: Point) -> bool:
    x, y = at[0] - frame.x, at[1] - frame.y
    return 0 <= x <= frame.width and 0 <= y <= frame.height


def _moved(at: Point, dx: float, dy: float) -> Point:
    return clamp_to_canvas((at[0] + dx, at[1] + dy))


def _moved_comment(comment: Comment, dx: float, dy: float) -> Comment:
    x, y = _moved((comment.x, comment.y), dx, dy)
    return replace(comment, x=x, y=y)


def set_positions(document: Document, positions: Mapping[str, Point]) -> Document:
    """Set the positions of nodes."""
    graph = editable_graph(document)
    changed = {name: clamp_to_canvas(at) for name, at in positions.items() if name in graph.nodes}
    return document.with_graph(graph, {**document.positions, **changed})


# -- removing ----------------------------------------------------------------------------------


def delete(document: Document) -> Document:
    """Delete the selection: nodes with their edges, edges, comments and frames."""
    graph, selected = editable_graph(document), document.selection
    if not selected:
        raise Refused("nothing is selected; select what to delete")
    rest = without_nodes(graph, selected.nodes)
    edges = {t: s for t, s in rest.edges.items() if t not in selected.edges}
    document = _without_selected_comments(document)
    return apply_graph(document, replace(rest, edges=edges), document.positions, EMPTY_SELECTION)


def _without_selected_comments(document: Document) -> Document:
    selected = document.selection.comments
    if not selected:
        return document
    rest = {name: comment for name, comment in document.comments.items() if name not in selected}
    return document.with_comments(rest)


def delete_and_reconnect(document: Document) -> Document:
    """Delete the selected nodes, and connect their sources to their consumers."""
    names = selected_nodes(document)
    graph = rewiring.delete_and_reconnect(document.model, document.graph, names)
    document = _without_selected_comments(document)
    return apply_graph(document, graph, document.positions, EMPTY_SELECTION)


def detach(document: Document) -> Document:
    """Disconnect the selected nodes from the others, and reconnect their neighbours."""
    names, graph = selected_nodes(document), document.graph
    rest = rewiring.delete_and_reconnect(document.model, graph, names)
    inner = {t: s for t, s in graph.edges.items() if {t.node, s.node} <= names}
    return apply_graph(document, replace(graph, edges={**rest.edges, **inner}))


# -- changing ----------------------------------------------------------------------------------


def rename(document: Document, old: str, new: str) -> Document:
    """Rename a node; the ports of a block are named after the inputs and outputs of its graph."""
    graph, new = require_nodes(document, old), new.strip()
    if new == old:
        return document
    require_free_name(new, graph.nodes.keys() - {old})
    positions = {new if key == old else key: at for key, at in document.positions.items()}
    selected = document.selection
    selection = replace(
        selected,
        nodes=frozenset(new if name == old else name for name in selected.nodes),
        edges=frozenset(PortRef(new, t.port) if t.node == old else t for t in selected.edges),
    )
    is_port = isinstance(graph.nodes[old], InputNode | OutputNode)
    renamed, notices = follow_ties(graph, graph.renamed(old, new))
    document = document.with_graph(renamed, positions).selecting(selection).noting(*notices)
    if is_port and document.graph_name != MAIN:
        model = rename_block_port(document.model, document.graph_name, old, new)
        document = replace(document, model=model)
    return document


def set_parameter(document: Document, node: str, parameter: str, value: object) -> Document:
    """Set a parameter to a value, or to one that a text stands for, such as "2 * width"."""
    graph = require_nodes(document, node)
    changed = with_parameter(graph.nodes[node], parameter, value)
    if isinstance(changed, Block) and changed.block not in document.model.blocks:
        raise Refused(f"block: expected a block of this model, got {repr(changed.block)}")
    if changed == graph.nodes[node]:
        return document
    return apply_graph(document, graph.with_node(node, changed))


def reset_parameter(document: Document, node: str, parameter: str) -> Document:
    """Set a parameter to its default."""
    found = require_nodes(document, node).nodes[node]
    if isinstance(found, Unknown) and parameter in found.parameters:
        graph = document.graph.with_node(node, without_parameter(found, parameter))
        return apply_graph(document, graph)
    info = type(found).model_fields.get(parameter)
    if info is None or info.is_required():
        raise Refused(f"{parameter} has no default; enter a value")
    return set_parameter(document, node, parameter, info.get_default(call_default_factory=True))


def replace_type(document: Document, node: str, node_type: Node | type[Node]) -> Document:
    """Replace a node by one of another type, with the edges and parameters that it can keep."""
    graph = require_nodes(document, node)
    try:
        new = node_type if isinstance(node_type, Node) else node_type()
    except ValidationError as error:
        raise Refused("expected a block of this model, got none; choose one by name") from error
    new = _with_common_parameters(new, graph.nodes[node])
    document = with_library_block(document, new)
    changed = rewiring.replace_node(document.model, graph, node, new)
    if isinstance(new, InputNode | OutputNode):
        changed = replace(changed, bypassed=changed.bypassed - {node})
    lost = [*_lost_parameters(graph.nodes[node], new), *rewiring.lost_edges(graph, changed, node)]
    if lost:
        document = document.noting(f"{node} is replaced without {enumerated(lost)}")
    return apply_graph(document, changed, selection=Selection.of(node))


def _lost_parameters(old: Node, new: Node) -> list[str]:
    """List the parameters of a node, other than defaults, that the one in its place lacks."""
    if isinstance(old, Unknown):
        return [*old.parameters]
    names = [name for name, field in type(old).model_fields.items() if not field.is_required()]
    changed = old.changed(*names)
    return [name for name, value in changed.items() if getattr(new, name, None) != value]


def _with_common_parameters(new: Node, old: Node) -> Node:
    """Copy the parameters that both nodes have, unless they were set explicitly."""
    explicit = new.model_fields_set | {"block"}
    for key in type(new).model_fields.keys() & type(old).model_fields.keys() - explicit:
        if not isinstance(new, Unknown) and not isinstance(old, Unknown):
            try:
                values = {**new.as_written(), key: old.as_written()[key]}
                new = type(new).model_validate(values)
            except ValidationError:
                continue
    return new


def bypass(document: Document) -> Document:
    """Bypass the selected nodes; if all of them are bypassed, stop bypassing them."""
    names, graph = selected_nodes(document), document.graph
    ends = [name for name in names if isinstance(graph.nodes[name], InputNode | OutputNode)]
    if ends:
        raise Refused(f"{min(ends)} is an input or output, which cannot be bypassed; deselect it")
    active = names - graph.bypassed
    bypassed = graph.bypassed | names if active else graph.bypassed - names
    return apply_graph(document, replace(graph, bypassed=bypassed))
