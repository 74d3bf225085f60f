"""Edits of nodes: each takes a document and gives the one that it becomes."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from builder.commands.editing import (
    apply_graph,
    clamp_to_canvas,
    editable_graph,
    known,
    rename_block_port,
    require_free_name,
    selected_nodes,
    without_nodes,
)
from builder.commands.fragment import insert_fragment, take
from builder.commands.parse_field import with_parameter
from builder.commands.ports import matching_input, matching_output, outputs
from builder.commands.rewiring import healed, replaced
from builder.document.document import EMPTY_SELECTION, Document, Refused, Selection
from builder.layout.placement import make_room
from codegen.check.remedy import free_name
from nodes.core.graphs.graph import MAIN, Block, Comment, InputNode, OutputNode, Point, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown


def add(document: Document, node: Node, at: Point, name: str = "") -> Document:
    """Add a node, and select it."""
    graph = editable_graph(document)
    if name:
        require_free_name(name, graph.nodes)
    else:
        name = free_name(graph, node.block if isinstance(node, Block) else type(node).__name__)
    positions = {**document.positions, name: at}
    return apply_graph(document, graph.with_node(name, node), positions, Selection.of(name))


def append(document: Document, node: Node, after: str | None, at: Point) -> Document:
    """Add a node, fed by the first output of another that fits; select it."""
    if after is not None:
        known(document, after)
    document = add(document, node, at)
    (name,) = document.selection.nodes
    graph, model = document.graph, document.model
    for source in outputs(model, graph, after) if after is not None else ():
        target = matching_input(model, graph, source, name)
        if target is not None:
            return apply_graph(document, graph.with_edge(source, target))
    return document


def move(document: Document, dx: float, dy: float) -> Document:
    """Move what is selected; what lies in a selected frame moves along."""
    editable_graph(document)
    selected, places, comments = document.selection, document.positions, document.comments
    frames = [
        comments[name] for name in selected.comments & comments.keys() if comments[name].frame
    ]
    carried = {name for name, at in places.items() if any(_holds(frame, at) for frame in frames)}
    nodes = (selected.nodes | carried) & document.graph.nodes.keys()
    inner = {
        name
        for name, one in comments.items()
        if any(
            _holds(frame, (one.x, one.y)) and _holds(frame, (one.x + one.width, one.y + one.height))
            for frame in frames
        )
    }
    texts = (selected.comments | inner) & comments.keys()
    if nodes:
        moved = {name: _shifted(places.get(name, (0.0, 0.0)), dx, dy) for name in nodes}
        document = document.with_graph(document.graph, {**places, **moved})
    if texts:
        document = document.with_comments(
            {
                name: _carried(one, dx, dy) if name in texts else one
                for name, one in comments.items()
            }
        )
    return document


def _holds(frame: Comment, at: Point) -> bool:
    across, down = at[0] - frame.x, at[1] - frame.y
    return 0 <= across <= frame.width and 0 <= down <= frame.height


def _shifted(at: Point, dx: float, dy: float) -> Point:
    return clamp_to_canvas((at[0] + dx, at[1] + dy))


def _carried(comment: Comment, dx: float, dy: float) -> Comment:
    x, y = _shifted((comment.x, comment.y), dx, dy)
    return replace(comment, x=x, y=y)


def set_positions(document: Document, positions: Mapping[str, Point]) -> Document:
    """Put nodes at given places."""
    graph = editable_graph(document)
    known_ones = {
        name: clamp_to_canvas(at) for name, at in positions.items() if name in graph.nodes
    }
    return document.with_graph(graph, {**document.positions, **known_ones})


def remove(document: Document) -> Document:
    """Remove what is selected: nodes with their edges, edges, frames and comments."""
    graph, selected = editable_graph(document), document.selection
    if not selected:
        raise Refused("nothing is selected that could be removed")
    left = without_nodes(graph, selected.nodes)
    edges = {t: s for t, s in left.edges.items() if t not in selected.edges}
    document = _without_remarks(document)
    return apply_graph(document, replace(left, edges=edges), document.positions, EMPTY_SELECTION)


def _without_remarks(document: Document) -> Document:
    if not document.selection.comments:
        return document
    kept = document.selection.comments
    return document.with_comments({n: one for n, one in document.comments.items() if n not in kept})


def delete_and_reconnect(document: Document) -> Document:
    """Remove the selected nodes, and join what was before them and what was after."""
    names = selected_nodes(document)
    graph = healed(document.model, document.graph, names)
    return apply_graph(_without_remarks(document), graph, document.positions, EMPTY_SELECTION)


def extract(document: Document) -> Document:
    """Take the selected nodes out of their chain, which closes behind them; they stay."""
    names, graph = selected_nodes(document), document.graph
    left = healed(document.model, graph, names)
    inner = {t: s for t, s in graph.edges.items() if {t.node, s.node} <= names}
    return apply_graph(document, replace(graph, edges={**left.edges, **inner}))


def rename(document: Document, old: str, new: str) -> Document:
    """Give a node another name; a block's ports are called as the ends of its graph are."""
    graph, new = known(document, old), new.strip()
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
    end = isinstance(graph.nodes[old], InputNode | OutputNode)
    document = document.with_graph(graph.renamed(old, new), positions).selecting(selection)
    if end and document.graph_name != MAIN:
        model = rename_block_port(document.model, document.graph_name, old, new)
        document = replace(document, model=model)
    return document


