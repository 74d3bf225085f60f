"""Remedies: edits as data, that a click or a command applies to a model."""

from dataclasses import dataclass, replace
from typing import Protocol

from codegen.source.identifiers import identifier
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.naming_rules import folded
from nodes.core.shapes.dim import Dim, show

Parameters = tuple[tuple[str, object], ...]
"""The parameters of a node that is to be made, by name."""


class Remedy(Protocol):
    """An edit that mends a problem."""

    @property
    def text(self) -> str:
        """Say in the imperative what it does, as part of a sentence."""

    def apply(self, model: Model) -> Model:
        """Make the model that is mended."""


@dataclass(frozen=True, slots=True)
class SetParameter:
    """Give a parameter of a node another value."""

    graph: str
    node: str
    parameter: str
    value: object
    named: bool = False

    @property
    def text(self) -> str:
        """Say what it does."""
        value = show(self.value) if isinstance(self.value, Dim) else str(self.value)
        whose = f" of {self.node}" if self.named else ""
        if self.value in (None, ""):
            return f"leave {self.parameter}{whose} empty"
        return f"set {self.parameter}{whose} to {value}"

    def apply(self, model: Model) -> Model:
        """Validate and replace the node."""
        node = model.graphs[self.graph].nodes[self.node]
        changed = type(node).model_validate({**dict(node), self.parameter: self.value})
        return model.edit(self.graph, lambda graph: graph.with_node(self.node, changed))


@dataclass(frozen=True, slots=True)
class Insert:
    """Put a new node on the edge that ends at a port."""

    graph: str
    target: PortRef
    type: str
    parameters: Parameters = ()

    @property
    def text(self) -> str:
        """Say what it does."""
        values = ", ".join(
            show(value) if isinstance(value, int | Dim) else str(value)
            for _, value in self.parameters
        )
        made = f"{self.type}({values})" if values else self.type
        return f"put {_article(self.type)} {made} before {self.target}"

    def apply(self, model: Model) -> Model:
        """Add the node and connect it on both sides."""
        node = node_types()[self.type](**dict(self.parameters))

        def insert(graph: Graph) -> Graph:
            name = free_name(graph, self.type)
            source = graph.edges[self.target]
            into = PortRef(name, node.inputs[0].name)
            out = PortRef(name, node.outputs[0].name)
            return graph.with_node(name, node).with_edge(source, into).with_edge(out, self.target)

        return model.edit(self.graph, insert)


@dataclass(frozen=True, slots=True)
class Connect:
    """Draw an edge."""

    graph: str
    source: PortRef
    target: PortRef

    @property
    def text(self) -> str:
        """Say what it does."""
        return f"connect {self.source} to {self.target}"

    def apply(self, model: Model) -> Model:
        """Add the edge."""
        return model.edit(self.graph, lambda graph: graph.with_edge(self.source, self.target))


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Remove the edge that ends at a port."""

    graph: str
    target: PortRef

    @property
    def text(self) -> str:
        """Say what it does."""
        return f"remove the edge to {self.target}"

    def apply(self, model: Model) -> Model:
        """Remove the edge."""
        return model.edit(self.graph, lambda graph: graph.without_edge(self.target))


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """Remove a node with its edges."""

    graph: str
    node: str

    @property
    def text(self) -> str:
        """Say what it does."""
        return f"remove {self.node}"

    def apply(self, model: Model) -> Model:
        """Remove the node."""
        return model.edit(self.graph, lambda graph: graph.without_node(self.node))


@dataclass(frozen=True, slots=True)
class StopBypassing:
    """Let a node do its work again."""

    graph: str
    node: str

    @property
    def text(self) -> str:
        """Say what it does."""
        return f"stop bypassing {self.node}"

    def apply(self, model: Model) -> Model:
        """Leave the node's name out of those that are bypassed."""
        return model.edit(
            self.graph, lambda graph: replace(graph, bypassed=graph.bypassed - {self.node})
        )


@dataclass(frozen=True, slots=True)
class AddNode:
    """Add a node, connected to a port of another where one is named."""

    graph: str
    type: str
    parameters: Parameters = ()
    source: PortRef | None = None

    @property
    def text(self) -> str:
        """Say what it does."""
        after = f" after {self.source}" if self.source else ""
        return f"add {_article(self.type)} {self.type}{after}"

    def apply(self, model: Model) -> Model:
        """Add the node and its edge."""
        node = node_types()[self.type](**dict(self.parameters))

        def add(graph: Graph) -> Graph:
            name = free_name(graph, self.type)
            graph = graph.with_node(name, node)
            if self.source is None:
                return graph
            return graph.with_edge(self.source, PortRef(name, node.inputs[0].name))

        return model.edit(self.graph, add)


@dataclass(frozen=True, slots=True)
class SetHyperparameter:
    """Add a hyperparameter or give it another value."""

    name: str
    value: int | float | bool | str

    @property
    def text(self) -> str:
        """Say what it does."""
        return f"set the hyperparameter {self.name} to {self.value}"

    def apply(self, model: Model) -> Model:
        """Replace the value and keep the documentation."""
        doc = known.doc if (known := model.hyperparameters.get(self.name)) else ""
        changed = {**model.hyperparameters, self.name: Hyperparameter(self.value, doc)}
        return replace(model, hyperparameters=changed)


@dataclass(frozen=True, slots=True)
class RemoveHyperparameter:
    """Remove a hyperparameter."""

    name: str

    @property
    def text(self) -> str:
        """Say what it does."""
        return f"remove the hyperparameter {self.name}"

    def apply(self, model: Model) -> Model:
        """Drop it."""
        kept = {key: value for key, value in model.hyperparameters.items() if key != self.name}
        return replace(model, hyperparameters=kept)


def free_name(graph: Graph, node_type: str) -> str:
    """Find a name for a new node: ``linear``, else ``linear_2``, ``linear_3`` and so on."""
    taken = {folded(name) for name in graph.nodes}
    stem = identifier(node_type)
    name, count = stem, 1
    while name in taken:
        count += 1
        name = f"{stem}_{count}"
    return name


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOULRSMF" and (word[1:2].isupper() or word[0] in "AEIOU") else "a"
