"""Graphs, and models made of graphs.  Immutable: an edit returns a new one that shares the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar, NamedTuple, Self

from nodes.core.graphs.node import Category, Inferred, InputMismatch, Node
from nodes.core.graphs.parameter_types import Size
from nodes.core.graphs.port import Input, Kind, Output, TensorSpec, match_kind
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.shape import Bindings
from nodes.core.time.field_context import FieldContext, Fields

Point = tuple[float, float]
HyperparameterValue = int | float | bool | str

MOST_REPEATS = 10_000
"""The largest number of copies of one node in a chain."""

MAIN = ""
"""The name of the main graph among the graphs of a model."""


class PortRef(NamedTuple):
    """A port of a node in a graph: ``node.port``, or ``add.terms.0`` for a variadic port."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``node.port``.

        Raises:
            ValueError: a part is missing.
        """
        node, dot, port = text.partition(".")
        if not (node and dot and port):
            raise ValueError(f"expected a port as node.port, got {repr(text)}")
        return cls(node, port)


@dataclass(frozen=True)
class Graph:
    """Nodes, and edges between their ports.

    Attributes:
        nodes: the nodes by name, in the order in which they were added.
        edges: source by target, so that no input port has two sources.
        notes: a description by its author.
        bypassed: the nodes whose first input is passed on in their place.
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
        """Connect two ports, in place of the edge that ended at the target."""
        return replace(self, edges={**self.edges, target: source})

    def without_edge(self, target: PortRef) -> Self:
        """Remove the edge that ends at the target."""
        return replace(self, edges={t: s for t, s in self.edges.items() if t != target})

    def renamed(self, old: str, new: str) -> Self:
        """Rename a node; it keeps its position in the order."""

        def rename(ref: PortRef) -> PortRef:
            return PortRef(new, ref.port) if ref.node == old else ref

        def retie(node: Node) -> Node:
            return node.model_copy(update={"tie": new}) if node.tied_to == old else node

        nodes = {new if key == old else key: retie(node) for key, node in self.nodes.items()}
        edges = {rename(target): rename(source) for target, source in self.edges.items()}
        bypassed = frozenset(new if name == old else name for name in self.bypassed)
        return replace(self, nodes=nodes, edges=edges, bypassed=bypassed)

    @cached_property
    def sources(self) -> Mapping[str, Mapping[str, PortRef]]:
        """The source of each connected input port, by node."""
        sources: dict[str, dict[str, PortRef]] = {name: {} for name in self.nodes}
        for target, source in self.edges.items():
            if target.node in sources:
                sources[target.node][target.port] = source
        return sources

    @cached_property
    def input_nodes(self) -> Mapping[str, "InputNode"]:
        """The nodes by which the graph takes an input."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, InputNode)}

    @cached_property
    def output_nodes(self) -> Mapping[str, "OutputNode"]:
        """The nodes by which the graph returns an output."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, OutputNode)}

    @cached_property
    def step_inputs(self) -> tuple[str, ...]:
        """The input nodes that see one step of a sequence: with one, the graph is a loop body."""
        return tuple(name for name, node in self.input_nodes.items() if node.is_step)

    @cached_property
    def states(self) -> Mapping[str, str]:
        """The state input that each state output gives the value of the next step."""
        ends = {name: self.sources[name].get("state") for name in self.output_nodes}
        return {
            name: ref.node
            for name, ref in ends.items()
            if ref is not None and ref.node in self.input_nodes
        }


class InputNode(Node):
    """Base of the input nodes of a graph, each an input port of its block."""

    is_step: ClassVar[bool] = False
    """Its port takes a sequence, of which the graph sees one step at a time."""
    is_state: ClassVar[bool] = False
    """It passes on the value that a state output had at the step before."""

    def port(self, name: str) -> Input:
        """Return the input port of the block whose graph the node is in."""
        output = self.outputs[0]
        return Input(output.pattern, output.doc, kind=output.kind, name=name)

    def receive(self, spec: TensorSpec, values: dict[str, int]) -> Inferred:
        """Infer the output from the spec at the port of the block.

        Raises:
            InputMismatch: it does not match the port.
        """
        port = self.port(self.outputs[0].name)
        sizes = {key: getattr(self, key) for key in self.size_fields}
        dims = Bindings({key: size for key, size in sizes.items() if size is not None}, values)
        try:
            match_kind(port.kind, spec.kind)
            dims.match(port.parsed, spec.shape, port.name)
        except ValueError as error:
            raise InputMismatch(port.name, error) from error
        return Inferred(dims, {port.name: spec})


class OutputNode(Node):
    """Base of the output nodes of a graph, each an output port of its block."""

    is_state: ClassVar[bool] = False
    """Its value is passed on to the next step, and its port has that after the last step."""

    def port(self, name: str) -> Output:
        """Return the output port of the block whose graph the node is in."""
        return Output(self.inputs[0].pattern, self.inputs[0].doc, kind=Kind.ANY, name=name)


