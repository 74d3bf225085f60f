"""Locations in a model, for problems and for the source map of generated code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A location in a model; an empty field stands for all that the fields before it contain.

    Attributes:
        graph: the block, "" for the main graph.
        node: the node in it.
        port: the port of the node.
        parameter: the parameter of the node; without a node, a hyperparameter or a field of the
            recipe.
    """

    graph: str = ""
    node: str = ""
    port: str = ""
    parameter: str = ""

    def __str__(self) -> str:
        member = self.port or self.parameter
        path = f"{self.node}.{member}" if self.node and member else self.node or member
        return f"{self.graph}/{path}" if self.graph and path else self.graph or path
