"""The cached state of one class: a parameter of ``forward``, its entries, and the new state.

`streaming.CachedState` of each node -> the expressions that read the old state, and the statements
and the returned expression that make the new one.
"""

from collections.abc import Mapping

from codegen.check.node_streaming import time_dims
from codegen.planning import streaming
from codegen.planning.class_use import ClassUse
from codegen.planning.plan import Assign, CompoundStatement, Parameter, StateArgument
from codegen.planning.values import Scope, Value, pack
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.python_expression import Expr, call, compare, conditional, name, tuple_of


class CachedStatePlan:
    """The cached state that a class takes, and the one that it returns.

    Attributes:
        argument: the argument of ``forward`` for the cached state; "" in a model without a cache.
        states: the cached state of each node that has one.
        annotation: the type of the state of the class; "" if it has none.
        new_states: the new state of each of these nodes.
        parameters: the parameters of ``forward`` that only a class with a cache has.
    """

    def __init__(self, use: ClassUse, argument: StateArgument, scope: Scope) -> None:
        self.argument, self._scope, self._sequence = argument, scope, use.sequence
        self.states: Mapping[str, streaming.CachedState] = {}
        self.annotation = ""
        self.new_states: list[Expr] = []
        self.parameters: list[Parameter] = []
        if argument:
            self._add_parameters(use)

    def _add_parameters(self, use: ClassUse) -> None:
        self.states = streaming.cached_states(use)
        whole = streaming.cached_state(use)
        reads_start = streaming.has_positions if use.is_model else streaming.needs_start
        if reads_start(use):
            self._define_start(whole)
        if whole is not None:
            self.annotation = whole.annotation
            self._scope.names.create(self.argument)
            optional = f"{whole.annotation} | None"
            self.parameters.append(Parameter(self.argument, optional, "None"))

    def _define_start(self, whole: streaming.CachedState | None) -> None:
        """Define ``start``, the position of the first step: the cached length or a parameter."""
        start = self._scope.names.create("start")
        if whole is None or whole.path is None:
            self.parameters.append(Parameter(start, "int", "0"))
            return
        length = streaming.cached_length(name(self.argument), whole.path)
        self._scope.statements.append(Assign(start, conditional(self._is_first_call(), 0, length)))

    def _is_first_call(self) -> Expr:
        return compare(name(self.argument), "is", None)

    def of_node(self, node: str, first: Expr | None = None) -> Expr | None:
        """Write the state of a node before the steps of a call; None if it has none.

        Args:
            node: the node.
            first: its state in the first call.
        """
        if node not in self.states:
            return None
        if len(self.states) > 1:
            return self._entry([list(self.states).index(node)], first)
        return self._entry([], first) if first is not None else name(self.argument)

    def of_copy(self, node: str, index: str) -> Expr:
        """Write the cached state of the copy of a repeated node that a loop is at."""
        if len(self.states) == 1:
            return self._entry([name(index)])
        return self._entry([list(self.states).index(node), name(index)])

    def _entry(self, indices: list[int | Expr], first: Expr | None = None) -> Expr:
        """Write one entry of the state, or its value in the first call."""
        entry = name(self.argument)
        for index in indices:
            entry = entry[index]
        return conditional(self._is_first_call(), first, entry)

    def new_state_name(self, layer: str) -> str:
        """Choose the variable for the new state of a layer."""
        suffix = "present" if self.argument == "past" else "state"
        if len(self.states) > 1:
            return self._scope.names.create(f"{layer}_{suffix}")
        return suffix if suffix == self.argument else self._scope.names.create(suffix)

    def append_to_cache(
        self, node: Node, cache: Expr, sources: dict[str, Value], at: Location
    ) -> Expr:
        """Concatenate the cached keys and values of an attention with the new ones.

        Args:
            node: the attention.
            cache: its cached state.
            sources: its inputs; those that it caches are replaced by the concatenations.
            at: the location of the node.

        Returns:
            The variable that holds the cached state.
        """
        cache = self._in_variable(cache)
        for value in sources.values():
            self._scope.assign(value)
        ports = [port for port in node.state_ports if port in sources]
        joined: dict[str, Expr] = {}
        for index, port in enumerate(ports):
            new = sources[port] = self._scope.reassignable(sources[port])
            steps = time_dims(new.spec, self._sequence)[0]
            joined[new.variable] = call("torch.cat", tuple_of(cache[index], new.expr), dim=steps)
        body = Assign(", ".join(joined), pack(list(joined.values())), "", (at,))
        condition = compare(cache, "is not", None)
        self._scope.statements.append(CompoundStatement(f"if {condition.text}", (body,), (at,)))
        self.new_states.append(tuple_of(*(sources[port].expr for port in ports)))
        return cache

    def keep_memory(self, cache: Expr, sources: Mapping[str, Value], at: Location) -> None:
        """Compute the keys and the values of a memory in the first call, and keep them.

        Args:
            cache: the cached state of the attention.
            sources: its inputs.
            at: its location.
        """
        cache, scope = self._in_variable(cache), self._scope
        kept = [sources[port] for port in streaming.MEMORY_PORTS]
        before, scope.statements = scope.statements, []
        for value in dict.fromkeys(kept):
            scope.assign(value)
        first, scope.statements = scope.statements, before
        variables = tuple_of(*(value.expr for value in kept))
        if first:
            later = Assign(", ".join(value.variable for value in kept), cache, "", (at,))
            header = f"if {compare(cache, 'is', None).text}"
            scope.statements.append(CompoundStatement(header, tuple(first), (at,)))
            scope.statements.append(CompoundStatement("else", (later,), (at,)))
        self.new_states.append(variables)

    def _in_variable(self, cache: Expr) -> Expr:
        """Assign a cached state to a variable, if it is no parameter."""
        if cache.text == self.argument:
            return cache
        variable = self._scope.names.create(self.argument)
        self._scope.statements.append(Assign(variable, cache))
        return name(variable)

    def returned(self) -> list[Expr]:
        """Write what the class returns after its outputs: the new state, if it has one."""
        return [pack(self.new_states)] if self.new_states else []
