"""One use of a checked graph as a class."""

from dataclasses import dataclass

from codegen.check.graph_use import GraphUse


@dataclass(frozen=True, slots=True)
class ClassUse(GraphUse):
    """One use of a graph as a class.

    Attributes:
        aliases: each input with the same source as an earlier input, and that input.
        is_model: the class is the model itself.
        user_drawn: the user drew the graph and named its inputs.
    """

    aliases: tuple[tuple[str, str], ...] = ()
    is_model: bool = False
    user_drawn: bool = True

    @property
    def key(self) -> object:
        """The key of the class: uses with different keys need different classes."""
        return id(self.checked), self.output_nodes, self.aliases

    def parameters(self) -> list[str]:
        """Return the input nodes that ``forward`` has a parameter for, in order."""
        aliases = dict(self.aliases)
        needed = self.live.keys() | {aliases[node] for node in self.live if node in aliases}
        return [
            node
            for node in self.checked.graph.input_nodes
            if node in self.checked.nodes
            and node not in aliases
            and (self.is_model or node in needed)
        ]
