"""The scene: the cards, edges and comments on the canvas.

Successive scenes share the objects that did not change.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import is_
from typing import NamedTuple, TypeVar

from builder.canvas.card import CardPort, NodeCard, lay_out_card
from builder.canvas.card_model import NO_PROBLEMS, CardInputs, CardModel, ProblemBadge, card_model
from builder.canvas.edge_path import EdgePath, label_position, shape_label
from builder.canvas.edge_routing import obstacle_region, obstacles, route
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.layout.spatial_index import Bounds, SpatialIndex, bounding_box, intersect
from codegen.check import CheckedGraph, Problem, Report, Severity
from codegen.check.checked_graph import CheckedNode
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import Block, Comment, Composite, Graph, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import Dim

K = TypeVar("K")
V = TypeVar("V")

ORIGIN: Point = (0.0, 0.0)


@dataclass(frozen=True)
class Scene:
    """The items on the canvas.

    Attributes:
        nodes: the cards, in z-order from bottom to top.
        positions: the upper left corner of each card.
        edges: the edges by target.
        comments: frames and comments.
    """

    nodes: Mapping[str, NodeCard] = field(default_factory=dict)
    positions: Mapping[str, Point] = field(default_factory=dict)
    edges: Mapping[PortRef, EdgePath] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)

    def bounds(self, name: str) -> Bounds:
        """Return the bounding box of a card."""
        (x, y), (width, height) = self.positions[name], self.nodes[name].size
        return x, y, x + width, y + height

    def find_port(self, end: PortEnd) -> tuple[CardPort, Point] | None:
        """Find a port and its position."""
        card = self.nodes.get(end.ref.node)
        port = card.find(end) if card else None
        if port is None:
            return None
        x, y = self.positions[end.ref.node]
        return port, (x + port.x, y + port.y)

    def at(self, end: PortEnd) -> Point | None:
        """Return the position of a port; None if there is no such port."""
        located = self.find_port(end)
        return located[1] if located else None

    def extent(self, selection: Selection | None = None) -> tuple[Point, Point] | None:
        """Find the bounding box of a selection, or of all items; None if there are none."""
        if selection:
            return _extent(self._boxes(selection))
        return self._whole_extent

    @cached_property
    def _whole_extent(self) -> tuple[Point, Point] | None:
        names = frozenset(self.nodes), frozenset(self.edges), frozenset(self.comments)
        return _extent(self._boxes(Selection(*names)))

    def _boxes(self, selected: Selection) -> Iterator[Bounds]:
        yield from (self.bounds(name) for name in selected.nodes if name in self.nodes)
        yield from (self.edges[target].bounds for target in selected.edges if target in self.edges)
        for name in selected.comments & self.comments.keys():
            comment = self.comments[name]
            yield comment.x, comment.y, comment.x + comment.width, comment.y + comment.height


def _extent(boxes: Iterable[Bounds]) -> tuple[Point, Point] | None:
    """Return two corners of the bounding box of boxes; None if there are none."""
    found = list(boxes)
    if not found:
        return None
    left, top, right, bottom = bounding_box(found)
    return (left, top), (right, bottom)


class GraphFacts(NamedTuple):
    """What a scene shows of a graph besides the graph itself.

    Attributes:
        model: the model that the graph belongs to.
        checked: the shapes of the graph, if they are known.
        report: the problems of the model.
        name: "" for the main graph, the name of a block, or the type of a composite.
    """

    model: Model
    checked: CheckedGraph | None = None
    report: Report | None = None
    name: str = ""

    @property
    def checked_nodes(self) -> Mapping[str, CheckedNode]:
        """The result of the check for each node."""
        return self.checked.nodes if self.checked else {}

    @property
    def problems(self) -> Iterable[Problem]:
        """The problems of the graph; warnings only in graphs that the user can edit."""
        if self.name in self.model.graphs:
            return self.report.problems if self.report else ()
        inside = self.checked.problems if self.checked else ()
        return (problem for problem in inside if problem.severity is not Severity.WARNING)


class EdgesByNode(NamedTuple):
    """The edges of a graph, and the connected ports of each node."""

    edges: Mapping[PortRef, PortRef]
    incoming: Mapping[str, tuple[str, ...]]
    outgoing: Mapping[str, tuple[str, ...]]


class SceneMaker:
    """Makes successive scenes, each of which reuses what did not change since the last."""

    def __init__(self) -> None:
        self._scene = Scene()
        self._ends = EdgesByNode({}, {}, {})
        self._card_inputs: Mapping[str, CardInputs] = {}
        self._models: Mapping[str, CardModel] = {}
        self._positions: Mapping[str, Point] | None = None
        self._card_index: SpatialIndex[str] = SpatialIndex()

    def make(
        self,
        graph: Graph,
        positions: Mapping[str, Point],
        comments: Mapping[str, Comment],
        *facts: *tuple[Model, CheckedGraph | None, Report | None, str],
    ) -> Scene:
        """Make the scene of a graph.

        Args:
            graph: the graph.
            positions: the positions of its nodes; the origin for those that have none.
            comments: its frames and comments.
            facts: the model, the shapes of the graph, the report on the model, and the name of the
                graph, as in `GraphFacts`.
        """
        with gc_paused():
            return self._make(graph, positions, comments, GraphFacts(*facts))

    def _make(
        self,
        graph: Graph,
        positions: Mapping[str, Point],
        comments: Mapping[str, Comment],
        facts: GraphFacts,
    ) -> Scene:
        before = self._scene
        ends = self._ends = self._edges_by_node(graph.edges)
        nodes, changed = self._lay_out_cards(graph, ends, facts)
        placed = self._positions_of(nodes, positions)
        changed |= _moved(before.positions, placed)
        changed_area = self._update_index(Scene(nodes, placed), changed)
        edges = self._edges(ends, Scene(nodes, placed), (changed, changed_area), facts)
        comments = before.comments if comments == before.comments else comments
        parts = nodes, placed, edges, comments
        last = before.nodes, before.positions, before.edges, before.comments
        if not all(map(is_, parts, last)):
            self._scene = Scene(*parts)
        return self._scene

    # -- nodes -----------------------------------------------------------------------------------

    def _lay_out_cards(
        self, graph: Graph, ends: EdgesByNode, facts: GraphFacts
    ) -> tuple[Mapping[str, NodeCard], set[str]]:
        """Lay out the cards; also return the nodes whose inputs changed."""
        badges = _badges(facts)
        last_inputs, last_cards = self._card_inputs, self._scene.nodes
        inputs: dict[str, CardInputs] = {}
        cards: dict[str, NodeCard] = {}
        models: dict[str, CardModel] = {}
        changed: set[str] = set()
        for name, node in graph.nodes.items():
            now = _card_inputs(name, node, (graph, ends, facts, badges))
            then = last_inputs.get(name)
            if then is not None and all(map(is_, now, then)):
                inputs[name], cards[name], models[name] = then, last_cards[name], self._models[name]
                continue
            changed.add(name)
            model = card_model(name, now, facts.model, facts.checked_nodes.get(name))
            last = (self._models[name], last_cards[name]) if then is not None else None
            inputs[name], models[name] = now, model
            cards[name] = last[1] if last and last[0] == model else lay_out_card(model, last)
        self._card_inputs, self._models = inputs, models
        return _reuse(last_cards, cards), changed

    def _positions_of(
        self, nodes: Mapping[str, NodeCard], positions: Mapping[str, Point]
    ) -> Mapping[str, Point]:
        before = self._scene
        if nodes is before.nodes and positions is self._positions:
            return before.positions
        self._positions = positions
        placed = {name: positions.get(name, ORIGIN) for name in nodes}
        return before.positions if placed == before.positions else placed

    # -- edges -----------------------------------------------------------------------------------

    def _edges_by_node(self, edges: Mapping[PortRef, PortRef]) -> EdgesByNode:
        """Group the edges by node, unless they are those of the last scene."""
        before = self._ends
        if edges is before.edges:
            return before
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for target, source in edges.items():
            incoming.setdefault(target.node, []).append(target.port)
            outgoing.setdefault(source.node, []).append(source.port)
        return EdgesByNode(
            edges,
            _sorted_ports(before.incoming, incoming),
            _sorted_ports(before.outgoing, outgoing),
        )

    def _update_index(self, scene: Scene, changed: set[str]) -> Bounds | None:
        """Update the spatial index of cards; return the area that cards left or entered."""
        old = self._card_index.boxes
        removed = old.keys() - scene.nodes.keys()
        now = ((name, scene.bounds(name)) for name in changed)
        added = {name: box for name, box in now if old.get(name) != box}
        self._card_index = self._card_index.changed(removed, added)
        boxes = [*added.values(), *(old[name] for name in {*removed, *added} if name in old)]
        return bounding_box(boxes) if boxes else None

    def _edges(
        self,
        ends: EdgesByNode,
        scene: Scene,
        changes: tuple[set[str], Bounds | None],
        facts: GraphFacts,
    ) -> Mapping[PortRef, EdgePath]:
        """Route the edges that are new, whose ends changed, or that pass the changed area."""
        last_edges, (changed, changed_area) = self._scene.edges, changes
        edges: dict[PortRef, EdgePath] = {}
        for target, source in ends.edges.items():
            last = last_edges.get(target)
            if last is not None and last.source == source:
                kept = target.node not in changed and source.node not in changed
                if kept and not (changed_area and _may_cross(last, changed_area)):
                    edges[target] = last
                    continue
            edge = self._edge(target, source, scene, facts)
            if edge is not None:
                edges[target] = last if last is not None and last == edge else edge
        return _reuse(last_edges, edges)

    def _edge(
        self, target: PortRef, source: PortRef, scene: Scene, facts: GraphFacts
    ) -> EdgePath | None:
        """Route an edge; None if one of its nodes does not exist."""
        begin, end = scene.find_port(PortEnd(source, False)), scene.at(PortEnd(target, True))
        if begin is None or end is None:
            return None
        port, start = begin
        boxes = self._card_index.boxes
        between = obstacles(obstacle_region(start, end), self._card_index)
        points = route(start, end, boxes[source.node], boxes[target.node], between)
        spec = facts.checked.spec(source) if facts.checked else None
        return EdgePath(
            target=target,
            source=source,
            points=points,
            label=shape_label(spec, facts.model.sizes),
            label_at=label_position(points),
            kind=spec.kind if spec else port.kind,
            bad=target.port in self._card_inputs[target.node].badge.ports,
            waiting=facts.checked is not None and spec is None,
        )


def _card_inputs(
    name: str, node: Node, around: tuple[Graph, EdgesByNode, GraphFacts, Mapping[str, ProblemBadge]]
) -> CardInputs:
    graph, ends, facts, badges = around
    checked = facts.checked
    checked_node = checked.nodes.get(name) if checked else None
    bypassed = name in graph.bypassed
    inferred: object = checked_node.inferred if checked_node else None
    if checked and bypassed and checked_node is None:
        # The check does not visit bypassed nodes: take the spec that is passed through.
        inferred = checked.spec(PortRef(name, ""))
    context: object = None
    if isinstance(node, Composite):
        context = facts.model.blocks.get(node.block) if isinstance(node, Block) else None
        if isinstance(node.repeat, Dim):
            context = context, facts.model.hyperparameters
    return CardInputs(
        node,
        ends.incoming.get(name, ()),
        ends.outgoing.get(name, ()),
        inferred,
        badges.get(name, NO_PROBLEMS),
        checked is not None
        and (name in checked.waiting or (checked_node is None and inferred is None)),
        bypassed,
        context,
    )


def _badges(facts: GraphFacts) -> Mapping[str, ProblemBadge]:
    """Group the problems by node; errors inside a block are shown on its node as well."""
    badges: dict[str, ProblemBadge] = {}
    elsewhere = False
    for problem in facts.problems:
        location = problem.location
        if location.graph == facts.name and location.node:
            badges[location.node] = _worst(
                badges.get(location.node, NO_PROBLEMS), problem, location.port
            )
        elsewhere = elsewhere or location.graph != facts.name
    inside = facts.checked_nodes.items() if elsewhere else ()
    for name, checked_node in inside:
        for problem in checked_node.problems if isinstance(checked_node.node, Block) else ():
            if problem.severity is Severity.ERROR:
                badges[name] = _worst(badges.get(name, NO_PROBLEMS), problem)
    return badges


def _worst(badge: ProblemBadge, problem: Problem, port: str = "") -> ProblemBadge:
    ranks = list(Severity)
    severity = min(filter(None, (badge.severity, problem.severity)), key=ranks.index)
    bad = {port} if port and problem.severity is Severity.ERROR else set()
    return ProblemBadge(severity, badge.ports | bad)


def _sorted_ports(
    before: Mapping[str, tuple[str, ...]], now: Mapping[str, list[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Sort the ports of each node, and reuse the tuples that did not change."""
    ports_of: dict[str, tuple[str, ...]] = {}
    for name, ports in now.items():
        ordered, last = tuple(sorted(set(ports))), before.get(name)
        ports_of[name] = last if last is not None and last == ordered else ordered
    return ports_of


def _reuse(before: Mapping[K, V], now: Mapping[K, V]) -> Mapping[K, V]:
    """Return the earlier mapping if its keys, their order and its values did not change."""
    same = len(before) == len(now) and all(map(is_, before.values(), now.values()))
    return before if same and list(before) == list(now) else now


def _may_cross(edge: EdgePath, area: Bounds) -> bool:
    """Return whether cards in an area may be obstacles of an edge."""
    own = obstacle_region(edge.points[0], edge.points[-1])
    return own is not None and intersect(own, area)


def _moved(before: Mapping[str, Point], now: Mapping[str, Point]) -> set[str]:
    """Return the nodes whose position changed."""
    if before is now:
        return set()
    return {name for name, at in now.items() if before.get(name) != at}
