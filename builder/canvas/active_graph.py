"""The graph on the canvas: the main graph, the graph of a block, or the inside of a composite."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from builder.canvas.scene import Scene, SceneMaker
from builder.document.document import Document
from builder.layout.arrange import arrange
from codegen.check import Problem, Report
from codegen.check.checked_graph import CheckedGraph, checked_graphs
from codegen.check.field_cache import FieldGraph
from nodes.core.graphs.graph import MAIN, Block, Comment, Graph, Model, Point
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node

GraphPath = tuple[str, ...]
"""The nodes that lead from the main graph to a graph inside it, outermost first."""
Size = tuple[float, float]

UNPLACED_GAP = 200.0
"""The gap between nodes that have positions and those below them that had none."""


@dataclass(frozen=True)
class ActiveGraph:
    """The graph on the canvas.

    Attributes:
        graph: its nodes and edges.
        graph_name: "" for the main graph, the name of a block, or the type of a composite.
        checked: its shapes, inferred where it was opened; None if its inputs are unknown.
        fields: its receptive fields, likewise.
        problems: the problems of its nodes.
        positions: the positions of its nodes.
        comments: its frames and comments.
        editable: it is a graph of the model, not the inside of a composite.
        breadcrumbs: a title and a path for each graph from the main graph to this one.
    """

    graph: Graph
    graph_name: str
    checked: CheckedGraph | None
    fields: FieldGraph | None
    problems: tuple[Problem, ...]
    positions: Mapping[str, Point]
    comments: Mapping[str, Comment]
    editable: bool
    breadcrumbs: tuple[tuple[str, GraphPath], ...]


def find_active_graph(document: Document, report: Report) -> ActiveGraph:
    """Find the graph at the document's path, with its shapes.

    Raises:
        KeyError: a composite on the path cannot be expanded, as its inputs are unknown.
    """
    breadcrumbs: list[tuple[str, GraphPath]] = [(document.model.name, ())]
    checked, fields, graph, name = report.main, report.fields, document.model.graph, MAIN
    for depth, step in enumerate(document.path, 1):
        node = graph.nodes[step]
        checked_node = checked.nodes.get(step) if checked else None
        checked = checked_node.inner if checked_node else None
        copies = fields.inner.get(step, ()) if fields else ()
        fields = copies[0] if copies else None
        if isinstance(node, Block) and node.block in document.model.blocks:
            name = node.block
            graph = document.model.blocks[name]
        elif checked is None:
            raise KeyError(step)
        else:
            name, graph = type(node).__name__, checked.graph
        breadcrumbs.append((step, document.path[:depth]))
    editable = document.editable
    return ActiveGraph(
        graph,
        name,
        checked,
        fields,
        _problems(report, name) if editable else checked.problems if checked else (),
        document.positions if editable else _arranged(graph, document.model, checked, report, name),
        document.comments if editable else {},
        editable,
        tuple(breadcrumbs),
    )


def _problems(report: Report, graph_name: str) -> tuple[Problem, ...]:
    return tuple(one for one in report.problems if one.location.graph == graph_name)


def lay_out_missing(model: Model, report: Report) -> Model:
    """Arrange the nodes that have no position."""
    layout = dict(model.layout)
    # Of two with one name, the one found last counts.
    checked = {one.name: one for one in checked_graphs(report.main)} if report.main else {}
    for name, graph in model.graphs.items():
        placed = {node: at for node, at in layout.get(name, {}).items() if node in graph.nodes}
        if len(placed) == len(graph.nodes):
            continue
        arranged = _arranged(graph, model, checked.get(name), report, name)
        layout[name] = _add_below(placed, arranged) if placed else arranged
    return model if layout == model.layout else replace(model, layout=layout)


def _add_below(placed: Mapping[str, Point], arranged: Mapping[str, Point]) -> dict[str, Point]:
    """Add the other arranged nodes below those that are placed."""
    bottom = max(y for _, y in placed.values()) + UNPLACED_GAP
    left = min(x for x, _ in placed.values())
    rest = {node: at for node, at in arranged.items() if node not in placed}
    rest_top = min(y for _, y in rest.values())
    rest_left = min(x for x, _ in rest.values())
    moved = {n: (x - rest_left + left, y - rest_top + bottom) for n, (x, y) in rest.items()}
    return {**placed, **moved}


def _arranged(
    graph: Graph, model: Model, checked: CheckedGraph | None, report: Report, name: str
) -> dict[str, Point]:
    scene = SceneMaker().make(graph, {}, {}, model, checked, report, name)
    return arrange(graph, *card_geometry(scene))


def card_geometry(scene: Scene) -> tuple[dict[str, Size], dict[tuple[str, str, bool], float]]:
    """Return the size of each card, and the height of each port below the top of its card.

    The keys of ports are node, port, and whether it is an input.
    """
    sizes = {name: card.size for name, card in scene.nodes.items()}
    ports = {
        (name, port.end.ref.port, port.end.is_input): port.y
        for name, card in scene.nodes.items()
        for port in (*card.inputs, *card.outputs)
    }
    return sizes, ports


def find_graph_path(
    location: Location, report: Report, model: Model, document: Document
) -> GraphPath | None:
    """Find the path to the graph of a location: the current path if possible, else the shortest."""
    if document.editable and document.graph_name == location.graph:
        return document.path
    if location.graph == MAIN:
        return ()
    queue: list[tuple[GraphPath, CheckedGraph | None, Graph]] = [((), report.main, model.graph)]
    while queue:
        path, checked, graph = queue.pop(0)
        for name, node in graph.nodes.items():
            checked_node = checked.nodes.get(name) if checked else None
            inner = checked_node.inner if checked_node else None
            child = _child_graph(node, inner, model)
            if child is None:
                continue
            child_name, child_graph = child
            if child_name == location.graph:
                return (*path, name)
            queue.append(((*path, name), inner, child_graph))
    return None


def _child_graph(node: Node, inner: CheckedGraph | None, model: Model) -> tuple[str, Graph] | None:
    """Return the name and the graph that a node contains, if it contains one."""
    if isinstance(node, Block) and node.block in model.blocks:
        return node.block, model.blocks[node.block]
    return (type(node).__name__, inner.graph) if inner is not None else None
