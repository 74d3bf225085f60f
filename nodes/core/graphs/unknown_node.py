"""The stand-in for a node whose type is not installed here."""

from typing import Any

from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, Output


class Unknown(Node):
    """Keep the place of a node whose type is not installed; nothing of it is lost on saving.

    Parameters:
        type: what its type is called.
        parameters: its parameters, as they were read.
    """

    type: str
    parameters: dict[str, Any]

    def find_input(self, name: str) -> Input:
        """Take any port that an edge names."""
        return Input("...", kind=Kind.ANY, name=name)

    def find_output(self, name: str) -> Output:
        """Take any port that an edge names."""
        return Output("...", kind=Kind.ANY, name=name)
