"""The graph that is shown: one of the model's own, or the inside of a composite."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from builder.canvas.scene import SceneMaker
from builder.document.document import Document
from builder.layout.arrange import arrange
from codegen.check import Report
from codegen.check.inference import CheckedGraph
from codegen.check.problem import Location
from nodes.core.graphs.graph import MAIN, Block, Comment, Graph, Model, Point, PortRef

Place = tuple[str, ...]


@dataclass(frozen=True)
class ActiveGraph:
    """What the canvas shows.

    Attributes:
        graph: its nodes and edges.
        graph_name: "" for the main graph, the name of a block, or the type of a composite.
        checked: its flows, as they are where it was entered; None where nothing arrives.
        positions: where its nodes lie.
        comments: its frames and comments.
        editable: it is the user's own.
        crumbs: the way in: a title for each step, and its place.
    """

    graph: Graph
    graph_name: str
    checked: CheckedGraph | None
    positions: Mapping[str, Point]
    comments: Mapping[str, Comment]
    editable: bool
    crumbs: tuple[tuple[str, Place], ...]


def show(document: Document, report: Report) -> ActiveGraph:
    """Find the graph at the document's place, with its flows.

    Raises:
        KeyError: a composite on the way stands for nothing yet, as nothing arrives at it.
    """
    crumbs = [(document.model.name, ())]
    checked, graph, name = report.main, document.model.graph, MAIN
    for depth, step in enumerate(document.path, 1):
        node = graph.nodes[step]
        found = checked.found.get(step) if checked else None
        checked = found.inner if found else None
        if isinstance(node, Block) and node.block in document.model.blocks:
            name = node.block
            graph = document.model.blocks[name]
        elif checked is None:
            raise KeyError(step)
        else:
            name, graph = type(node).__name__, checked.graph
        crumbs.append((step, document.path[:depth]))
    editable = document.editable
    return ActiveGraph(
        graph,
        name,
        checked,
        document.positions if editable else _arranged(graph, document.model, checked, report, name),
        document.comments if editable else {},
        editable,
        tuple(crumbs),
    )


def placed(model: Model, report: Report) -> Model:
    """Give every node without a position one, so that nothing lies on nothing."""
    layout = dict(model.layout)
    ways = dict(_ways(report.main))
    for name, graph in model.graphs.items():
        known = {node: at for node, at in layout.get(name, {}).items() if node in graph.nodes}
        if len(known) == len(graph.nodes):
            continue
        checked = ways.get(name)
        found = _arranged(graph, model, checked, report, name)
        layout[name] = _beside(known, found) if known else found
    return model if layout == model.layout else replace(model, layout=layout)


def _beside(known: Mapping[str, Point], found: Mapping[str, Point]) -> dict[str, Point]:
    """Keep what has a place, and put the rest below it."""
    low = max(y for _, y in known.values()) + 200
    left = min(x for x, _ in known.values())
    rest = {node: at for node, at in found.items() if node not in known}
    top = min(y for _, y in rest.values())
    first = min(x for x, _ in rest.values())
    return {**known, **{n: (x - first + left, y - top + low) for n, (x, y) in rest.items()}}


def _arranged(
    graph: Graph, model: Model, checked: CheckedGraph | None, report: Report, name: str
) -> dict[str, Point]:
    scene = SceneMaker().make(graph, {}, {}, model, checked, report, name)
    return arrange(graph, *measures(scene))


def measures(scene: object) -> tuple[dict[str, tuple[float, float]], dict]:
    """Tell the sizes of a scene's nodes, and how far down their ports lie."""
    sizes = {name: figure.size for name, figure in scene.nodes.items()}
    ports = {
        (name, port.end.ref.port, port.end.is_input): port.y
        for name, figure in scene.nodes.items()
        for port in (*figure.inputs, *figure.outputs)
    }
    return sizes, ports


def _ways(main: CheckedGraph | None) -> Iterator[tuple[str, CheckedGraph]]:
    """List the graphs inside each other, each as it is where it is met last."""
    waiting, seen = [main] if main else [], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one.name, one
        waiting += [found.inner for found in one.found.values() if found.inner is not None]


def find_place(location: Location, report: Report, model: Model, here: Document) -> Place | None:
    """Find the nodes to enter to see an address, the present place first."""
    if here.editable and here.graph_name == location.graph:
        return here.path
    if location.graph == MAIN:
        return ()
    waiting: list[tuple[Place, CheckedGraph | None, Graph]] = [((), report.main, model.graph)]
    while waiting:
        place, checked, graph = waiting.pop(0)
        for name, node in graph.nodes.items():
            found = checked.found.get(name) if checked else None
            inner = found.inner if found else None
            own = model.blocks.get(node.block) if isinstance(node, Block) else None
            called = node.block if own is not None else type(node).__name__
            if called == location.graph and (own is not None or inner is not None):
                return (*place, name)
            if own is not None or inner is not None:
                waiting.append(((*place, name), inner, own if own is not None else inner.graph))
    return None


def edges_at(graph: Graph, node: str) -> Iterator[tuple[PortRef, PortRef]]:
    """List the edges at a node, each with its target and source."""
    for target, source in graph.edges.items():
        if node in (target.node, source.node):
            yield target, source
