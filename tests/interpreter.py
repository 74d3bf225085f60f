"""What a drawn graph means: each node computed by itself, when something asks for it.

The judge of the compiler, so it shares nothing with it: no order, no names, no code.  A graph is
read as it was drawn, with what really arrives at each node instead of sizes; composites are their
expansions, repeats are chains of copies.  It also runs what the check refuses, with fresh weights.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from torch import Tensor, nn
from torch.func import functional_call

from codegen.check.inference import CheckedGraph
from codegen.planning.streaming import inner_exits, live_nodes
from nodes.core.graphs.graph import Block, Composite, Graph, InputNode, Model, OutputNode, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input
from nodes.core.shapes.shape import Bindings
from tests.primitives import compute, has_module

Read = Callable[[], Tensor]
Results = Callable[[str], Tensor]
Make = Callable[[], nn.Module]


class Wrong(Exception):
    """The graph means nothing."""


class Weights(Protocol):
    """Where the weights of one graph come from."""

    def layer(self, name: str, make: Make) -> Callable:
        """Find what computes a node that has weights."""

    def inside(self, name: str, node: Composite, reads: Mapping[str, Read]) -> list["Weights"]:
        """Find the weights of each copy of a composite."""

    def expansion(self, name: str, node: Composite, reads: Mapping[str, Read]) -> Graph:
        """Find the graph that a composite of the library stands for."""


@dataclass
class Generated:
    """The weights of a generated module.

    Attributes:
        checked: the graph that its class was made of.
        output_nodes: what the class gives back.
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
            raise Wrong(f"{holders} have modules, but there are {[*children]}")
        self.children = dict(zip(holders, children.values(), strict=True))

    def layer(self, name: str, make: Make) -> Callable:
        own, theirs = make(), dict(self.children[name].named_parameters())
        needs, has = shapes(own.named_parameters()), shapes(theirs.items())
        if needs != has:
            raise Wrong(f"{name} needs the weights {needs}, but there are {has}")
        return lambda *given: functional_call(own.eval(), theirs, given)

    def inside(self, name: str, node: Composite, reads: Mapping[str, Read]) -> list["Weights"]:
        inner, child = self.checked.found[name].inner, self.children[name]
        output_nodes = inner_exits(inner, self.checked.graph.nodes[name], self.live[name])
        copies = list(child) if isinstance(child, nn.ModuleList) else [child] * node.repeat
        if len(copies) != node.repeat:
            raise Wrong(f"{name} has {len(copies)} copies instead of {node.repeat}")
        return [Generated(inner, output_nodes, copy) for copy in copies]

    def expansion(self, name: str, node: Composite, reads: Mapping[str, Read]) -> Graph:
        return self.checked.found[name].inner.graph


@dataclass
class Fresh:
    """Weights that are made when they are first needed, and stay."""

    made: dict[str, object] = field(default_factory=dict)

    def layer(self, name: str, make: Make) -> Callable:
        if name not in self.made:
            self.made[name] = make().eval()
        return self.made[name]

    def inside(self, name: str, node: Composite, reads: Mapping[str, Read]) -> list["Weights"]:
        count = 1 if node.share else node.repeat
        copies = self.made.setdefault(name, [Fresh() for _ in range(count)])
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
    return {name: tuple(one.shape) for name, one in tensors}


def has_layer(node: Node) -> bool:
    return isinstance(node, Composite) or has_module(node)


@dataclass
class Walk:
    """One use of a graph.

    Attributes:
        model: the model, for its blocks and the values of its hyperparameters.
        graph: the graph.
        given: what comes in at each connected entrance.
        weights: where its weights come from.
    """

    model: Model
    graph: Graph
    given: Mapping[str, Read]
    weights: Weights

    def __post_init__(self) -> None:
        self.known: dict[str, Results] = {}
        self.begun: set[str] = set()
        self.missing: dict[str, bool] = {}

    def all(self) -> None:
        """Compute every node, whether something reads it or not."""
        for name in self.graph.nodes:
            if not self.absent(name):
                self.results(name)
        for name in self.graph.output_nodes:
            if not self.absent(name):
                self.exit(name)

    def exit(self, name: str) -> Tensor:
        """Compute what goes out."""
        return self.results(name)("output")

    def results(self, name: str) -> Results:
        if name not in self.known:
            if name in self.begun:
                raise Wrong(f"{name} waits for itself")
            self.begun.add(name)
            self.known[name] = self.computed(name)
        return self.known[name]

    def read(self, ref: PortRef) -> Tensor:
        return self.results(ref.node)(ref.port)

    def computed(self, name: str) -> Results:
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
        """Let the first output of each copy go into the first input of the next."""
        if isinstance(node, Block):
            graph = self.model.blocks[node.block]
        else:
            graph = self.weights.expansion(name, node, reads)
        first = next(iter(graph.output_nodes))
        for weights in self.weights.inside(name, node, reads):
            walk = Walk(self.model, graph, reads, weights)
            if isinstance(self.weights, Fresh):
                walk.all()
            reads = {**reads, next(iter(reads)): partial(walk.exit, first)}
        return walk.exit

    # -- edges -----------------------------------------------------------------------------------

    def sources(self, name: str) -> dict[str, PortRef]:
        """Find what each connected port reads, in the order of the ports."""
        edges, found = self.graph.arriving[name], {}
        ports = self.model.ports(self.graph.nodes[name])[0]
        for port in ports:
            here = [key for key in edges if key.partition(".")[0] == port.name]
            here = [key for key in sorted(here, key=place) if not self.absent(edges[key].node)]
            if here:
                found.update((key, edges[key]) for key in here)
            elif port.default in found:
                found[port.name] = found[port.default]
            elif not port.optional:
                raise Wrong(f"nothing arrives at {name}.{port.name}")
        for key in edges:
            if key.partition(".")[0] not in {one.name for one in ports}:
                raise Wrong(f"{name} has no port {key}")
        return found

    def absent(self, name: str) -> bool:
        """Tell whether a node cannot be, for want of something that may be left out."""
        if name not in self.missing:
            node, edges = self.graph.nodes[name], self.graph.arriving[name]
            self.missing[name] = False  # where nodes wait for each other
            self.missing[name] = (
                name not in self.given and getattr(node, "optional", False)
                if isinstance(node, InputNode)
                else any(self.starved(port, edges) for port in self.model.ports(node)[0])
            )
        return self.missing[name]

    def starved(self, port: Input, edges: Mapping[str, PortRef]) -> bool:
        """Tell whether a port that needs something gets only what is absent."""
        here = [ref for key, ref in edges.items() if key.partition(".")[0] == port.name]
        needs = not (port.optional or port.default)
        return needs and bool(here) and all(self.absent(ref.node) for ref in here)


def place(port: str) -> int:
    return int(port.partition(".")[2] or 0)


def interpret(model: Model, weights: Weights, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Compute what a model means; with fresh weights every node of it, else what is asked for."""
    reads = {name: (lambda x=x: x) for name, x in given.items()}
    walk = Walk(model, model.graph, reads, weights)
    if isinstance(weights, Fresh):
        walk.all()
    return {name: walk.exit(name) for name in model.graph.output_nodes}


def generated(checked: CheckedGraph, module: nn.Module) -> Generated:
    """Take the weights of a generated model."""
    return Generated(checked, frozenset(checked.graph.output_nodes), module)
