"""What the canvas shows of a graph; what did not change from one scene to the next is the same."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import is_
from typing import NamedTuple

from builder.canvas.card import NodeCard, figure
from builder.canvas.card_model import CLEAN, CardInputs, CardModel, Mark, card_model
from builder.canvas.edge_path import EdgePath, label, middle
from builder.canvas.edge_routing import region, route
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.layout.spatial_index import Bounds, SpatialIndex, bounding_box, intersect
from codegen.check import CheckedGraph, Problem, Report, Severity
from codegen.check.inference import CheckedNode
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import Block, Comment, Composite, Graph, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import Dim

ORIGIN: Point = (0.0, 0.0)


@dataclass(frozen=True)
class Scene:
    """What lies on the canvas.

    Attributes:
        nodes: the cards, the topmost last.
        positions: the upper left corner of each.
        edges: by the port at which they end.
        comments: frames and comments.
    """

    nodes: Mapping[str, NodeCard] = field(default_factory=dict)
    positions: Mapping[str, Point] = field(default_factory=dict)
    edges: Mapping[PortRef, EdgePath] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)

    def bounds(self, name: str) -> Bounds:
        """Tell where a card lies."""
        (x, y), (across, down) = self.positions[name], self.nodes[name].size
        return x, y, x + across, y + down

    def at(self, end: PortEnd) -> Point | None:
        """Tell where a port is, if there is such a port."""
        node = self.nodes.get(end.ref.node)
        port = node.find(end) if node else None
        if port is None:
            return None
        x, y = self.positions[end.ref.node]
        return x + port.x, y + port.y

    def extent(self, selection: Selection | None = None) -> tuple[Point, Point] | None:
        """Find the least box around what is selected, or around everything; None around nothing."""
        boxes = list(self._boxes(selection))
        if not boxes:
            return None
        left, top, right, bottom = zip(*boxes, strict=True)
        return (min(left), min(top)), (max(right), max(bottom))

    def _boxes(self, selection: Selection | None) -> Iterator[Bounds]:
        chosen = selection or Selection(
            frozenset(self.nodes), frozenset(self.edges), frozenset(self.comments)
        )
        yield from (self.bounds(name) for name in chosen.nodes if name in self.nodes)
        yield from (self.edges[target].bounds for target in chosen.edges if target in self.edges)
        for name in chosen.comments & self.comments.keys():
            one = self.comments[name]
            yield one.x, one.y, one.x + one.width, one.y + one.height


class Facts(NamedTuple):
    """What is known of a graph besides itself.

    Attributes:
        model: the model that it is part of.
        checked: its flows; None where there are none.
        report: the problems of the model.
        name: "" for the main graph, the name of a block, or the type of a composite.
    """

    model: Model
    checked: CheckedGraph | None = None
    report: Report | None = None
    name: str = ""

    @property
    def found(self) -> Mapping[str, CheckedNode]:
        """What the check found for each node."""
        return self.checked.found if self.checked else {}

    @property
    def problems(self) -> Iterable[Problem]:
        """The problems of the graph; only what is the user's own can be warned of."""
        if self.name in self.model.graphs:
            return self.report.problems if self.report else ()
        inside = self.checked.problems if self.checked else ()
        return (one for one in inside if one.severity is not Severity.WARNING)


class Ends(NamedTuple):
    """The edges of a graph, by the nodes they touch."""

    edges: Mapping[PortRef, PortRef]
    incoming: Mapping[str, tuple[str, ...]]
    outgoing: Mapping[str, tuple[str, ...]]


