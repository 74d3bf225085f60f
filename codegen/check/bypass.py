"""Bypassed nodes, rewritten away before a model is checked or compiled.

Readers of a bypassed node's outputs read the source of its first connected input instead.  A node
that cannot be bypassed stays in the graph, and the check reports why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from codegen.check.structure import in_order
from nodes.core.graphs.graph import MAIN, Graph, InputNode, Model, OutputNode, PortRef


@dataclass(frozen=True)
class BypassedGraph(Graph):
    """A graph without its bypassed nodes.

    Attributes:
        bypassed: the nodes that are marked as bypassed and cannot be.
        replacements: the port that is read instead of each node that was removed.
    """

    replacements: Mapping[str, PortRef] = field(default_factory=dict)


@dataclass(slots=True)
class BypassRewriter:
    """Removes bypassed nodes, and returns identical objects for graphs it has seen before.

    Attributes:
        graphs: the last graph under each name, before and after.
        blocks: the last result for the blocks of a model.
    """

    graphs: dict[str, tuple[Graph, BypassedGraph]] = field(default_factory=dict)
    blocks: Mapping[str, Graph] = field(default_factory=dict)

    def rewrite(self, model: Model) -> Model:
        """Return the model without the nodes that are bypassed."""
        if not any(graph.bypassed for graph in model.graphs.values()):
            return model
        main = self._graph(MAIN, model.graph, model)
        blocks: Mapping[str, Graph] = {
            name: self._graph(name, graph, model) for name, graph in model.blocks.items()
        }
        for earlier in (model.blocks, self.blocks):
            if _identical(earlier, blocks):
                blocks = earlier
                break
        self.blocks = blocks
        return replace(model, graph=main, blocks=blocks)

    def _graph(self, name: str, graph: Graph, model: Model) -> Graph:
        if not graph.bypassed:
            return graph
        replacements = _replacements(graph, model)
        edges = None
        if name in self.graphs:
            before, after = self.graphs[name]
            if before.edges is graph.edges and after.replacements == replacements:
                if before is graph:
                    return after
                edges = after.edges
        if edges is None:
            edges = _edges(graph, replacements)
        nodes = {key: node for key, node in graph.nodes.items() if key not in replacements}
        remaining = graph.bypassed - replacements.keys()
        result = BypassedGraph(nodes, edges, graph.notes, remaining, replacements)
        self.graphs[name] = graph, result
        return result


def _identical(left: Mapping[str, Graph], right: Mapping[str, Graph]) -> bool:
    """Check that two mappings have the same keys in the same order, with identical graphs."""
    return [*left] == [*right] and all(left[name] is right[name] for name in left)


def _edges(graph: Graph, replacements: Mapping[str, PortRef]) -> dict[PortRef, PortRef]:
    return {
        target: replacements.get(source.node, source)
        for target, source in graph.edges.items()
        if target.node not in replacements
    }


def _replacements(graph: Graph, model: Model) -> dict[str, PortRef]:
    """Find the port that is read instead of each node that can be bypassed."""
    first: dict[str, PortRef] = {}
    for name in graph.nodes.keys() & graph.bypassed:
        node = graph.nodes[name]
        if not isinstance(node, InputNode | OutputNode):
            sources = in_order(model.ports(node)[0], graph.sources[name])
            first.update((name, source) for source in [*sources.values()][:1])
    origins: dict[str, PortRef | None] = {}
    for name in first:
        _resolve(name, first, origins)
    return {name: origin for name, origin in origins.items() if origin is not None}


def _resolve(name: str, first: Mapping[str, PortRef], origins: dict[str, PortRef | None]) -> None:
    """Follow a chain of bypassed nodes to the port before it; None in a cycle of such nodes."""
    chain = []
    origin: PortRef | None = None
    while name in first and name not in origins:
        origins[name] = None
        chain.append(name)
        origin = first[name]
        name = origin.node
    origins.update(dict.fromkeys(chain, origins.get(name, origin)))
