"""Bypassed nodes: taken out of a graph before anything else looks at it.

What arrives at the first connected input of such a node goes on from each of its outputs.  A node
that cannot be passed over stays where it is, and the check says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from codegen.check.structure import in_order
from nodes.core.graphs.graph import MAIN, Graph, InputNode, Model, OutputNode, PortRef


@dataclass(frozen=True)
class BypassedGraph(Graph):
    """A graph as it is without the nodes that are passed over.

    Attributes:
        bypassed: the nodes that should be passed over and cannot be.
        ways: what goes on in the place of each node that is gone.
    """

    ways: Mapping[str, PortRef] = field(default_factory=dict)


@dataclass(slots=True)
class BypassRewriter:
    """Passes over nodes, and gives the same objects again for the same graphs."""

    graphs: dict[str, tuple[Graph, BypassedGraph]] = field(default_factory=dict)
    blocks: Mapping[str, Graph] = field(default_factory=dict)

    def over(self, model: Model) -> Model:
        """Make the model as it is without the nodes that are bypassed."""
        if not any(graph.bypassed for graph in model.graphs.values()):
            return model
        graph = self._graph(MAIN, model.graph, model)
        blocks = {name: self._graph(name, one, model) for name, one in model.blocks.items()}
        for known in (model.blocks, self.blocks):
            if [*map(id, known.values())] == [*map(id, blocks.values())] and [*known] == [*blocks]:
                blocks = known
                break
        self.blocks = blocks
        return replace(model, graph=graph, blocks=blocks)

    def _graph(self, name: str, graph: Graph, model: Model) -> Graph:
        if not graph.bypassed:
            return graph
        ways = _ways(graph, model)
        drawn, passed = self.graphs.get(name, (None, None))
        same = drawn is not None and drawn.edges is graph.edges and passed.ways == ways
        if drawn is not graph or not same:
            edges = passed.edges if same else _edges(graph, ways)
            nodes = {key: node for key, node in graph.nodes.items() if key not in ways}
            passed = BypassedGraph(nodes, edges, graph.notes, graph.bypassed - ways.keys(), ways)
            self.graphs[name] = graph, passed
        return passed


def _edges(graph: Graph, ways: Mapping[str, PortRef]) -> dict[PortRef, PortRef]:
    return {
        target: ways.get(source.node, source)
        for target, source in graph.edges.items()
        if target.node not in ways
    }


def _ways(graph: Graph, model: Model) -> dict[str, PortRef]:
    """Tell what goes on in the place of each node that can be passed over."""
    first: dict[str, PortRef] = {}
    for name in graph.nodes.keys() & graph.bypassed:
        node = graph.nodes[name]
        if not isinstance(node, InputNode | OutputNode):
            sources = in_order(model.ports(node)[0], graph.arriving[name])
            first.update((name, source) for source in [*sources.values()][:1])
    ends: dict[str, PortRef | None] = {}
    for name in first:
        _follow(name, first, ends)
    return {name: end for name, end in ends.items() if end is not None}


def _follow(name: str, first: Mapping[str, PortRef], ends: dict[str, PortRef | None]) -> None:
    """Find what arrives behind a chain of such nodes; nothing where they go round in a circle."""
    way = []
    end: PortRef | None = None
    while name in first and name not in ends:
        ends[name] = None
        way.append(name)
        end = first[name]
        name = end.node
    ends.update(dict.fromkeys(way, ends.get(name, end)))
