"""What the user edits: a model, the graph of it that is shown, and what is selected.  Immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from nodes.core.graphs.graph import MAIN, Block, Comment, Graph, Model, Point, PortRef


class Refused(Exception):
    """A command that cannot be done; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected in the graph that is shown.

    Attributes:
        nodes: names of nodes.
        edges: the input ports at which edges end.
        comments: names of frames and comments.
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


NOTHING = Selection()


@dataclass(frozen=True)
class Document:
    """A model as it stands in the window.

    Attributes:
        model: all that a file holds.
        place: the nodes entered one after the other, from the main graph on.
        selection: what is selected there.
    """

    model: Model = field(default_factory=Model)
    place: tuple[str, ...] = ()
    selection: Selection = NOTHING

    @cached_property
    def _way(self) -> tuple[str, int]:
        """Tell the innermost graph of the user's own on the way in, and how far in it lies."""
        name = MAIN
        for depth, step in enumerate(self.place):
            node = self.model.graphs[name].nodes.get(step)
            if not isinstance(node, Block) or node.block not in self.model.blocks:
                return name, depth
            name = node.block
        return name, len(self.place)

    @property
    def graph_name(self) -> str:
        """The graph that is edited here: "" for the main one, or the name of a block."""
        return self._way[0]

    @property
    def editable(self) -> bool:
        """Tell whether a graph of the user's own is shown, not the inside of a composite."""
        return self._way[1] == len(self.place)

    @property
    def graph(self) -> Graph:
        """The graph that is edited here."""
        return self.model.graphs[self.graph_name]

    @property
    def positions(self) -> Mapping[str, Point]:
        """Where the nodes of the graph lie, by name, in canvas units."""
        return self.model.layout.get(self.graph_name, {})

    @property
    def comments(self) -> Mapping[str, Comment]:
        """The frames and comments of the graph, by name."""
        return self.model.comments.get(self.graph_name, {})

    def with_graph(self, graph: Graph, positions: Mapping[str, Point] | None = None) -> Self:
        """Replace the graph that is edited here, and where its nodes lie."""
        model = self.model
        if graph is not self.graph:
            model = model.with_graph(self.graph_name, graph)
        if positions is not None and positions is not self.positions:
            model = replace(model, layout={**model.layout, self.graph_name: positions})
        return replace(self, model=model)

    def with_comments(self, comments: Mapping[str, Comment]) -> Self:
        """Replace the frames and comments of the graph."""
        kept = {**self.model.comments, self.graph_name: comments}
        return replace(self, model=replace(self.model, comments=kept))

    def selecting(self, selection: Selection) -> Self:
        """Select something else."""
        return replace(self, selection=selection)

    def at(self, place: tuple[str, ...]) -> Self:
        """Go to another graph, where nothing is selected."""
        return replace(self, place=place, selection=NOTHING)

    def settled(self) -> Self:
        """Leave what is no longer there: places, and selected things."""
        place = self.place
        if not self.editable:
            outer = self.graph.nodes.get(place[self._way[1]])
            place = place if outer is not None else place[: self._way[1]]
        found = replace(self, place=place)
        if found.editable:
            kept = found.selection
            selection = Selection(
                kept.nodes & found.graph.nodes.keys(),
                kept.edges & found.graph.edges.keys(),
                kept.comments & found.comments.keys(),
            )
            found = found if selection == kept else replace(found, selection=selection)
        return found if found != self else self
