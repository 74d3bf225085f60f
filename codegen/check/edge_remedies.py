"""Remedies that move and swap edges, and that remove branches."""

from dataclasses import dataclass, replace

from codegen.check.remedy import join_words
from nodes.core.graphs.graph import Graph, Model, PortRef

MOST_NAMED = 3
"""The most nodes of a branch that a title names."""


@dataclass(frozen=True, slots=True)
class MoveEdge:
    """Let an edge end at another port."""

    graph: str
    target: PortRef
    to: PortRef

    @property
    def title(self) -> str:
        """Such as "Move the edge from b.inptu to b.input"."""
        return f"Move the edge from {self.target} to {self.to}"

    def apply(self, model: Model) -> Model:
        """Replace the target of the edge."""

        def move(graph: Graph) -> Graph:
            source = graph.edges[self.target]
            return graph.without_edge(self.target).with_edge(source, self.to)

        return model.edit(self.graph, move)


@dataclass(frozen=True, slots=True)
class SwapEdges:
    """Swap the sources of two input ports."""

    graph: str
    first: PortRef
    second: PortRef

    @property
    def title(self) -> str:
        """Such as "Swap the edges to a.query and a.key"."""
        return f"Swap the edges to {self.first} and {self.second}"

    def apply(self, model: Model) -> Model:
        """Swap the sources."""

        def swap(graph: Graph) -> Graph:
            edges = graph.edges
            swapped = {self.first: edges[self.second], self.second: edges[self.first]}
            return replace(graph, edges={**edges, **swapped})

        return model.edit(self.graph, swap)


@dataclass(frozen=True, slots=True)
class RemoveBranch:
    """Remove the last node of a branch, and the nodes that only lead to it.

    Attributes:
        graph: the graph.
        nodes: the nodes, the last of the branch first.
    """

    graph: str
    nodes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Such as "Remove e and d", or "Remove e and the 12 nodes before it"."""
        if len(self.nodes) <= MOST_NAMED:
            return f"Remove {join_words(self.nodes)}"
        return f"Remove {self.nodes[0]} and the {len(self.nodes) - 1} nodes before it"

    def apply(self, model: Model) -> Model:
        """Remove the nodes with their edges."""

        def remove(graph: Graph) -> Graph:
            if missing := [name for name in self.nodes if name not in graph.nodes]:
                raise KeyError(missing[0])
            for name in self.nodes:
                graph = graph.without_node(name)
            return graph

        return model.edit(self.graph, remove)
