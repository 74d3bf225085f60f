"""What one class remembers when its model is fed piece by piece, and how that is written."""

from collections.abc import Mapping

from codegen.check.inference import CheckedGraph
from codegen.check.problem import Location
from codegen.planning import streaming
from codegen.planning.plan import Assign, Parameter, Suite
from codegen.planning.values import Scope, Value, pack
from nodes.core.graphs.node import Node
from nodes.core.graphs.python_expression import Expr, call, compare, name, tuple_of, when


class Remembering:
    """The past that a class is given, and the present that it gives back.

    Attributes:
        memories: the nodes that remember.
        annotation: the type of what the class remembers; "" if nothing.
        presents: what each such node remembers now.
        parameters: the arguments of ``forward`` that only a streamed class takes.
    """

    def __init__(
        self, checked: CheckedGraph, output_nodes: frozenset[str], word: str, scope: Scope
    ) -> None:
        self.word, self.scope = word, scope
        self.memories: Mapping[str, streaming.CachedState] = {}
        self.annotation = ""
        self.presents: list[Expr] = []
        self.parameters: list[Parameter] = []
        if word:
            self._begin(checked, output_nodes)

    def _begin(self, checked: CheckedGraph, output_nodes: frozenset[str]) -> None:
        self.memories = streaming.memories(checked, output_nodes)
        whole = streaming.memory(checked, output_nodes)
        if streaming.has_positions(checked, output_nodes):
            self._take_start(whole)
        if whole is not None:
            self.annotation = whole.annotation
            self.scope.names.take(self.word)
            given = f"{whole.annotation} | None"
            self.parameters.append(Parameter(self.word, given, "None"))

    def _take_start(self, whole: streaming.CachedState | None) -> None:
        """Know where the piece begins: by the keys of an attention, or told by the caller."""
        start = self.scope.names.take("start")
        if whole is None or whole.path is None:
            self.parameters.append(Parameter(start, "int", "0"))
            return
        length = streaming.start_of(name(self.word), whole.path)
        first = when(self._is_first(), 0, length)
        self.scope.statements.append(Assign(start, first))

    def _is_first(self) -> Expr:
        return compare(name(self.word), "is", None)

    def past(self, node: str) -> Expr | None:
        """Write what a node is given of its past; None if it remembers nothing."""
        if node not in self.memories:
            return None
        if len(self.memories) == 1:
            return name(self.word)
        return self.entry(list(self.memories).index(node))

    def entry(self, *indices: int | Expr) -> Expr:
        """Write one entry of the past, which may be missing as a whole."""
        past = name(self.word)
        for index in indices:
            past = past[index]
        return when(self._is_first(), None, past)

    def present(self, layer: str) -> str:
        """Name what a layer remembers after this piece."""
        word = "present" if self.word == "past" else "state"
        if len(self.memories) > 1:
            return self.scope.names.take(f"{layer}_{word}")
        return word if word == self.word else self.scope.names.take(word)

    def join(self, node: Node, past: Expr, sources: dict[str, Value], at: Location) -> Expr:
        """Join what an attention is given now to what it was given before.

        Returns:
            What stands for the past in the attention's code.
        """
        if past.text != self.word:
            taken = self.scope.names.take(self.word)
            self.scope.statements.append(Assign(taken, past))
            past = name(taken)
        for value in sources.values():
            self.scope.assign(value)
        joined: dict[str, Expr] = {}
        for index, port in enumerate(node.state_ports):
            own = sources[port] = self.scope.own(sources[port])
            joined[own.variable] = call("torch.cat", tuple_of(past[index], own.expr), dim=2)
        body = Assign(", ".join(joined), pack(list(joined.values())), "", (at,))
        condition = compare(past, "is not", None)
        self.scope.statements.append(Suite(f"if {condition.text}", (body,), (at,)))
        self.presents.append(tuple_of(*(sources[port].expr for port in node.state_ports)))
        return past

    def gives(self) -> list[Expr]:
        """Write what the class gives back beside its outputs."""
        return [pack(self.presents)] if self.presents else []
