"""A graph, and a model made of graphs.  Immutable: an edit makes a new one that shares the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, NamedTuple, Self

from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec, match_kind
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.shape import Bindings

Point = tuple[float, float]
HyperparameterValue = int | float | bool | str

MOST_REPEATS = 10_000
"""How many copies of one node may stand in a chain."""

MAIN = ""
"""The name of the main graph among the graphs of a model."""


class PortRef(NamedTuple):
    """One port of one placed node, written ``node.port``; ``add.terms.0`` for a variadic one."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``node.port``.

        Raises:
            ValueError: there is no dot.
        """
        node, dot, port = text.partition(".")
        if not (node and dot and port):
            raise ValueError(f"a port is written node.port, not {ascii(text)}")
        return cls(node, port)


@dataclass(frozen=True)
class Graph:
    """Nodes, and edges between their ports.

    Attributes:
        nodes: each node under its name, in the order they were added.
        edges: target -> source, a mapping, so that no input can have two sources.
        notes: what its author says of it.
        bypassed: the nodes that are passed over: what arrives at the first input goes on as it is.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[PortRef, PortRef] = field(default_factory=dict)
    notes: str = ""
    bypassed: frozenset[str] = frozenset()

    def with_node(self, name: str, node: Node) -> Self:
        """Add or replace a node."""
        return replace(self, nodes={**self.nodes, name: node})

    def without_node(self, name: str) -> Self:
        """Remove a node with its edges."""
        nodes = {key: node for key, node in self.nodes.items() if key != name}
        edges = {t: s for t, s in self.edges.items() if name not in (t.node, s.node)}
        return replace(self, nodes=nodes, edges=edges, bypassed=self.bypassed - {name})

    def with_edge(self, source: PortRef, target: PortRef) -> Self:
        """Connect two ports; an edge that ended at the target is replaced."""
        return replace(self, edges={**self.edges, target: source})

    def without_edge(self, target: PortRef) -> Self:
        """Remove the edge that ends at the target."""
        return replace(self, edges={t: s for t, s in self.edges.items() if t != target})

    def renamed(self, old: str, new: str) -> Self:
        """Give a node another name, in place."""

        def moved(ref: PortRef) -> PortRef:
            return PortRef(new, ref.port) if ref.node == old else ref

        def told(node: Node) -> Node:
            return node.model_copy(update={"tie": new}) if node.tied_to == old else node

        nodes = {new if key == old else key: told(node) for key, node in self.nodes.items()}
        edges = {moved(target): moved(source) for target, source in self.edges.items()}
        bypassed = frozenset(new if name == old else name for name in self.bypassed)
        return replace(self, nodes=nodes, edges=edges, bypassed=bypassed)

    @cached_property
    def arriving(self) -> Mapping[str, Mapping[str, PortRef]]:
        """The connected input ports of each node, with their sources."""
        found: dict[str, dict[str, PortRef]] = {name: {} for name in self.nodes}
        for target, source in self.edges.items():
            if target.node in found:
                found[target.node][target.port] = source
        return found

    @cached_property
    def input_nodes(self) -> Mapping[str, "InputNode"]:
        """The nodes through which something comes in from outside."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, InputNode)}

    @cached_property
    def output_nodes(self) -> Mapping[str, "OutputNode"]:
        """The nodes through which something goes out."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, OutputNode)}


class InputNode(Node):
    """Base of the nodes through which something comes into a graph from outside."""

    def port(self, name: str) -> Input:
        """Say how the node appears as an input port of the block whose graph it is in."""
        out = self.outputs[0]
        return Input(out.pattern, out.doc, kind=out.kind, name=name)

    def receive(self, spec: TensorSpec, values: dict[str, int]) -> Inferred:
        """Take what comes in where the block is placed.

        Raises:
            InputMismatch: it does not fit.
        """
        taken, dims = self.port(self.outputs[0].name), Bindings({}, values)
        try:
            match_kind(taken.kind, spec.kind)
            dims.match(taken.parsed, spec.shape, taken.name)
        except ValueError as error:
            raise InputMismatch(taken.name, error) from error
        return Inferred(dims, {taken.name: spec})


class OutputNode(Node):
    """Base of the nodes through which something goes out of a graph."""

    def port(self, name: str) -> Output:
        """Say how the node appears as an output port of the block whose graph it is in."""
        return Output(self.inputs[0].pattern, self.inputs[0].doc, kind=Kind.ANY, name=name)


