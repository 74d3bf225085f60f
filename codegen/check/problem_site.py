"""What lies around a problem: its node, the edges at it, and what is known of their shapes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codegen.check.checked_graph import CheckedGraph
from codegen.check.problem import Problem
from nodes.core.graphs.graph import MAIN, Block, Graph, Model, OutputNode, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, TensorSpec, find_input
from nodes.core.shapes.shape import Shape

MOST_OUTPUTS = 400
"""The most output ports that candidates are looked for among."""


@dataclass(frozen=True)
class ProblemSite:
    """A problem with what lies around it.

    Attributes:
        model: the model.
        main: its checked main graph; None if there is none.
        problem: the problem.
        problems: all problems of the model.
    """

    model: Model
    main: CheckedGraph | None
    problem: Problem
    problems: tuple[Problem, ...] = field(repr=False)

    @property
    def graph_name(self) -> str:
        """The name of the graph that the problem is in."""
        return self.problem.location.graph

    @property
    def name(self) -> str:
        """The name of the node; "" if the problem is at none."""
        return self.problem.location.node

    @cached_property
    def graph(self) -> Graph:
        """The graph that the problem is in."""
        return self.model.graphs.get(self.graph_name, Graph())

    @cached_property
    def node(self) -> Node | None:
        """The node that the problem is at."""
        return self.graph.nodes.get(self.name)

    @cached_property
    def checked(self) -> CheckedGraph | None:
        """The checked graph that the problem is in, of a block that of its first use."""
        return find_checked(self.main, self.graph_name)

    @cached_property
    def input(self) -> Input | None:
        """The declaration of the input port that the problem is at."""
        if self.node is None:
            return None
        name = self.problem.location.port
        inputs = self.model.ports(self.node)[0]
        return find_input(inputs, name) or next((p for p in inputs if p.name == name), None)

    @property
    def target(self) -> PortRef:
        """The end of the edge at the port that the problem is at, or of one that is missing."""
        name = self.problem.location.port
        if self.input is not None and self.input.variadic and "." not in name:
            name = f"{name}.0"
        return PortRef(self.name, name)

    def spec(self, ref: PortRef) -> TensorSpec | None:
        """Look up what an output port carries, if that is known."""
        return self.checked.spec(ref) if self.checked else None

    @cached_property
    def specs(self) -> Mapping[str, TensorSpec]:
        """What the other inputs of the node carry, as far as known."""
        sources = self.graph.sources.get(self.name, {})
        known = {port: self.spec(ref) for port, ref in sources.items()}
        return {
            port: spec
            for port, spec in known.items()
            if spec is not None and port != self.target.port
        }

    @cached_property
    def wanted(self) -> Shape | None:
        """The shape that the loss takes, at the output of a model with a recipe."""
        recipe = self.model.recipe
        if recipe is None or self.graph_name != MAIN or not isinstance(self.node, OutputNode):
            return None
        return recipe.shape(recipe.output_shape)

    @cached_property
    def downstream(self) -> frozenset[str]:
        """The node and all that depend on it."""
        return reached(self.graph, self.name)

    def outputs(self) -> Iterator[PortRef]:
        """Iterate over the output ports that an edge to the node may come from, nearest first."""
        order = self._order()
        count = 0
        for name in order:
            if name in self.downstream or name not in self.graph.nodes:
                continue
            for port in self.model.ports(self.graph.nodes[name])[1]:
                count += 1
                if count > MOST_OUTPUTS:
                    return
                yield PortRef(name, port.name)

    def _order(self) -> list[str]:
        """Order the nodes: those before the node from near to far, then the others."""
        names = [*self.graph.nodes]
        if self.checked is not None:
            known = dict.fromkeys(self.checked.nodes)
            names = [*known, *(name for name in names if name not in known)]
        if self.name not in names:
            return names[::-1]
        at = names.index(self.name)
        return [*reversed(names[:at]), *names[at + 1 :]]


def reached(graph: Graph, name: str) -> frozenset[str]:
    """Return a node and all that depend on it."""
    readers: dict[str, list[str]] = {}
    for target, source in graph.edges.items():
        readers.setdefault(source.node, []).append(target.node)
    found, pending = {name}, [name]
    while pending:
        following = [reader for reader in readers.get(pending.pop(), ()) if reader not in found]
        found.update(following)
        pending += following
    return frozenset(found)


def find_checked(main: CheckedGraph | None, name: str) -> CheckedGraph | None:
    """Find the checked graph of a block where it is used first, or the main one."""
    if main is None or name == MAIN:
        return main
    pending, seen = [main], set()
    while pending:
        checked = pending.pop()
        for node_name, checked_node in checked.nodes.items():
            inner = checked_node.inner
            if inner is None or not isinstance(checked.graph.nodes[node_name], Block):
                continue
            if inner.name == name:
                return inner
            if inner.name not in seen:
                seen.add(inner.name)
                pending.append(inner)
    return None


def placements(model: Model, block: str) -> Iterator[tuple[str, str]]:
    """Iterate over the graphs and nodes that place a block."""
    for name, graph in model.graphs.items():
        for node_name, node in graph.nodes.items():
            if isinstance(node, Block) and node.block == block:
                yield name, node_name