class SceneMaker:
    """Makes one scene after the other, and takes from the last what still holds."""

    def __init__(self) -> None:
        self._scene = Scene()
        self._ends = Ends({}, {}, {})
        self._standings: Mapping[str, CardInputs] = {}
        self._traits: Mapping[str, CardModel] = {}
        self._places: Mapping[str, Point] | None = None
        self._cards: SpatialIndex[str] = SpatialIndex()

    def make(
        self,
        graph: Graph,
        positions: Mapping[str, Point],
        comments: Mapping[str, Comment],
        *known: *tuple[Model, CheckedGraph | None, Report | None, str],
    ) -> Scene:
        """Make the scene of a graph.

        Args:
            graph: its nodes and edges.
            positions: where the nodes lie; at the origin, without one.
            comments: its frames and comments.
            known: the model, the flows of the graph, the report on the model, and the name of the
                graph, as in `Facts`.
        """
        with gc_paused():
            return self._make(graph, positions, comments, Facts(*known))

    def _make(
        self,
        graph: Graph,
        positions: Mapping[str, Point],
        comments: Mapping[str, Comment],
        facts: Facts,
    ) -> Scene:
        before = self._scene
        ends = self._ends = self._sorted(graph.edges)
        nodes, stale = self._figures(graph, ends, facts)
        placed = self._placed(nodes, positions)
        stale |= _changed(before.positions, placed)
        stirred = self._sort_cards(Scene(nodes, placed), stale)
        edges = self._edges(ends, Scene(nodes, placed), (stale, stirred), facts)
        comments = before.comments if comments == before.comments else comments
        scene = Scene(nodes, placed, edges, comments)
        parts = nodes, placed, edges, comments
        last = before.nodes, before.positions, before.edges, before.comments
        if not all(map(is_, parts, last)):
            self._scene = scene
        return self._scene

    # -- nodes -----------------------------------------------------------------------------------

    def _figures(
        self, graph: Graph, ends: Ends, facts: Facts
    ) -> tuple[Mapping[str, NodeCard], set[str]]:
        """Make the cards, and tell for which nodes anything is other than before."""
        marks = _marks(facts)
        before, drawn = self._standings, self._scene.nodes
        standings: dict[str, CardInputs] = {}
        figures: dict[str, NodeCard] = {}
        known: dict[str, CardModel] = {}
        stale: set[str] = set()
        for name, node in graph.nodes.items():
            now, then = _standing(name, node, (graph, ends, facts, marks)), before.get(name)
            if then is not None and all(map(is_, now, then)):
                standings[name], figures[name], known[name] = then, drawn[name], self._traits[name]
                continue
            stale.add(name)
            one = card_model(name, now, facts.model, facts.found.get(name))
            last = (self._traits[name], drawn[name]) if then is not None else None
            standings[name], known[name] = now, one
            figures[name] = last[1] if last and last[0] == one else figure(one, last)
        self._standings, self._traits = standings, known
        return _kept(drawn, figures), stale

    def _placed(
        self, nodes: Mapping[str, NodeCard], positions: Mapping[str, Point]
    ) -> Mapping[str, Point]:
        before = self._scene
        if nodes is before.nodes and positions is self._places:
            return before.positions
        self._places = positions
        placed = {name: positions.get(name, ORIGIN) for name in nodes}
        return before.positions if placed == before.positions else placed

    # -- edges -----------------------------------------------------------------------------------

    def _sorted(self, edges: Mapping[PortRef, PortRef]) -> Ends:
        """Sort the edges by node, or find them sorted already."""
        before = self._ends
        if edges is before.edges:
            return before
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for target, source in edges.items():
            incoming.setdefault(target.node, []).append(target.port)
            outgoing.setdefault(source.node, []).append(source.port)
        return Ends(edges, _merged(before.incoming, incoming), _merged(before.outgoing, outgoing))

    def _sort_cards(self, scene: Scene, stale: set[str]) -> Bounds | None:
        """Sort the cards by where they lie; tell where any were and are that do not lie still."""
        old = self._cards.boxes
        gone = old.keys() - scene.nodes.keys()
        now = ((name, scene.bounds(name)) for name in stale)
        come = {name: box for name, box in now if old.get(name) != box}
        self._cards = self._cards.changed(gone, come)
        boxes = [*come.values(), *(old[name] for name in {*gone, *come} if name in old)]
        return bounding_box(boxes) if boxes else None

    def _edges(
        self, ends: Ends, scene: Scene, other: tuple[set[str], Bounds | None], facts: Facts
    ) -> Mapping[PortRef, EdgePath]:
        """Draw anew what edges are new, end at changed nodes, or pass where cards were stirred."""
        drawn, (stale, stirred) = self._scene.edges, other
        edges: dict[PortRef, EdgePath] = {}
        for target, source in ends.edges.items():
            known = drawn.get(target)
            same = known is not None and known.source == source
            same = same and target.node not in stale and source.node not in stale
            if not same or (stirred and _passes(known, stirred)):
                made = self._edge(target, source, scene, facts)
                if made is None:
                    continue
                known = known if made == known else made
            edges[target] = known
        return _kept(drawn, edges)

    def _edge(
        self, target: PortRef, source: PortRef, scene: Scene, facts: Facts
    ) -> EdgePath | None:
        """Draw an edge; None where there is no node at one of its ends."""
        start, end = scene.at(PortEnd(source, False)), scene.at(PortEnd(target, True))
        if start is None or end is None:
            return None
        area, boxes = region(start, end), self._cards.boxes
        between = (boxes[name] for name in self._cards.touching(area)) if area else ()
        points = route(start, end, boxes[source.node], boxes[target.node], between)
        spec = facts.checked.spec(source) if facts.checked else None
        return EdgePath(
            target=target,
            source=source,
            points=points,
            label=label(spec, facts.model.sizes),
            label_at=middle(points),
            kind=spec.kind if spec else scene.nodes[source.node].find(PortEnd(source, False)).kind,
            bad=target.port in self._standings[target.node].mark.ports,
            waiting=facts.checked is not None and spec is None,
        )