class Composite(Node):
    """Base of the nodes that expand into a graph of other nodes.

    With ``repeat`` above 1 it is a chain of copies, where the first output of one is the first
    input of the next; with ``share`` all copies have the same weights.
    """

    repeat: Size = 1
    share: bool = False

    def expand(self, dims: Bindings) -> Graph:
        """Return the graph of the node, from its parameters and the sizes at its ports."""
        raise TypeError(f"{type(self).__name__} has no graph of its own")

    def class_names(self, connected: frozenset[str]) -> tuple[str, ...]:
        """Return names for the class of the node, the best first; a later one if it is taken.

        Args:
            connected: the input ports that have an edge.
        """
        return (type(self).__name__,)

    def receptive_fields(self, context: FieldContext) -> Fields:
        """Refuse: those of a composite follow from its graph."""
        raise TypeError(f"{type(self).__name__}: expected the fields of its graph")


class Block(Composite):
    """Block: a subgraph of the model as one node, usable any number of times.

    Its input and output ports are the BlockInput and GraphOutput nodes of the subgraph. In the
    generated code it is one class, and a repeated block a loop over nn.ModuleList. Each node has
    weights of its own; an edit of the subgraph changes all nodes of the block.

    Parameters:
        block: name of the block.
        repeat: number of copies applied one after the other, each with weights of its own.
        share: the copies share their weights.
    """

    category: ClassVar[Category] = Category.BLOCK
    aliases: ClassVar[tuple[str, ...]] = ("group", "subgraph", "repeat", "loop", "stack")

    block: str

    def class_names(self, connected: frozenset[str]) -> tuple[str, ...]:
        return (self.block,)


@dataclass(frozen=True)
class Hyperparameter:
    """A named number of the model: a field of the generated ``Config``.

    Attributes:
        value: its present value; a choice is a text.
        doc: a description in a few words.
    """

    value: HyperparameterValue
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A text on the canvas: a comment, or the title of a frame around nodes.

    Attributes:
        text: the text.
        x, y: the upper left corner, in canvas units.
        width, height: the size, in canvas units.
        frame: it is a frame: what lies in it moves along.
    """

    text: str
    x: float
    y: float
    width: float
    height: float
    frame: bool = False


@dataclass(frozen=True)
class Model:
    """All that a file contains.

    Attributes:
        name: the name, also that of the generated class.
        graph: the main graph.
        blocks: the graphs of blocks, by name.
        hyperparameters: the numbers that parameters may refer to.
        initialization: how weights are initialized: "torch" by the default of each layer, "normal"
            from Normal(0, 0.02).
        recipe: how it is trained; None if it is not.
        layout: positions on the canvas, by graph ("" is the main one) and node.
        comments: comments and frames on the canvas, by graph and name.
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
        return {name: entry.value for name, entry in self.hyperparameters.items()}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The hyperparameters that are whole numbers."""
        return {name: value for name, value in self.values.items() if type(value) is int}

    @property
    def notes(self) -> str:
        """The notes of the main graph."""
        return self.graph.notes

    @property
    def graphs(self) -> Mapping[str, Graph]:
        """All graphs by name; ``""`` is the main one."""
        return {MAIN: self.graph, **self.blocks}

    def with_graph(self, name: str, graph: Graph) -> Self:
        """Replace the main graph (``""``) or that of a block."""
        if name == MAIN:
            return replace(self, graph=graph)
        return replace(self, blocks={**self.blocks, name: graph})

    def edit(self, name: str, change: Callable[[Graph], Graph]) -> Self:
        """Apply a change to a graph."""
        return self.with_graph(name, change(self.graphs[name]))

    def find_input(self, node: Node, name: str) -> Input | None:
        """Find an input port of a node; where its ports are unknown, any name is one."""
        if not isinstance(node, Block):
            return node.find_input(name)
        graph = self.blocks.get(node.block)
        if graph is None:
            return Input("...", kind=Kind.ANY, name=name)
        inner = graph.input_nodes.get(name)
        return inner.port(name) if inner else None

    def find_output(self, node: Node, name: str) -> Output | None:
        """Find an output port of a node; where its ports are unknown, any name is one."""
        if not isinstance(node, Block):
            return node.find_output(name)
        graph = self.blocks.get(node.block)
        if graph is None:
            return Output("...", kind=Kind.ANY, name=name)
        inner = graph.output_nodes.get(name)
        return inner.port(name) if inner else None

    def ports(self, node: Node) -> tuple[tuple[Input, ...], tuple[Output, ...]]:
        """Return the ports of a node; those of a block are its input and output nodes."""
        graph = self.blocks.get(node.block) if isinstance(node, Block) else None
        if graph is None:
            return node.ports()
        return (
            tuple(inner.port(name) for name, inner in graph.input_nodes.items()),
            tuple(inner.port(name) for name, inner in graph.output_nodes.items()),
        )