class Composite(Node):
    """Base of the nodes that stand for a graph of other nodes.

    With ``repeat`` above 1 it is a chain of copies, the first output of one feeding the first
    input of the next; ``share`` makes them one copy that is applied again and again.
    """

    repeat: Size = 1
    share: bool = False

    def expand(self, dims: Bindings) -> Graph:
        """Make the graph it stands for, of the parameters and the sizes its ports bound."""
        raise TypeError(f"{type(self).__name__} has no graph of its own")


class Block(Composite):
    """Place a block: a graph of your own, with the ports that its inputs and outputs make.

    Parameters:
        block: the name of the block.
        repeat: how many copies stand in a chain, each with weights of its own.
        share: one copy is applied ``repeat`` times.
    """

    category: ClassVar[Category] = Category.BLOCK
    aliases: ClassVar[tuple[str, ...]] = ("group", "subgraph", "repeat", "loop", "stack")

    block: str


@dataclass(frozen=True)
class Hyperparameter:
    """A named number of the model: a field of the generated ``Config``.

    Attributes:
        value: its present value; a choice is a text.
        doc: what it is, in a few words.
    """

    value: HyperparameterValue
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A text on the canvas: a comment, or the heading of a frame around nodes.

    Attributes:
        text: what it says.
        x, y: the upper left corner, in canvas units.
        width, height: its size.
        frame: it is a frame, and what lies in it moves along.
    """

    text: str
    x: float
    y: float
    width: float
    height: float
    frame: bool = False


@dataclass(frozen=True)
class Model:
    """All that a file holds.

    Attributes:
        name: what the model is called; its class is named after it.
        graph: the main graph.
        blocks: the graphs that block nodes stand for, by name.
        hyperparameters: the numbers that parameters may name.
        initialization: how fresh weights are drawn: "torch" as each layer does by itself, "normal"
            from Normal(0, 0.02).
        recipe: how it is trained; None if it is not.
        layout: where nodes lie on the canvas, by graph ("" is the main one) and node.
        comments: the frames and comments on the canvas, by graph and a name of their own.
    """

    name: str = "model"
    graph: Graph = field(default_factory=Graph)
    blocks: Mapping[str, Graph] = field(default_factory=dict)
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    initialization: str = "torch"
    recipe: Recipe | None = None
    layout: Mapping[str, Mapping[str, Point]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, Comment]] = field(default_factory=dict)

    @cached_property
    def values(self) -> dict[str, HyperparameterValue]:
        """The present values of the hyperparameters."""
        return {name: known.value for name, known in self.hyperparameters.items()}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The hyperparameters that are whole numbers."""
        return {name: value for name, value in self.values.items() if type(value) is int}

    @property
    def notes(self) -> str:
        """Its story: the notes of the main graph."""
        return self.graph.notes

    @property
    def graphs(self) -> Mapping[str, Graph]:
        """Every graph by name, the main one under ``""``."""
        return {MAIN: self.graph, **self.blocks}

    def with_graph(self, name: str, graph: Graph) -> Self:
        """Replace the main graph (``""``) or a block's."""
        if name == MAIN:
            return replace(self, graph=graph)
        return replace(self, blocks={**self.blocks, name: graph})

    def edit(self, name: str, change: Callable[[Graph], Graph]) -> Self:
        """Apply a change to one of the graphs."""
        return self.with_graph(name, change(self.graphs[name]))

    def find_input(self, node: Node, name: str) -> Input | None:
        """Find an input port of a node; where its ports are unknown, any name is one."""
        if not isinstance(node, Block):
            return node.find_input(name)
        graph = self.blocks.get(node.block)
        if graph is None:
            return Input("...", kind=Kind.ANY, name=name)
        end = graph.input_nodes.get(name)
        return end.port(name) if end else None

    def find_output(self, node: Node, name: str) -> Output | None:
        """Find an output port of a node; where its ports are unknown, any name is one."""
        if not isinstance(node, Block):
            return node.find_output(name)
        graph = self.blocks.get(node.block)
        if graph is None:
            return Output("...", kind=Kind.ANY, name=name)
        end = graph.output_nodes.get(name)
        return end.port(name) if end else None

    def ports(self, node: Node) -> tuple[tuple[Input, ...], tuple[Output, ...]]:
        """Tell a node's ports; those of a block node are what its graph's ends make."""
        graph = self.blocks.get(node.block) if isinstance(node, Block) else None
        if graph is None:
            return node.inputs, node.outputs
        return (
            tuple(end.port(name) for name, end in graph.input_nodes.items()),
            tuple(end.port(name) for name, end in graph.output_nodes.items()),
        )
