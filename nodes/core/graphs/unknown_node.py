"""The placeholder of a node that cannot be made as it is written."""

from typing import Any, ClassVar

from nodes.core.graphs.graph import Block, InputNode, OutputNode
from nodes.core.graphs.node import Category, Node
from nodes.core.graphs.port import Input, Kind, Output, find_input

NodeType = type[Node]


class Unknown(Node):
    """Stand in for a node that cannot be made as it is written; saving keeps all of it.

    Its type is not installed, or its parameters break a rule of its type.

    Parameters:
        type: the name of its type.
        parameters: its parameters, as read.
        declared: the class of its type; None if it is not installed.
    """

    category: ClassVar[Category] = Category.IO

    type: str
    parameters: dict[str, Any]
    declared: NodeType | None = None

    @property
    def has_ports(self) -> bool:
        """Whether its ports are known: those of its type."""
        return self.declared is not None and not issubclass(self.declared, Block)

    def ports(self) -> tuple[tuple[Input, ...], tuple[Output, ...]]:
        """Return the ports of its type; none if they are not known."""
        return (self.declared.inputs, self.declared.outputs) if self.declared else ((), ())

    def find_input(self, name: str) -> Input | None:
        """Find a port of its type; where its ports are not known, any name is one."""
        if self.has_ports:
            return find_input(self.ports()[0], name)
        return Input("...", kind=Kind.ANY, name=name)

    def find_output(self, name: str) -> Output | None:
        """Find a port of its type; where its ports are not known, any name is one."""
        if self.has_ports:
            return next((port for port in self.ports()[1] if port.name == name), None)
        return Output("...", kind=Kind.ANY, name=name)


class UnknownInput(Unknown, InputNode):
    """Stand in for an input node, so that its block keeps the port."""

    def port(self, name: str) -> Input:
        """Return an input port of any shape."""
        return Input("...", kind=Kind.ANY, name=name)


class UnknownOutput(Unknown, OutputNode):
    """Stand in for an output node, so that its block keeps the port."""

    def port(self, name: str) -> Output:
        """Return an output port of any shape."""
        return Output("...", kind=Kind.ANY, name=name)


def node_type(node: Node) -> NodeType:
    """Return the type of a node; for a placeholder, the type that it stands for if installed."""
    declared = node.declared if isinstance(node, Unknown) else None
    return declared or type(node)


def value_of(node: Node, parameter: str) -> Any:
    """Return the value of a parameter; for a placeholder, as it is written, or the default."""
    if not isinstance(node, Unknown):
        return getattr(node, parameter)
    info = node_type(node).model_fields.get(parameter)
    default = None if info is None or info.is_required() else info.get_default()
    return node.parameters.get(parameter, default)


def stand_in(name: str, parameters: dict[str, Any], declared: NodeType | None) -> Unknown:
    """Return the placeholder of a node of a type."""
    kind = Unknown
    if declared is not None and issubclass(declared, InputNode):
        kind = UnknownInput
    elif declared is not None and issubclass(declared, OutputNode):
        kind = UnknownOutput
    return kind(type=name, parameters=parameters, declared=declared)
