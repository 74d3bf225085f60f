"""An interpreter of graphs, the reference for the compiler: each node is computed on demand.

It shares no order, names or code with the compiler.  Tensors take the place of symbolic sizes,
composites are interpreted by their expansions, and repeats as chains of copies.  With fresh weights
it also runs models that the check refuses.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from torch import Tensor, nn
from torch.func import functional_call

from codegen.check.checked_graph import CheckedGraph
from codegen.planning.streaming import inner_outputs, live_nodes
from nodes.core.graphs.graph import Block, Composite, Graph, InputNode, Model, OutputNode, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input
from nodes.core.shapes.shape import Bindings
from tests.primitives import compute, has_module

Read = Callable[[], Tensor]
Results = Callable[[str], Tensor]
Make = Callable[[], nn.Module]


class NotInterpretable(Exception):
    """The graph cannot be interpreted."""


class Weights(Protocol):
    """The source of the weights of one graph."""

    def layer(self, name: str, make: Make) -> Callable:
        """Return the module of a node."""

    def inside(self, name: str, node: Composite, reads: Mapping[str, Read]) -> list["Weights"]:
        """Return the weights of each copy of a composite."""

    def expansion(self, name: str, node: Composite, reads: Mapping[str, Read]) -> Graph:
        """Return the expansion of a composite of the library."""


@dataclass
class GeneratedWeights:
    """The weights of a generated module.

    Attributes:
        checked: the graph of its class.
        output_nodes: the outputs that the class returns.
        module: the module.
    """

    checked: CheckedGraph
    output_nodes: frozenset[str]
    module: nn.Module

    def __post_init__(self) -> None:
        self.live = live_nodes(self.checked, self.output_nodes)
        holders = [name for name in self.live if has_layer(self.checked.graph.nodes[name])]
        children = dict(self.module.named_children())
        if len(holders) != len(children):
            raise NotInterpretable(f"expected modules of {holders}, got {[*children]}")
        self.children = dict(zip(holders, children.values(), strict=True))

    def layer(self, name: str, make: Make) -> Callable:
        module, weights = make(), dict(self.children[name].named_parameters())
        needed, found = shapes(module.named_parameters()), shapes(weights.items())
        if needed != found:
            raise NotInterpretable(f"{name}: expected the weights {needed}, got {found}")
        return lambda *given: functional_call(module.eval(), weights, given)

    def inside(self, name: str, node: Composite, reads: Mapping[str, Read]) -> list["Weights"]:
        inner, child = self.checked.nodes[name].inner, self.children[name]
        output_nodes = inner_outputs(inner, self.checked.graph.nodes[name], self.live[name])
        copies = list(child) if isinstance(child, nn.ModuleList) else [child] * node.repeat
        if len(copies) != node.repeat:
            raise NotInterpretable(f"{name}: expected {node.repeat} copies, got {len(copies)}")
        return [GeneratedWeights(inner, output_nodes, copy) for copy in copies]

    def expansion(self, name: str, node: Composite, reads: Mapping[str, Read]) -> Graph:
        return self.checked.nodes[name].inner.graph


@dataclass
class FreshWeights:
    """Weights that are initialized on first use.

    Attributes:
        modules: the module or the weights of the copies, by node.
    """

    modules: dict[str, object] = field(default_factory=dict)

    def layer(self, name: str, make: Make) -> Callable:
        if name not in self.modules:
            self.modules[name] = make().eval()
        return self.modules[name]

    def inside(self, name: str, node: Composite, reads: Mapping[str, Read]) -> list["Weights"]:
        count = 1 if node.share else node.repeat
        copies = self.modules.setdefault(name, [FreshWeights() for _ in range(count)])
        return copies * node.repeat if node.share else copies

    def expansion(self, name: str, node: Composite, reads: Mapping[str, Read]) -> Graph:
        known = {key: getattr(node, key) for key in node.size_fields}
        dims = Bindings({key: size for key, size in known.items() if size is not None}, {})
        for port, read in reads.items():
            items = node.find_input(port).parsed.items
            for word, size in zip(reversed(items), reversed(read().shape), strict=False):
                dims.sizes.setdefault(word, size)
        dims.sizes.update(node.derive(dims))
        return node.expand(dims)


def shapes(tensors: Iterable[tuple[str, Tensor]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors}


def has_layer(node: Node) -> bool:
    return isinstance(node, Composite) or has_module(node)


@dataclass
class Interpretation:
    """The interpretation of one graph.

    Attributes:
        model: the model, for its blocks and the values of its hyperparameters.
        graph: the graph.
        given: the tensor of each connected input node.
        weights: the source of its weights.
    """

    model: Model
    graph: Graph
    given: Mapping[str, Read]
    weights: Weights

    def __post_init__(self) -> None:
        self.computed: dict[str, Results] = {}
        self.started: set[str] = set()
        self.absences: dict[str, bool] = {}

    def all(self) -> None:
        """Compute every node, used or not."""
        for name in self.graph.nodes:
            if not self.absent(name):
                self.results(name)
        for name in self.graph.output_nodes:
            if not self.absent(name):
                self.output(name)

    def output(self, name: str) -> Tensor:
        """Compute the value of an output node."""
        return self.results(name)("output")

    def results(self, name: str) -> Results:
        if name not in self.computed:
            if name in self.started:
                raise NotInterpretable(f"{name} is in a loop")
            self.started.add(name)
            self.computed[name] = self.compute(name)
        return self.computed[name]

    def read(self, ref: PortRef) -> Tensor:
        return self.results(ref.node)(ref.port)

    def compute(self, name: str) -> Results:
        node = self.graph.nodes[name].resolve(self.model.values)
        if isinstance(node, InputNode):
            return lambda port: self.given[name]()
        reads = {port: partial(self.read, ref) for port, ref in self.sources(name).items()}
        if isinstance(node, OutputNode):
            return lambda port: reads["input"]()
        if isinstance(node, Composite):
            return self.chain(name, node, reads)
        inputs = {port: read() for port, read in reads.items()}
        layer = partial(self.weights.layer, name)
        return compute(node, layer, inputs).__getitem__

    def chain(self, name: str, node: Composite, reads: Mapping[str, Read]) -> Results:
        """Connect the first output of each copy to the first input of the next."""
        if isinstance(node, Block):
            graph = self.model.blocks[node.block]
        else:
            graph = self.weights.expansion(name, node, reads)
        first = next(iter(graph.output_nodes))
        chained = self.following(name, node, next(iter(reads)))
        for weights in self.weights.inside(name, node, reads):
            interpretation = Interpretation(self.model, graph, reads, weights)
            if isinstance(self.weights, FreshWeights):
                interpretation.all()
            reads = {**reads, **dict.fromkeys(chained, partial(interpretation.output, first))}
        return interpretation.output

    def following(self, name: str, node: Composite, port: str) -> list[str]:
        """List a port and those without an edge whose default is that port or one of these."""
        found = [port]
        for other in self.model.ports(node)[0]:
            ref = self.graph.sources[name].get(other.name)
            if (ref is None or self.absent(ref.node)) and other.default in found:
                found.append(other.name)
        return found

    # -- edges -----------------------------------------------------------------------------------

    def sources(self, name: str) -> dict[str, PortRef]:
        """Return the source of each connected port, in the order of the ports."""
        edges, found = self.graph.sources[name], {}
        ports = self.model.ports(self.graph.nodes[name])[0]
        for port in ports:
            here = [key for key in edges if key.partition(".")[0] == port.name]
            here = [key for key in sorted(here, key=index) if not self.absent(edges[key].node)]
            if here:
                found.update((key, edges[key]) for key in here)
            elif port.default in found:
                found[port.name] = found[port.default]
            elif not port.optional:
                raise NotInterpretable(f"{name}.{port.name} is not connected")
        for key in edges:
            if key.partition(".")[0] not in {one.name for one in ports}:
                raise NotInterpretable(f"{name} has no port {key}")
        return found

    def absent(self, name: str) -> bool:
        """Check whether a node depends on an optional input that is not given."""
        if name not in self.absences:
            node, edges = self.graph.nodes[name], self.graph.sources[name]
            self.absences[name] = False  # for loops
            self.absences[name] = (
                name not in self.given and getattr(node, "optional", False)
                if isinstance(node, InputNode)
                else any(self.lacks_source(port, edges) for port in self.model.ports(node)[0])
            )
        return self.absences[name]

    def lacks_source(self, port: Input, edges: Mapping[str, PortRef]) -> bool:
        """Check whether all sources of a required port are absent."""
        here = [ref for key, ref in edges.items() if key.partition(".")[0] == port.name]
        is_required = not (port.optional or port.default)
        return is_required and bool(here) and all(self.absent(ref.node) for ref in here)


def index(port: str) -> int:
    return int(port.partition(".")[2] or 0)


def interpret(model: Model, weights: Weights, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Compute the outputs of a model; with fresh weights compute unused nodes too."""
    reads = {name: (lambda x=x: x) for name, x in given.items()}
    interpretation = Interpretation(model, model.graph, reads, weights)
    if isinstance(weights, FreshWeights):
        interpretation.all()
    return {name: interpretation.output(name) for name in model.graph.output_nodes}


def generated_weights(checked: CheckedGraph, module: nn.Module) -> GeneratedWeights:
    """Return the weights of a generated model."""
    return GeneratedWeights(checked, frozenset(checked.graph.output_nodes), module)
