"""Parameters that have no effect beside the others, and the node that has it instead."""

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Remedy, SetParameter, free_name
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.graph import Graph, Model, PortRef
from nodes.core.graphs.node import Node


@dataclass(frozen=True, slots=True)
class MoveParameter:
    """Move the value of a parameter to a new node behind the first output.

    Attributes:
        graph, node, parameter: the parameter.
        neutral: its value afterwards.
        type: the type of the new node.
        type_parameter: the parameter of the new node that takes the value.
    """

    graph: str
    node: str
    parameter: str
    neutral: object
    type: str
    type_parameter: str

    @property
    def title(self) -> str:
        """Such as "Move dropout to a Dropout after lstm"."""
        return f"Move {self.parameter} to a {self.type} after {self.node}"

    def apply(self, model: Model) -> Model:
        """Reset the parameter, and let all that read the output read the new node."""

        def move(graph: Graph) -> Graph:
            node = graph.nodes[self.node]
            value = getattr(node, self.parameter)
            new = node_types()[self.type](**{self.type_parameter: value})
            name, source = free_name(graph, self.type), PortRef(self.node, node.outputs[0].name)
            readers = [target for target, read in graph.edges.items() if read == source]
            graph = graph.with_node(name, new).with_edge(source, PortRef(name, new.inputs[0].name))
            for target in readers:
                graph = graph.with_edge(PortRef(name, new.outputs[0].name), target)
            changed = type(node).model_validate({**dict(node), self.parameter: self.neutral})
            return graph.with_node(self.node, changed)

        return model.edit(self.graph, move)


def problems(context: NodeContext, resolved: Node) -> Iterator[Problem]:
    """Warn about the parameters of a node, without names in them, that have no effect."""
    output = PortRef(context.node, resolved.outputs[0].name) if resolved.outputs else None
    for error in resolved.parameter_warnings():
        where = context.graph_name, context.node, error.parameter
        remedies: list[Remedy] = [SetParameter(*where, value) for value in error.fixes]
        if error.instead is not None and output in context.graph.edges.values():
            remedies.insert(0, MoveParameter(*where, error.fixes[0], *error.instead))
        location = context.location(parameter=error.parameter)
        yield Problem(Severity.WARNING, location, error.text, tuple(remedies))
