"""A piece of a graph, taken out and put in elsewhere: what copies, pastes and ungroups."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from builder.commands.editing import apply_graph, clamp_to_canvas, unique_names
from builder.commands.ports import kind_error
from builder.document.document import Document, Selection
from nodes.core.graphs.graph import Comment, Graph, Point, PortRef
from nodes.core.graphs.node import Node


@dataclass(frozen=True)
class Fragment:
    """Nodes with the edges between them, and remarks.

    Attributes:
        graph: the nodes, and the edges between them.
        positions: where they lie.
        comments: frames and comments.
        incoming: the edges that come from elsewhere, by where they end.
    """

    graph: Graph
    positions: Mapping[str, Point] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)
    incoming: Mapping[PortRef, PortRef] = field(default_factory=dict)

    @property
    def corner(self) -> Point:
        """The upper left corner of all of it."""
        points = [*self.positions.values(), *((one.x, one.y) for one in self.comments.values())]
        return min((x for x, _ in points), default=0.0), min((y for _, y in points), default=0.0)


def take(document: Document) -> Fragment:
    """Take a copy of what is selected."""
    graph, selected = document.graph, document.selection
    nodes = {name: node for name, node in graph.nodes.items() if name in selected.nodes}
    edges = {t: s for t, s in graph.edges.items() if t.node in nodes}
    return Fragment(
        Graph(
            nodes,
            {t: s for t, s in edges.items() if s.node in nodes},
            bypassed=graph.bypassed & nodes.keys(),
        ),
        {name: at for name, at in document.positions.items() if name in nodes},
        {name: one for name, one in document.comments.items() if name in selected.comments},
        {t: s for t, s in edges.items() if s.node not in nodes},
    )


def insert_fragment(
    document: Document, piece: Fragment, by: Point, incoming: bool = False
) -> Document:
    """Put a piece into the graph, each thing under a free name, and select it."""
    graph = document.graph
    names = dict(zip(piece.graph.nodes, unique_names(piece.graph.nodes, graph.nodes), strict=True))
    added = renamed(piece.graph, names)
    grown = replace(
        graph,
        nodes={**graph.nodes, **added.nodes},
        edges={**graph.edges, **added.edges},
        bypassed=graph.bypassed | added.bypassed,
    )
    for target, source in piece.incoming.items() if incoming else ():
        there = PortRef(names[target.node], target.port)
        if not kind_error(document.model, grown, source, there):
            grown = grown.with_edge(source, there)
    shift = {names[name]: _by(at, by) for name, at in piece.positions.items()}
    fresh = unique_names(piece.comments, document.comments)
    called = dict(zip(piece.comments, fresh, strict=True))
    if called:
        moved = {called[name]: _moved(one, by) for name, one in piece.comments.items()}
        document = document.with_comments({**document.comments, **moved})
    selection = Selection(frozenset(names.values()), frozenset(), frozenset(called.values()))
    return apply_graph(document, grown, {**document.positions, **shift}, selection)


def renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """Give every node of a graph another name; those not named keep theirs."""

    def moved(ref: PortRef) -> PortRef:
        return PortRef(names.get(ref.node, ref.node), ref.port)

    return replace(
        graph,
        nodes={names.get(name, name): _told(node, names) for name, node in graph.nodes.items()},
        edges={moved(target): moved(source) for target, source in graph.edges.items()},
        bypassed=frozenset(names.get(name, name) for name in graph.bypassed),
    )


def _told(node: Node, names: Mapping[str, str]) -> Node:
    """Let a tie follow the node it names."""
    other = names.get(node.tied_to, node.tied_to)
    return node.model_copy(update={"tie": other}) if other != node.tied_to else node


def _by(at: Point, by: Point) -> Point:
    return at[0] + by[0], at[1] + by[1]


def _moved(comment: Comment, by: Point) -> Comment:
    x, y = clamp_to_canvas(_by((comment.x, comment.y), by))
    return replace(comment, x=x, y=y)
