"""The result of shape inference: a graph with a tensor spec on every port."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from codegen.check.bypass import BypassedGraph
from codegen.check.problem import Problem
from codegen.check.streaming_kind import Streaming
from nodes.core.graphs.graph import Block, Graph, PortRef
from nodes.core.graphs.node import Inferred, Node
from nodes.core.graphs.port import TensorSpec
from nodes.core.graphs.shared_value import SharedValue

InputSpecs = dict[str, TensorSpec]
Sources = Mapping[str, Mapping[str, PortRef]]


@dataclass(frozen=True, slots=True)
class CheckedNode:
    """The result of the check of one node.

    Attributes:
        node, input_specs: the node and the specs at its inputs.
        inferred: sizes and output specs; None if a problem prevents them.
        problems: its own, and those of its inner graph.
        inner: the checked graph of a composite; None for a primitive.
        streaming: how a primitive streams, by connected inputs, used outputs and the free size that
            grows; filled on request.
    """

    node: Node
    input_specs: InputSpecs
    inferred: Inferred | None
    problems: tuple[Problem, ...]
    inner: "CheckedGraph | None" = None
    streaming: dict[tuple[frozenset[str], frozenset[str], str], Streaming] = field(
        default_factory=dict, compare=False, repr=False
    )


@dataclass(frozen=True, slots=True)
class CheckedGraph:
    """A graph with a tensor spec on every port, for one set of specs at its input nodes.

    Attributes:
        graph: the graph, without the nodes that are bypassed.
        name: the block's name, or the type of the composite that was expanded; "" for the main one.
        order: a topological order of the nodes that have output specs.
        used: the nodes from which an output can be reached.
        sources: the source of each connected input port, defaults included; a node without a
            required source is left out.
        nodes: the result for each node.
        problems: all of them, once each.
        waiting: the nodes that cannot be checked before another's problem is fixed, and that node.
        live: the nodes that a set of output nodes depends on; filled on request.
        shared: the shared values that these nodes read; filled on request.
    """

    graph: Graph
    name: str
    order: tuple[str, ...]
    used: frozenset[str]
    sources: Sources
    nodes: Mapping[str, CheckedNode]
    problems: tuple[Problem, ...]
    waiting: Mapping[str, str]
    live: dict[frozenset[str], dict[str, frozenset[str]]] = field(
        default_factory=dict, compare=False, repr=False
    )
    shared: dict[tuple[frozenset[str], str], tuple[SharedValue, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def spec(self, ref: PortRef) -> TensorSpec | None:
        """Look up the spec of an output port; for a bypassed node, that of its source."""
        if isinstance(self.graph, BypassedGraph):
            ref = self.graph.replacements.get(ref.node, ref)
        checked = self.nodes.get(ref.node)
        return checked.inferred.outputs.get(ref.port) if checked and checked.inferred else None

    def has_edge(self, node: str, port: str) -> bool:
        """Check whether an input has an edge, instead of the source of the port it defaults to."""
        ref = self.graph.sources[node].get(port)
        return ref is not None and ref.node in self.sources

    @property
    def has_blocks(self) -> bool:
        """Whether one of its nodes places a block of the model."""
        return any(isinstance(node, Block) for node in self.graph.nodes.values())

    @property
    def results(self) -> dict[str, TensorSpec]:
        """The spec at each output node that has one."""
        return {
            name: checked.input_specs["input"]
            for name in self.graph.output_nodes
            if (checked := self.nodes.get(name)) and checked.inferred
        }


def checked_graphs(main: CheckedGraph) -> Iterator[CheckedGraph]:
    """Iterate over a checked graph and those inside it, each once."""
    pending, seen = [main], set()
    while pending:
        checked = pending.pop()
        if id(checked) not in seen:
            seen.add(id(checked))
            yield checked
            pending += [node.inner for node in checked.nodes.values() if node.inner is not None]
