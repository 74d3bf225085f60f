"""What the user edits: a model, the graph of it that is shown, and the selection.  Immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self
from uuid import uuid4

from nodes.core.graphs.graph import MAIN, Block, Comment, Graph, Model, Point, PortRef

READ_ONLY = "the inside of a composite is read-only; ungroup the composite to edit it"
"""Why no command applies where `Document.editable` is false."""


class Refused(Exception):
    """A command does not apply; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected in the graph that is shown.

    Attributes:
        nodes: names of nodes.
        edges: edges, each by the input port at which it ends.
        comments: names of comments and frames.
    """

    nodes: frozenset[str] = frozenset()
    edges: frozenset[PortRef] = frozenset()
    comments: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges or self.comments)

    @classmethod
    def of(cls, *nodes: str) -> Self:
        """Select nodes."""
        return cls(frozenset(nodes))


EMPTY_SELECTION = Selection()


@dataclass(frozen=True)
class Document:
    """A model with its view: which graph is shown, and what is selected there.

    Attributes:
        model: the content of the file.
        path: the nodes entered one after the other, from the main graph on.
        selection: what is selected in the graph that is shown.
        notices: what a command changed besides what it is for, a sentence each; `Store.commit`
            passes them on to the user.
        origin: the same for all documents that edits made of one, and for no other.
    """

    model: Model = field(default_factory=Model)
    path: tuple[str, ...] = ()
    selection: Selection = EMPTY_SELECTION
    notices: tuple[str, ...] = field(default=(), compare=False)
    origin: str = field(default_factory=lambda: uuid4().hex, compare=False, repr=False)

    @cached_property
    def _innermost(self) -> tuple[str, int]:
        """The innermost editable graph along the path, and the number of steps to it."""
        name = MAIN
        for depth, step in enumerate(self.path):
            node = self.model.graphs[name].nodes.get(step)
            if not isinstance(node, Block) or node.block not in self.model.blocks:
                return name, depth
            name = node.block
        return name, len(self.path)

    @property
    def graph_name(self) -> str:
        """The graph that is edited: "" for the main one, or the name of a block."""
        return self._innermost[0]

    @property
    def editable(self) -> bool:
        """Whether the graph that is shown is the user's own, not the inside of a composite."""
        return self._innermost[1] == len(self.path)

    @property
    def graph(self) -> Graph:
        """The graph that is edited."""
        return self.model.graphs[self.graph_name]

    @property
    def positions(self) -> Mapping[str, Point]:
        """The positions of the nodes of the graph, by name, in canvas units."""
        return self.model.layout.get(self.graph_name, {})

    @property
    def comments(self) -> Mapping[str, Comment]:
        """The comments and frames of the graph, by name."""
        return self.model.comments.get(self.graph_name, {})

    def with_graph(self, graph: Graph, positions: Mapping[str, Point] | None = None) -> Self:
        """Replace the graph that is edited, and the positions of its nodes."""
        model = self.model
        if graph is not self.graph:
            model = model.with_graph(self.graph_name, graph)
        if positions is not None and positions is not self.positions:
            model = replace(model, layout={**model.layout, self.graph_name: positions})
        return replace(self, model=model)

    def with_comments(self, comments: Mapping[str, Comment]) -> Self:
        """Replace the comments and frames of the graph."""
        by_graph = {**self.model.comments, self.graph_name: comments}
        return replace(self, model=replace(self.model, comments=by_graph))

    def selecting(self, selection: Selection) -> Self:
        """Replace the selection."""
        return replace(self, selection=selection)

    def noting(self, *notices: str) -> Self:
        """Add notices."""
        return replace(self, notices=(*self.notices, *notices)) if notices else self

    def at(self, path: tuple[str, ...]) -> Self:
        """Show another graph, with an empty selection."""
        return replace(self, path=path, selection=EMPTY_SELECTION)

    def normalized(self) -> Self:
        """Drop what no longer exists from the path and the selection."""
        path = self.path
        if not self.editable:
            depth = self._innermost[1]
            path = path if path[depth] in self.graph.nodes else path[:depth]
        document = replace(self, path=path)
        if document.editable:
            old = document.selection
            selection = Selection(
                old.nodes & document.graph.nodes.keys(),
                old.edges & document.graph.edges.keys(),
                old.comments & document.comments.keys(),
            )
            if selection != old:
                document = replace(document, selection=selection)
        return document if document != self else self
