"""The node that is checked, and where it is."""

from dataclasses import dataclass

from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Remedy
from nodes.core.graphs.graph import Graph, Model
from nodes.core.graphs.location import Location


@dataclass(frozen=True, slots=True)
class NodeContext:
    """A node in a graph of a model.

    Attributes:
        model: the model.
        graph: the graph that the node is in.
        graph_name: its name in locations.
        node: the name of the node.
        order: the topological order of the graph.
    """

    model: Model
    graph: Graph
    graph_name: str
    node: str
    order: tuple[str, ...]

    def location(self, port: str = "", parameter: str = "") -> Location:
        """Return the location of the node, or of its port or parameter."""
        return Location(self.graph_name, self.node, port, parameter)

    def error(
        self,
        message: str,
        *candidates: Remedy,
        port: str = "",
        parameter: str = "",
        cause: ValueError | None = None,
    ) -> Problem:
        """Make an error at the node."""
        return Problem(Severity.ERROR, self.location(port, parameter), message, candidates, cause)

    def hint(self, message: str) -> Problem:
        """Make a hint at the node."""
        return Problem(Severity.HINT, self.location(), message)
