"""What all commands share: preconditions, unique names, and the normalization of the result.

The ports of a block are the inputs and outputs of its graph.  When one of these is removed, the
edges at every node that places the block are removed too; when it is renamed, they follow.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from builder.commands.ties import follow_ties
from builder.document.document import READ_ONLY, Document, Refused, Selection
from nodes.core.files.canvas_entries import clamp
from nodes.core.files.model_reader import check_limits
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Block, Graph, Model, Point, PortRef
from nodes.core.graphs.naming_rules import LONGEST, check_name, folded

MAX_NAMED = 3
"""The number of items that a message names."""

# -- preconditions -----------------------------------------------------------------------------


def editable_graph(document: Document) -> Graph:
    """Return the graph that is edited.

    Raises:
        Refused: the inside of a composite is shown.
    """
    if not document.editable:
        raise Refused(READ_ONLY)
    return document.graph


def selected_nodes(document: Document) -> frozenset[str]:
    """Return the selected nodes of the graph that is edited.

    Raises:
        Refused: none is selected.
    """
    names = document.selection.nodes & editable_graph(document).nodes.keys()
    if not names:
        raise Refused("no node is selected; click one, or drag a box around several")
    return names


def require_nodes(document: Document, *names: str) -> Graph:
    """Return the graph that is edited, which has nodes of these names.

    Raises:
        Refused: a node does not exist.
    """
    graph = editable_graph(document)
    for name in names:
        if name not in graph.nodes:
            raise Refused(f"the node {name} no longer exists")
    return graph


# -- results -----------------------------------------------------------------------------------


def apply_graph(
    document: Document,
    graph: Graph,
    positions: Mapping[str, Point] | None = None,
    selection: Selection | None = None,
) -> Document:
    """Replace the graph that is edited, and normalize the model.

    Raises:
        Refused: the result exceeds the limits of a file.
    """
    if positions is not None:
        positions = {
            name: clamp_to_canvas(at) for name, at in positions.items() if name in graph.nodes
        }
    graph, notices = follow_ties(document.graph, graph)
    document = document.with_graph(graph, positions)
    model = normalize_model(document.model)
    removed = _removed_edges(document.model, model)
    document = replace(document, model=model).noting(*notices, *removed)
    return document if selection is None else document.selecting(selection)


def clamp_to_canvas(point: Point) -> Point:
    """Move a point into the bounds of the canvas."""
    return clamp(point[0]), clamp(point[1])


def normalize_model(model: Model) -> Model:
    """Remove the edges at ports that blocks no longer have, and check the limits of a file.

    Raises:
        Refused: the model exceeds them.
    """
    try:
        check_limits(model)
    except FileError as error:
        raise Refused(error.message) from error
    for name, graph in model.graphs.items():
        edges = {t: s for t, s in graph.edges.items() if _has_both_ports(model, graph, t, s)}
        if len(edges) < len(graph.edges):
            model = model.with_graph(name, replace(graph, edges=edges))
    return model


def _removed_edges(before: Model, after: Model) -> Iterator[str]:
    """Yield a notice for each graph from which edges at former ports of blocks were removed."""
    for name, graph in before.graphs.items():
        kept = after.graphs[name].edges
        removed = [f"{source} to {end}" for end, source in graph.edges.items() if end not in kept]
        if removed:
            yield f"edges removed from {name or 'the main graph'}: {enumerated(removed)}"


def enumerated(items: Sequence[str]) -> str:
    """Name the first of some items, and count the others: ``a, b, c and 2 more``."""
    more = f" and {len(items) - MAX_NAMED} more" if len(items) > MAX_NAMED else ""
    return f"{', '.join(items[:MAX_NAMED])}{more}"


def _has_both_ports(model: Model, graph: Graph, target: PortRef, source: PortRef) -> bool:
    """Return whether both ends of an edge exist; only the ports of blocks can be removed."""
    consumer, producer = graph.nodes.get(target.node), graph.nodes.get(source.node)
    if consumer is None or producer is None:
        return False
    if isinstance(consumer, Block) and model.find_input(consumer, target.port) is None:
        return False
    return not isinstance(producer, Block) or model.find_output(producer, source.port) is not None


def rename_block_port(model: Model, block: str, old: str, new: str) -> Model:
    """Move the edges at every node that places a block to the new name of a port."""
    for name, graph in model.graphs.items():
        placed = {n for n, node in graph.nodes.items() if _places(node, block)}
        moved = {PortRef(node, old): PortRef(node, new) for node in placed}
        edges = {moved.get(t, t): moved.get(s, s) for t, s in graph.edges.items()}
        if edges != graph.edges:
            model = model.with_graph(name, replace(graph, edges=edges))
    return model


def _places(node: object, block: str) -> bool:
    return isinstance(node, Block) and node.block == block


def without_nodes(graph: Graph, names: Iterable[str]) -> Graph:
    """Remove nodes with their edges."""
    removed = frozenset(names)
    return replace(
        graph,
        nodes={name: node for name, node in graph.nodes.items() if name not in removed},
        edges={t: s for t, s in graph.edges.items() if not removed & {t.node, s.node}},
        bypassed=graph.bypassed - removed,
    )


# -- names -------------------------------------------------------------------------------------


def require_free_name(name: str, taken: Iterable[str]) -> None:
    """Check that a name is valid, and differs from those taken in more than case.

    Raises:
        Refused: it is invalid, or taken.
    """
    try:
        check_name(name)
    except ValueError as error:
        raise Refused(str(error)) from error
    for other in taken:
        if folded(other) == folded(name):
            raise Refused(f"the name {repr(other)[1:-1]} is taken; choose another name")


def taken_names(graph: Graph) -> set[str]:
    """Return the names that new nodes must not have: those of nodes, and those that ties mention.

    A node with a name that only a tie mentions would be tied to it.
    """
    return graph.nodes.keys() | {node.tied_to for node in graph.nodes.values() if node.tied_to}


def unique_names(names: Iterable[str], taken: Iterable[str], separator: str = "_") -> list[str]:
    """Return a free name for each, itself or one with a number: ``linear``, ``linear_2``."""
    used = {folded(name) for name in taken}
    numbers: dict[str, int] = {}
    found = []
    for name in names:
        stem, _, number = name.rpartition(separator)
        stem = stem if stem and number.isdecimal() else name
        free = name
        while folded(free) in used:
            numbers[stem] = numbers.get(stem, 1) + 1
            free = f"{stem[: LONGEST - 10]}{separator}{numbers[stem]}"
        used.add(folded(free))
        found.append(free)
    return found


def unique_name(name: str, taken: Iterable[str], separator: str = "_") -> str:
    """Return a name that is free: itself, or with a number."""
    return unique_names([name], taken, separator)[0]
