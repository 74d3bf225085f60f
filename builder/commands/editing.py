"""What every edit begins and ends with: that it may be made, and that a file can hold what it made.

The ports of a block are the ends of its graph.  Where an end goes, so do the edges at every node
that places the block; where it gets another name, they follow it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from builder.document.document import Document, Refused, Selection
from nodes.core.files.canvas_entries import inside
from nodes.core.files.model_reader import gives, see_limits, takes
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Block, Graph, Model, Point, PortRef
from nodes.core.graphs.naming_rules import LONGEST, folded, see_name

READ_ONLY = "what a composite stands for can only be looked at; take it apart to change it"


def editable_graph(document: Document) -> Graph:
    """Give the graph that is to be edited.

    Raises:
        Refused: the inside of a composite is shown.
    """
    if not document.editable:
        raise Refused(READ_ONLY)
    return document.graph


def selected_nodes(document: Document) -> frozenset[str]:
    """Give the selected nodes of the graph that is to be edited.

    Raises:
        Refused: none is selected.
    """
    found = document.selection.nodes & editable_graph(document).nodes.keys()
    if not found:
        raise Refused("no node is selected; click one, or draw a box around some")
    return found


def known(document: Document, *names: str) -> Graph:
    """Give the graph that is to be edited, which has nodes of these names.

    Raises:
        Refused: it has not.
    """
    graph = editable_graph(document)
    for name in names:
        if name not in graph.nodes:
            raise Refused(f"there is no node {name} here any more")
    return graph


def apply_graph(
    document: Document,
    graph: Graph,
    positions: Mapping[str, Point] | None = None,
    selection: Selection | None = None,
) -> Document:
    """Replace the graph that was edited, and see to all that hangs on it.

    Raises:
        Refused: no file can hold the result.
    """
    if positions is not None:
        positions = {
            name: clamp_to_canvas(at) for name, at in positions.items() if name in graph.nodes
        }
    document = document.with_graph(graph, positions)
    document = replace(document, model=normalize_model(document.model))
    return document if selection is None else document.selecting(selection)


def clamp_to_canvas(point: Point) -> Point:
    """Bring a point to where a file may have it."""
    return inside(point[0]), inside(point[1])


def normalize_model(model: Model) -> Model:
    """Drop the edges at ports that blocks have no longer, and see that a file can hold the model.

    Raises:
        Refused: it cannot.
    """
    try:
        see_limits(model)
    except FileError as error:
        raise Refused(error.message) from error
    for name, graph in model.graphs.items():
        edges = {t: s for t, s in graph.edges.items() if _stands(model, graph, t, s)}
        if len(edges) < len(graph.edges):
            model = model.with_graph(name, replace(graph, edges=edges))
    return model


def _stands(model: Model, graph: Graph, target: PortRef, source: PortRef) -> bool:
    """Tell whether both ends of an edge are there; only those of blocks come and go."""
    reader, maker = graph.nodes.get(target.node), graph.nodes.get(source.node)
    if reader is None or maker is None:
        return False
    return (not isinstance(reader, Block) or takes(model, reader, target.port)) and (
        not isinstance(maker, Block) or gives(model, maker, source.port)
    )


def rename_block_port(model: Model, block: str, old: str, new: str) -> Model:
    """Let the edges at every node that places a block follow one of its ports to another name."""
    for name, graph in model.graphs.items():
        placed = {n for n, node in graph.nodes.items() if _places(node, block)}
        moved = {PortRef(one, old): PortRef(one, new) for one in placed}
        edges = {moved.get(t, t): moved.get(s, s) for t, s in graph.edges.items()}
        if edges != graph.edges:
            model = model.with_graph(name, replace(graph, edges=edges))
    return model


def _places(node: object, block: str) -> bool:
    return isinstance(node, Block) and node.block == block


def without_nodes(graph: Graph, names: Iterable[str]) -> Graph:
    """Remove several nodes with their edges."""
    gone = frozenset(names)
    return replace(
        graph,
        nodes={name: node for name, node in graph.nodes.items() if name not in gone},
        edges={t: s for t, s in graph.edges.items() if not gone & {t.node, s.node}},
        bypassed=graph.bypassed - gone,
    )


# -- names -------------------------------------------------------------------------------------


def require_free_name(name: str, taken: Iterable[str]) -> None:
    """See that a name can be given, and that none of those taken looks like it.

    Raises:
        Refused: it cannot.
    """
    try:
        see_name(name)
    except ValueError as error:
        raise Refused(str(error)) from error
    for other in taken:
        if folded(other) == folded(name):
            raise Refused(f"{ascii(other)[1:-1]} is there already; choose another name")


def unique_names(wanted: Iterable[str], taken: Iterable[str], joint: str = "_") -> list[str]:
    """Find a free name for each, itself or one with a number: ``linear``, ``linear_2``."""
    used = {folded(name) for name in taken}
    numbers: dict[str, int] = {}
    found = []
    for name in wanted:
        stem, _, number = name.rpartition(joint)
        stem = stem if stem and number.isdecimal() else name
        free = name
        while folded(free) in used:
            numbers[stem] = numbers.get(stem, 1) + 1
            free = f"{stem[: LONGEST - 10]}{joint}{numbers[stem]}"
        used.add(folded(free))
        found.append(free)
    return found


def fresh(wanted: str, taken: Iterable[str], joint: str = "_") -> str:
    """Find a free name, the one that is wanted or one with a number."""
    return unique_names([wanted], taken, joint)[0]