def set_parameter(document: Document, node: str, parameter: str, value: object) -> Document:
    """Give a parameter another value: one as typed, such as "2 * width", or made."""
    graph = known(document, node)
    changed = with_parameter(graph.nodes[node], parameter, value)
    if isinstance(changed, Block) and changed.block not in document.model.blocks:
        raise Refused(f"block: there is no block {ascii(changed.block)}; choose one that is there")
    if changed == graph.nodes[node]:
        return document
    return apply_graph(document, graph.with_node(node, changed))


def reset_parameter(document: Document, node: str, parameter: str) -> Document:
    """Give a parameter its default."""
    info = type(known(document, node).nodes[node]).model_fields.get(parameter)
    if info is None or info.is_required():
        raise Refused(f"{parameter} has no default; give it a value")
    return set_parameter(document, node, parameter, info.get_default(call_default_factory=True))


def replace_type(document: Document, node: str, node_type: Node | type[Node]) -> Document:
    """Put another node in the place of one, with the edges and parameters that it can keep."""
    graph = known(document, node)
    try:
        fresh = node_type if isinstance(node_type, Node) else node_type()
    except ValidationError as error:
        raise Refused("a block is expected; choose one by its name") from error
    fresh = _inheriting(fresh, graph.nodes[node])
    graph = replaced(document.model, graph, node, fresh)
    if isinstance(fresh, InputNode | OutputNode):
        graph = replace(graph, bypassed=graph.bypassed - {node})
    return apply_graph(document, graph, selection=Selection.of(node))


def _inheriting(fresh: Node, old: Node) -> Node:
    """Keep the parameters that both have, unless the fresh one was given a value of its own."""
    own = fresh.model_fields_set | {"block"}
    for key in type(fresh).model_fields.keys() & type(old).model_fields.keys() - own:
        if not isinstance(fresh, Unknown) and not isinstance(old, Unknown):
            try:
                values = {**dict(fresh), key: getattr(old, key)}
                fresh = type(fresh).model_validate(values)
            except ValidationError:
                continue
    return fresh


def bypass(document: Document) -> Document:
    """Pass the selected nodes over; if all of them are, let them do their work again."""
    names, graph = selected_nodes(document), document.graph
    ends = [name for name in names if isinstance(graph.nodes[name], InputNode | OutputNode)]
    if ends:
        raise Refused(f"{min(ends)} is an end of the graph, which cannot be passed over")
    working = names - graph.bypassed
    bypassed = graph.bypassed | names if working else graph.bypassed - names
    return apply_graph(document, replace(graph, bypassed=bypassed))


def duplicate(document: Document, by: Point, incoming: bool = False) -> Document:
    """Copy what is selected, with the edges between; select the copies.

    Args:
        document: the document.
        by: how far from the originals the copies lie.
        incoming: the copies are fed by what feeds the originals.
    """
    editable_graph(document)
    if not document.selection.nodes and not document.selection.comments:
        raise Refused("nothing is selected that could be copied")
    return insert_fragment(document, take(document), by, incoming)


def insert(document: Document, name: str, target: PortRef) -> Document:
    """Put a node that has no edges on the edge that ends at a port."""
    graph, model = known(document, name), document.model
    source = graph.edges.get(target)
    if source is None:
        raise Refused(f"no edge ends at {target}")
    if graph.arriving[name] or name in {one.node for one in graph.edges.values()}:
        raise Refused(f"{name} has edges already; remove them before it goes on another")
    into = matching_input(model, graph, source, name)
    out = matching_output(model, graph.with_edge(source, into), name, target) if into else None
    if into is None or out is None:
        raise Refused(f"{name} does not fit between {source} and {target}: their kinds differ")
    graph = graph.with_edge(source, into).with_edge(out, target)
    positions = document.positions
    if name in positions:
        positions = make_room(graph, positions, name)
    return apply_graph(document, graph, positions)


def add_on_edge(document: Document, node: Node, target: PortRef, at: Point) -> Document:
    """Add a node on the edge that ends at a port; select it."""
    document = add(document, node, at)
    (name,) = document.selection.nodes
    return insert(document, name, target)