def _standing(
    name: str, node: Node, around: tuple[Graph, Ends, Facts, Mapping[str, Mark]]
) -> CardInputs:
    graph, ends, facts, marks = around
    checked = facts.checked
    found = checked.found.get(name) if checked else None
    passed = name in graph.bypassed
    flowing: object = found.inferred if found else None
    if checked and passed and found is None:
        # It is not there for the check; what arrives at it goes on.
        flowing = checked.spec(PortRef(name, ""))
    beyond = None
    if isinstance(node, Composite):
        beyond = facts.model.blocks.get(node.block) if isinstance(node, Block) else None
        if isinstance(node.repeat, Dim):
            beyond = beyond, facts.model.hyperparameters
    return CardInputs(
        node,
        ends.incoming.get(name, ()),
        ends.outgoing.get(name, ()),
        flowing,
        marks.get(name, CLEAN),
        checked is not None and (name in checked.waiting or (found is None and flowing is None)),
        passed,
        beyond,
    )


def _marks(facts: Facts) -> Mapping[str, Mark]:
    """Sort the problems by node; what is wrong in a block is wrong with its node as well."""
    marks: dict[str, Mark] = {}
    elsewhere = False
    for problem in facts.problems:
        where = problem.where
        if where.graph == facts.name and where.node:
            marks[where.node] = _worse(marks.get(where.node, CLEAN), problem, where.port)
        elsewhere = elsewhere or where.graph != facts.name
    inside = facts.found.items() if elsewhere else ()
    for name, found in inside:
        for problem in found.problems if isinstance(found.node, Block) else ():
            if problem.severity is Severity.ERROR:
                marks[name] = _worse(marks.get(name, CLEAN), problem)
    return marks


def _worse(mark: Mark, problem: Problem, port: str = "") -> Mark:
    ranks = list(Severity)
    badge = min(filter(None, (mark.badge, problem.severity)), key=ranks.index)
    bad = {port} if port and problem.severity is Severity.ERROR else set()
    return Mark(badge, mark.ports | bad)


def _merged(
    before: Mapping[str, tuple[str, ...]], now: Mapping[str, list[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Sort the ports of each node, and keep the tuples that are as they were."""
    merged: dict[str, tuple[str, ...]] = {}
    for name, ports in now.items():
        ordered, known = tuple(sorted(set(ports))), before.get(name)
        merged[name] = known if known == ordered else ordered
    return merged


def _kept(before: Mapping, now: Mapping) -> Mapping:
    """Keep a mapping if nothing in it has changed, its order neither."""
    alike = len(before) == len(now) and all(map(is_, before.values(), now.values()))
    return before if alike and list(before) == list(now) else now


def _passes(edge: EdgePath, area: Bounds) -> bool:
    """Tell whether what lies in an area may be in the way of an edge."""
    own = region(edge.points[0], edge.points[-1])
    return own is not None and intersect(own, area)


def _changed(before: Mapping[str, Point], now: Mapping[str, Point]) -> set[str]:
    """Tell which nodes lie elsewhere."""
    if before is now:
        return set()
    return {name for name, at in now.items() if before.get(name) != at}
