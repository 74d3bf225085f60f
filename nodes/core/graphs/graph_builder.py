"""Build a graph in code, one line a node, as it would be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.core.graphs.graph import Block, Graph, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input


@dataclass(frozen=True)
class NodeHandle:
    """A node that was placed; stands for its first output, ``placed["name"]`` for another."""

    ref: PortRef

    def __getitem__(self, port: str) -> "NodeHandle":
        return NodeHandle(PortRef(self.ref.node, port))


@dataclass
class GraphBuilder:
    """A graph in the making.

    ``builder.add("attn", MultiHeadAttention(), x, mask=mask)`` places a node and connects its input
    ports: the positional ones in the ports' order, the others by name.

    Attributes:
        blocks: the blocks that block nodes may name.
        notes: what the graph's author says of it.
    """

    blocks: Mapping[str, Graph] = field(default_factory=dict)
    notes: str = ""
    _nodes: dict[str, Node] = field(default_factory=dict)
    _edges: dict[PortRef, PortRef] = field(default_factory=dict)

    def add(
        self, name: str, node: Node, /, *sources: NodeHandle, **named: NodeHandle
    ) -> NodeHandle:
        """Place a node under a name, connected to what was placed before.

        Raises:
            ValueError: the name is taken, or there are more sources than ports.
        """
        if name in self._nodes:
            raise ValueError(f"{name}: there is a node of this name already")
        ports, first = self._ports(node)
        targets = [port.name for port in ports]
        if ports and ports[-1].variadic:
            stem = targets.pop()
            targets += [f"{stem}.{i}" for i in range(len(sources) - len(targets))]
        if len(sources) > len(targets):
            raise ValueError(f"{name}: {len(sources)} sources for the ports {', '.join(targets)}")
        self._nodes[name] = node
        for target, source in [*zip(targets, sources, strict=False), *named.items()]:
            self._edges[PortRef(name, target)] = source.ref
        return NodeHandle(PortRef(name, first))

    def graph(self) -> Graph:
        """Finish the graph."""
        return Graph(dict(self._nodes), dict(self._edges), self.notes)

    def _ports(self, node: Node) -> tuple[tuple[Input, ...], str]:
        if not isinstance(node, Block):
            return node.inputs, node.outputs[0].name if node.outputs else ""
        graph = self.blocks[node.block]
        ports = tuple(end.port(name) for name, end in graph.input_nodes.items())
        return ports, next(iter(graph.output_nodes), "")
