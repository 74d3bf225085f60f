"""Remedies: quick fixes of problems, as edits of a model that are data."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Protocol

from codegen.source.identifiers import identifier
from nodes.core.files.node_entries import with_parameter, without_parameter
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Graph, Model, PortRef
from nodes.core.graphs.naming_rules import folded
from nodes.core.graphs.node import Node
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.dim import Dim, show

Parameters = tuple[tuple[str, object], ...]
"""Names and values of the parameters of a new node."""


class Remedy(Protocol):
    """An edit that fixes a problem."""

    @property
    def title(self) -> str:
        """The action, in the imperative and with a capital letter, without a full stop."""

    def apply(self, model: Model) -> Model:
        """Return the edited model.

        Raises:
            KeyError: the model has no such node, edge or graph.
            pydantic.ValidationError: the value is outside its parameter's bounds.
        """


@dataclass(frozen=True, slots=True)
class SetParameter:
    """Set a parameter of a node.

    Attributes:
        graph, node, parameter, value: what to set.
        other_node: the title names the node, since it is not the one with the problem.
    """

    graph: str
    node: str
    parameter: str
    value: object
    other_node: bool = False

    @property
    def title(self) -> str:
        """Such as "Set num_heads to 4"."""
        value = show(self.value) if isinstance(self.value, Dim) else str(self.value)
        of_node = f" of {self.node}" if self.other_node else ""
        if self.value in (None, ""):
            return f"Clear {self.parameter}{of_node}"
        return f"Set {self.parameter}{of_node} to {value}"

    def apply(self, model: Model) -> Model:
        """Validate and replace the node."""
        node = model.graphs[self.graph].nodes[self.node]
        changed = with_parameter(node, self.parameter, self.value)
        return model.edit(self.graph, lambda graph: graph.with_node(self.node, changed))


@dataclass(frozen=True, slots=True)
class RemoveParameter:
    """Remove a parameter that the type of a node does not have, or give it another name."""

    graph: str
    node: str
    parameter: str
    name: str = ""

    @property
    def title(self) -> str:
        """Such as "Remove the parameter width" or "Rename the parameter heads to num_heads"."""
        if self.name:
            return f"Rename the parameter {self.parameter} to {self.name}"
        return f"Remove the parameter {self.parameter}"

    def apply(self, model: Model) -> Model:
        """Replace the node."""
        node = model.graphs[self.graph].nodes[self.node]
        changed = without_parameter(node, self.parameter, self.name)
        return model.edit(self.graph, lambda graph: graph.with_node(self.node, changed))


@dataclass(frozen=True, slots=True)
class SetType:
    """Give a node of unknown type an installed type; its parameters and edges stay."""

    graph: str
    node: str
    type: str

    @property
    def title(self) -> str:
        """Such as "Set the type of b to LayerNorm"."""
        return f"Set the type of {self.node} to {self.type}"

    def apply(self, model: Model) -> Model:
        """Validate the parameters as those of the new type, and replace the node."""
        unknown = model.graphs[self.graph].nodes[self.node]
        if not isinstance(unknown, Unknown):
            raise KeyError(self.node)
        node = node_types()[self.type].model_validate(unknown.parameters)
        return model.edit(self.graph, lambda graph: graph.with_node(self.node, node))


@dataclass(frozen=True, slots=True)
class ReplaceNode:
    """Give a node another type; the edges at ports that both have stay."""

    graph: str
    node: str
    type: str
    parameters: Parameters = ()

    @property
    def title(self) -> str:
        """Such as "Replace first by LastStep"."""
        return f"Replace {self.node} by {call_text(self.type, self.parameters)}"

    def apply(self, model: Model) -> Model:
        """Replace the node, and remove the edges to ports that it no longer has."""
        node = node_types()[self.type](**dict(self.parameters))

        def replaced(graph: Graph) -> Graph:
            graph = graph.with_node(self.node, node)
            lost = [port for port in graph.sources[self.node] if node.find_input(port) is None]
            for port in lost:
                graph = graph.without_edge(PortRef(self.node, port))
            return graph

        return model.edit(self.graph, replaced)


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert a new node into the edge that ends at a port.

    Attributes:
        graph, target, type, parameters: what to insert, and where.
        input, output: the ports of the new node that are connected; "" for the first.
        also: other inputs of the new node, each with its source.
    """

    graph: str
    target: PortRef
    type: str
    parameters: Parameters = ()
    input: str = ""
    output: str = ""
    also: tuple[tuple[str, PortRef], ...] = ()

    @property
    def title(self) -> str:
        """Such as "Insert Linear(96) before attention.query"."""
        return f"Insert {call_text(self.type, self.parameters)} before {self.target}"

    def apply(self, model: Model) -> Model:
        """Add the node and connect it."""
        node = node_types()[self.type](**dict(self.parameters))

        def insert(graph: Graph) -> Graph:
            name = free_name(graph, self.type)
            source = graph.edges[self.target]
            start = PortRef(name, self.input or first_input(node))
            end = PortRef(name, self.output or node.outputs[0].name)
            graph = graph.with_node(name, node).with_edge(source, start)
            for port, other in self.also:
                graph = graph.with_edge(other, PortRef(name, port))
            return graph.with_edge(end, self.target)

        return model.edit(self.graph, insert)


