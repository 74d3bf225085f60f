"""Clipboard fragments: part of a graph, copied and inserted elsewhere.

A copied node refers to others by name: to the sources of its edges, and to the node that it is tied
to.  A name of a node that is not copied too means that node only in the graph that it was copied
from; everywhere else the reference is dropped, and a notice says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from builder.commands.editing import apply_graph, clamp_to_canvas, taken_names, unique_names
from builder.commands.ports import kind_error
from builder.commands.ties import fingerprint, follow_tie, ties_outside, with_ties
from builder.document.document import Document, Selection
from nodes.core.graphs.graph import Comment, Graph, Point, PortRef


@dataclass(frozen=True)
class Fragment:
    """Nodes with the edges between them, and comments.

    Attributes:
        graph: the nodes, and the edges between them.
        positions: the positions of the nodes.
        comments: comments and frames.
        incoming: the edges from other nodes: their sources by target.
        origin: the graph that it was copied from.
        tied: the fingerprints of the other nodes that the nodes are tied to, by name.
    """

    graph: Graph
    positions: Mapping[str, Point] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)
    incoming: Mapping[PortRef, PortRef] = field(default_factory=dict)
    origin: str = ""
    tied: Mapping[str, str] = field(default_factory=dict)

    @property
    def corner(self) -> Point:
        """The upper left corner of its bounding box."""
        points = [
            *self.positions.values(),
            *((comment.x, comment.y) for comment in self.comments.values()),
        ]
        return min((x for x, _ in points), default=0.0), min((y for _, y in points), default=0.0)


def copy_fragment(document: Document) -> Fragment:
    """Copy the selection."""
    graph, selected = document.graph, document.selection
    nodes = {name: node for name, node in graph.nodes.items() if name in selected.nodes}
    edges = {t: s for t, s in graph.edges.items() if t.node in nodes}
    copied = Graph(
        nodes,
        {t: s for t, s in edges.items() if s.node in nodes},
        bypassed=graph.bypassed & nodes.keys(),
    )
    copied = _with_direct_ties(graph, copied)
    others = ties_outside(copied, nodes).values()
    return Fragment(
        copied,
        {name: at for name, at in document.positions.items() if name in nodes},
        {name: comment for name, comment in document.comments.items() if name in selected.comments},
        {t: s for t, s in edges.items() if s.node not in nodes},
        origin_of(document),
        {other: fingerprint(graph, other) for other in others},
    )


def _with_direct_ties(graph: Graph, copied: Graph) -> Graph:
    """Tie copied nodes past those that are not copied: to a copied one, or to the owner."""
    ends = {
        name: follow_tie(graph, copied, other)
        for name, other in ties_outside(copied, copied.nodes).items()
    }
    direct = {name: node or owner for name, (owner, node) in ends.items() if node != name}
    return with_ties(copied, direct)


def origin_of(document: Document) -> str:
    """Identify the graph that is edited, among those of all documents."""
    return f"{document.origin} {document.graph_name}"


def insert_fragment(
    document: Document, fragment: Fragment, offset: Point, incoming: bool = False
) -> Document:
    """Insert a fragment under free names, and select it.

    Args:
        document: the document.
        fragment: the fragment.
        offset: the displacement of its positions.
        incoming: insert the edges from other nodes too, where these exist.
    """
    graph = document.graph
    old_names = fragment.graph.nodes
    names = dict(zip(old_names, unique_names(old_names, taken_names(graph)), strict=True))
    copied, notices = _with_known_ties(fragment, document, names)
    added = rename_nodes(copied, names)
    graph = replace(
        graph,
        nodes={**graph.nodes, **added.nodes},
        edges={**graph.edges, **added.edges},
        bypassed=graph.bypassed | added.bypassed,
    )
    for old_target, source in fragment.incoming.items() if incoming else ():
        target = PortRef(names[old_target.node], old_target.port)
        if fragment.origin != origin_of(document):
            notices.append(f"{target} is not connected: {source} is in another graph")
        elif kind_error(document.model, graph, source, target):
            notices.append(f"{target} is not connected: {source} no longer exists or fits")
        else:
            graph = graph.with_edge(source, target)
    positions = {names[name]: _moved(at, offset) for name, at in fragment.positions.items()}
    new_comments = unique_names(fragment.comments, document.comments)
    comment_names = dict(zip(fragment.comments, new_comments, strict=True))
    if comment_names:
        moved = {
            comment_names[name]: _moved_comment(comment, offset)
            for name, comment in fragment.comments.items()
        }
        document = document.with_comments({**document.comments, **moved})
    selection = Selection(frozenset(names.values()), frozenset(), frozenset(new_comments))
    document = document.noting(*notices)
    return apply_graph(document, graph, {**document.positions, **positions}, selection)


def _with_known_ties(
    fragment: Fragment, document: Document, names: Mapping[str, str]
) -> tuple[Graph, list[str]]:
    """Clear the ties to nodes that are not copied, unless they are the same nodes here."""
    is_same_graph = fragment.origin == origin_of(document)
    cleared = {
        name: other
        for name, other in ties_outside(fragment.graph, fragment.graph.nodes).items()
        if not is_same_graph or fragment.tied.get(other) != fingerprint(document.graph, other)
    }
    reason = "has changed since it was copied" if is_same_graph else "is in another graph"
    heirs: dict[str, str] = {}
    ties, notices = {}, []
    for name, other in cleared.items():
        heir = heirs.setdefault(other, name)
        ties[name] = "" if heir == name else heir
        weight = "a weight of its own" if heir == name else f"the weight of {names[heir]}"
        notices.append(
            f"{names[name]} has {weight}: {other}, whose weight {name} shares, {reason}; "
            "copy both to keep the tie"
        )
    return with_ties(fragment.graph, ties), notices


def rename_nodes(graph: Graph, names: Mapping[str, str]) -> Graph:
    """Rename nodes of a graph; those without a new name keep theirs."""

    def renamed(ref: PortRef) -> PortRef:
        return PortRef(names.get(ref.node, ref.node), ref.port)

    ties = {name: node.tied_to for name, node in graph.nodes.items() if node.tied_to in names}
    graph = with_ties(graph, {name: names[other] for name, other in ties.items()})
    return replace(
        graph,
        nodes={names.get(name, name): node for name, node in graph.nodes.items()},
        edges={renamed(target): renamed(source) for target, source in graph.edges.items()},
        bypassed=frozenset(names.get(name, name) for name in graph.bypassed),
    )


def _moved(at: Point, offset: Point) -> Point:
    return at[0] + offset[0], at[1] + offset[1]


def _moved_comment(comment: Comment, offset: Point) -> Comment:
    x, y = clamp_to_canvas(_moved((comment.x, comment.y), offset))
    return replace(comment, x=x, y=y)
