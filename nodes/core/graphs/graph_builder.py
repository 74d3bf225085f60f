"""Build a graph in Python, one line per node."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.core.graphs.graph import Block, Graph, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input


@dataclass(frozen=True)
class NodeHandle:
    """A node of a graph that is being built: its first output; ``handle["port"]`` is another."""

    ref: PortRef

    def __getitem__(self, port: str) -> "NodeHandle":
        return NodeHandle(PortRef(self.ref.node, port))


@dataclass
class GraphBuilder:
    """Adds nodes to a graph, and connects them.

    >>> from nodes.io.feature_input import FeatureInput
    >>> from nodes.io.graph_output import GraphOutput
    >>> from nodes.merge.add import Add
    >>> from nodes.recurrent.lstm import LSTM
    >>> builder = GraphBuilder()
    >>> x = builder.add("x", FeatureInput(features=8))
    >>> lstm = builder.add("lstm", LSTM(hidden_size=8), x)
    >>> total = builder.add("sum", Add(), x, lstm)
    >>> _ = builder.add("y", GraphOutput(), total)
    >>> _ = builder.add("state", GraphOutput(), lstm["hidden"])
    >>> for target, source in builder.build().edges.items():
    ...     print(source, "->", target)
    x.output -> lstm.input
    x.output -> sum.terms.0
    lstm.output -> sum.terms.1
    sum.output -> y.input
    lstm.hidden -> state.input

    Attributes:
        blocks: the blocks that block nodes may name.
        notes: the notes of the graph.
    """

    blocks: Mapping[str, Graph] = field(default_factory=dict)
    notes: str = ""
    _nodes: dict[str, Node] = field(default_factory=dict)
    _edges: dict[PortRef, PortRef] = field(default_factory=dict)

    def add(
        self, name: str, node: Node, /, *sources: NodeHandle, **named: NodeHandle
    ) -> NodeHandle:
        """Add a node, and connect its input ports.

        Args:
            name: the name of the node.
            node: the node.
            sources: what its input ports read, in the order of the ports.
            named: what further input ports read, by name.

        Raises:
            ValueError: the name is taken, or there are more sources than ports.
        """
        if name in self._nodes:
            raise ValueError(f"{name}: expected a new name, got that of another node")
        ports, first = self._ports(node)
        targets = [port.name for port in ports]
        if ports and ports[-1].variadic:
            stem = targets.pop()
            targets += [f"{stem}.{i}" for i in range(len(sources) - len(targets))]
        if len(sources) > len(targets):
            raise ValueError(
                f"{name}: expected sources for {', '.join(targets)} only, got {len(sources)}"
            )
        self._nodes[name] = node
        for target, source in [*zip(targets, sources, strict=False), *named.items()]:
            self._edges[PortRef(name, target)] = source.ref
        return NodeHandle(PortRef(name, first))

    def build(self) -> Graph:
        """Return the graph of the nodes so far."""
        return Graph(dict(self._nodes), dict(self._edges), self.notes)

    def _ports(self, node: Node) -> tuple[tuple[Input, ...], str]:
        if not isinstance(node, Block):
            return node.inputs, node.outputs[0].name if node.outputs else ""
        graph = self.blocks[node.block]
        ports = tuple(inner.port(name) for name, inner in graph.input_nodes.items())
        return ports, next(iter(graph.output_nodes), "")
