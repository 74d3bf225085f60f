"""The placeholder of a node whose type is not installed."""

from typing import Any

from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, Output


class Unknown(Node):
    """Stand in for a node whose type is not installed; saving keeps all of it.

    Parameters:
        type: the name of its type.
        parameters: its parameters, as read.
    """

    type: str
    parameters: dict[str, Any]

    def find_input(self, name: str) -> Input:
        """Return a port of any name."""
        return Input("...", kind=Kind.ANY, name=name)

    def find_output(self, name: str) -> Output:
        """Return a port of any name."""
        return Output("...", kind=Kind.ANY, name=name)
