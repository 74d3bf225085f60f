"""Remedies: quick fixes of problems, as edits of a model that are data."""

from dataclasses import dataclass, replace
from typing import Protocol

from codegen.source.identifiers import identifier
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Graph, Hyperparameter, Model, PortRef
from nodes.core.graphs.naming_rules import folded
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
        changed = type(node).model_validate({**dict(node), self.parameter: self.value})
        return model.edit(self.graph, lambda graph: graph.with_node(self.node, changed))


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert a new node into the edge that ends at a port."""

    graph: str
    target: PortRef
    type: str
    parameters: Parameters = ()

    @property
    def title(self) -> str:
        """Such as "Insert Linear(96) before attention.query"."""
        values = ", ".join(
            show(value) if isinstance(value, int | Dim) else str(value)
            for _, value in self.parameters
        )
        call = f"{self.type}({values})" if values else self.type
        return f"Insert {call} before {self.target}"

    def apply(self, model: Model) -> Model:
        """Add the node and connect its first input and output."""
        node = node_types()[self.type](**dict(self.parameters))

        def insert(graph: Graph) -> Graph:
            name = free_name(graph, self.type)
            source = graph.edges[self.target]
            start = PortRef(name, node.inputs[0].name)
            end = PortRef(name, node.outputs[0].name)
            return graph.with_node(name, node).with_edge(source, start).with_edge(end, self.target)

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
    """Remove a node with its edges."""

    graph: str
    node: str

    @property
    def title(self) -> str:
        """Such as "Remove b"."""
        return f"Remove {self.node}"

    def apply(self, model: Model) -> Model:
        """Remove the node."""
        return model.edit(self.graph, lambda graph: graph.without_node(self.node))


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
    """Add a node, connected to ``source`` if there is one."""

    graph: str
    type: str
    parameters: Parameters = ()
    source: PortRef | None = None

    @property
    def title(self) -> str:
        """Such as "Add GraphOutput after b.output"."""
        after = f" after {self.source}" if self.source else ""
        return f"Add {self.type}{after}"

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
    """Add a hyperparameter, or set its value."""

    name: str
    value: int | float | bool | str

    @property
    def title(self) -> str:
        """Such as "Set the hyperparameter d_model to 128"."""
        return f"Set the hyperparameter {self.name} to {self.value}"

    def apply(self, model: Model) -> Model:
        """Set the value and keep the documentation."""
        before = model.hyperparameters.get(self.name)
        after = Hyperparameter(self.value, before.doc if before else "")
        changed = {**model.hyperparameters, self.name: after}
        return replace(model, hyperparameters=changed)


@dataclass(frozen=True, slots=True)
class RemoveHyperparameter:
    """Remove a hyperparameter."""

    name: str

    @property
    def title(self) -> str:
        """Such as "Remove the hyperparameter d_model"."""
        return f"Remove the hyperparameter {self.name}"

    def apply(self, model: Model) -> Model:
        """Remove the hyperparameter."""
        others = {key: value for key, value in model.hyperparameters.items() if key != self.name}
        return replace(model, hyperparameters=others)


def free_name(graph: Graph, node_type: str) -> str:
    """Return an unused name for a new node: ``linear``, else ``linear_2``, ``linear_3``, ..."""
    taken = {folded(name) for name in graph.nodes}
    stem = identifier(node_type)
    name, count = stem, 1
    while name in taken:
        count += 1
        name = f"{stem}_{count}"
    return name