@dataclass(frozen=True, slots=True)
class Connect:
    """Add an edge."""

    graph: str
    source: PortRef
    target: PortRef

    @property
    def title(self) -> str:
        """Such as "Connect a.output to b.input"."""
        return f"Connect {self.source} to {self.target}"

    def apply(self, model: Model) -> Model:
        """Add the edge."""
        return model.edit(self.graph, lambda graph: graph.with_edge(self.source, self.target))


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Remove the edge that ends at a port."""

    graph: str
    target: PortRef

    @property
    def title(self) -> str:
        """Such as "Remove the edge to b.input"."""
        return f"Remove the edge to {self.target}"

    def apply(self, model: Model) -> Model:
        """Remove the edge."""
        return model.edit(self.graph, lambda graph: graph.without_edge(self.target))


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """Remove a node with its edges.

    Attributes:
        graph, node: the node.
        source: what the readers of the node read instead; None leaves them unconnected.
    """

    graph: str
    node: str
    source: PortRef | None = None

    @property
    def title(self) -> str:
        """Such as "Remove b", or "Remove b and read a.output instead"."""
        instead = f" and read {self.source} instead" if self.source else ""
        return f"Remove {self.node}{instead}"

    def apply(self, model: Model) -> Model:
        """Remove the node."""
        return model.edit(self.graph, self._remove)

    def _remove(self, graph: Graph) -> Graph:
        if self.node not in graph.nodes:
            raise KeyError(self.node)
        if self.source is not None:
            edges = {
                target: self.source if source.node == self.node else source
                for target, source in graph.edges.items()
            }
            graph = replace(graph, edges=edges)
        return graph.without_node(self.node)


@dataclass(frozen=True, slots=True)
class StopBypassing:
    """Stop bypassing a node."""

    graph: str
    node: str

    @property
    def title(self) -> str:
        """Such as "Stop bypassing b"."""
        return f"Stop bypassing {self.node}"

    def apply(self, model: Model) -> Model:
        """Remove the node from the bypassed ones."""
        return model.edit(
            self.graph, lambda graph: replace(graph, bypassed=graph.bypassed - {self.node})
        )


@dataclass(frozen=True, slots=True)
class AddNode:
    """Add a node.

    Attributes:
        graph, type, parameters: the node.
        source: what it reads at its port ``input``; None leaves that unconnected.
        targets: the ports that its port ``output`` feeds.
        name: its name if that is free; "" for one after its type.
        input, output: "" for the first.
    """

    graph: str
    type: str
    parameters: Parameters = ()
    source: PortRef | None = None
    targets: tuple[PortRef, ...] = ()
    name: str = ""
    input: str = ""
    output: str = ""

    @property
    def title(self) -> str:
        """Such as "Add GraphOutput after b.output", or "Add TokenInput before a.input"."""
        after = f" after {self.source}" if self.source else ""
        before = f" before {join_words(map(str, self.targets))}" if self.targets else ""
        named = f" {self.name}" if self.name else ""
        return f"Add {call_text(self.type, self.parameters)}{named}{after}{before}"

    def apply(self, model: Model) -> Model:
        """Add the node and its edges."""
        node = node_types()[self.type](**dict(self.parameters))

        def add(graph: Graph) -> Graph:
            name = self.name if self.name and self.name not in graph.nodes else ""
            name = name or free_name(graph, self.type)
            graph = graph.with_node(name, node)
            if self.source is not None:
                end = PortRef(name, self.input or first_input(node))
                graph = graph.with_edge(self.source, end)
            for target in self.targets:
                start = PortRef(name, self.output or node.outputs[0].name)
                graph = graph.with_edge(start, target)
            return graph

        return model.edit(self.graph, add)


@dataclass(frozen=True, slots=True)
class Several:
    """Apply several remedies, one after the other."""

    parts: tuple[Remedy, ...]

    @classmethod
    def of(cls, *remedies: Remedy) -> Remedy:
        """Join remedies and parts of joined ones; the last of those that set one parameter."""
        parts: dict[object, Remedy] = {}
        for remedy in remedies:
            for part in remedy.parts if isinstance(remedy, cls) else (remedy,):
                key = replace(part, value=0) if isinstance(part, SetParameter) else part
                parts.pop(key, None)
                parts[key] = part
        return cls(tuple(parts.values())) if len(parts) > 1 else next(iter(parts.values()))

    @property
    def title(self) -> str:
        """Such as "Connect a.output to b.left and to b.right"."""
        titles = [part.title for part in self.parts]
        sentence = titles[0]
        for before, title in pairwise(titles):
            action, to, rest = title.rpartition(" to ")
            same = to and before.rpartition(" to ")[0] == action
            sentence += f" and to {rest}" if same else f" and {title[0].lower()}{title[1:]}"
        return sentence

    def apply(self, model: Model) -> Model:
        """Apply each part to the result of the one before."""
        return reduce(lambda edited, part: part.apply(edited), self.parts, model)


def cost(remedy: Remedy) -> int:
    """Return how much a remedy changes, for the order in which remedies are shown."""
    if isinstance(remedy, Several):
        return sum(map(cost, remedy.parts))
    return _COSTS.get(type(remedy), 1)


def is_removal(remedy: Remedy) -> bool:
    """Return whether a remedy removes a node or an edge without a replacement."""
    if isinstance(remedy, Several):
        return any(map(is_removal, remedy.parts))
    return isinstance(remedy, RemoveNode | Disconnect)


def call_text(node_type: str, parameters: Parameters) -> str:
    """Write a new node as a call, such as ``Linear(96)``."""
    values = ", ".join(
        show(value) if isinstance(value, int | Dim) else str(value) for _, value in parameters
    )
    return f"{node_type}({values})" if values else node_type


def join_words(words: Iterable[str]) -> str:
    """Join words to an enumeration such as "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def first_input(node: Node) -> str:
    """Return the name under which an edge ends at the first input port of a node."""
    port = node.inputs[0]
    return f"{port.name}.0" if port.variadic else port.name


def free_name(graph: Graph, node_type: str) -> str:
    """Return an unused name for a new node: ``linear``, else ``linear_2``, ``linear_3``, ..."""
    taken = {folded(name) for name in graph.nodes}
    stem = identifier(node_type)
    name, count = stem, 1
    while name in taken:
        count += 1
        name = f"{stem}_{count}"
    return name


_COSTS = {ReplaceNode: 2, Connect: 2, Insert: 3, AddNode: 3, Disconnect: 4, RemoveNode: 5}
"""How much each remedy changes; 1 for others."""
