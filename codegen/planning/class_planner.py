"""The plan of the class of one graph, and of the classes that it uses.

`ClassUse`, a checked graph with the outputs that are read -> `ClassPlan`: nodes in topological
order become layers of ``__init__``, and expressions that are inlined or assigned in ``forward``.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from codegen.check.checked_graph import CheckedNode
from codegen.check.graph_use import loop_ports, read_sources
from codegen.check.tied_padding import padding_rows
from codegen.planning import streaming
from codegen.planning.cached_state import CachedStatePlan
from codegen.planning.checked_access import output_spec
from codegen.planning.class_use import ClassUse
from codegen.planning.dataflow import dataflow
from codegen.planning.method_arguments import MethodArguments
from codegen.planning.model_scope import ModelScope
from codegen.planning.module_attributes import ModuleAttributes
from codegen.planning.plan import Assign, Attribute, ClassPlan, MethodPlan, StateArgument
from codegen.planning.primitive_code import PrimitiveEmitter
from codegen.planning.repeats import RepeatedCall, plan_repeat
from codegen.planning.shared_values import SharedVariables
from codegen.planning.step_loop import StepLoop, plan_step_loop
from codegen.planning.value_roles import find_roles
from codegen.planning.values import (
    MAX_INLINED,
    OutputGroups,
    PendingExpression,
    Scope,
    Value,
    find_uninlinable,
    pack,
    parse_returns,
)
from codegen.source.identifiers import class_name, identifier
from nodes.core.graphs.graph import Block, Composite, InputNode, OutputNode, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr, call, name

_CONFIG = re.compile(r"\bconfig\b")
_WORD = re.compile(r"\w+")


def plan_class(use: ClassUse, name_hints: Sequence[str], doc: str, scope: ModelScope) -> ClassPlan:
    """Plan the class of a graph; an identical class that was planned before is reused.

    A block that the user drew has a class of the name that the user gave it. The class of the model
    itself is planned by `model_planner.plan_model`.

    Args:
        use: the graph, with the outputs that are read.
        name_hints: names of the class, the best first; the next one if it is taken.
        doc: its docstring.
        scope: the scope of the model.
    """
    if use.key not in scope.class_of_use:
        plan, names = ClassPlanner(use, doc, scope).plan(), [class_name(n) for n in name_hints]
        planned = (other for other in scope.classes if other == plan)
        same = next((p for p in planned if p.name in names or not use.user_drawn), None)
        if same is None:
            free = next((name for name in names if name not in scope.names), names[0])
            plan.name = scope.names.create(free)
            scope.classes.append(plan)
        elif _sizes(plan) > _sizes(same):
            same.methods = plan.methods
        scope.class_of_use[use.key] = same or plan
    return scope.class_of_use[use.key]


def _sizes(plan: ClassPlan) -> int:
    """Count the different sizes in the signature of a class: the most general use has most."""
    return len(set(_WORD.findall(plan.methods[-1].signature)))


@lru_cache(maxsize=65536)
def _name_of_value(node_name: str, node_type: str) -> tuple[str, bool]:
    """Return a name for the value of a node, and whether the user chose it."""
    hint, kind = identifier(node_name), identifier(node_type)
    stem, _, number = hint.rpartition("_")
    return hint, hint != kind and not (stem == kind and number.isdecimal())


class ClassPlanner:
    """Plans one class by walking its graph in topological order."""

    def __init__(self, use: ClassUse, doc: str, model_scope: ModelScope) -> None:
        self.use, self.checked, self.model_scope = use, use.checked, model_scope
        self.live = use.live
        self.attributes = ModuleAttributes(model_scope, use.is_model, self._free_size)
        self._padding_rows = padding_rows(use.checked.graph.nodes)
        self.values: dict[PortRef, Value] = {}
        self.emitters: dict[str, PrimitiveEmitter] = {}
        self._inner_uses = self._uses_of_composites()
        self._plan = ClassPlan("", doc)
        self._create_values()

    def plan(self) -> ClassPlan:
        """Plan the attributes and the methods."""
        self.plan_methods()
        plan = self._plan
        plan.attributes = self.attributes.numbers + self.attributes.layers + self._weight_ties()
        plan.takes_config = self.use.is_model or any(
            _CONFIG.search(attribute.value.text) for attribute in plan.attributes
        )
        return plan

    def plan_methods(self) -> None:
        """Plan the methods: ``forward`` alone."""
        self.begin("forward", self.model_scope.state_argument, self.live)
        self.method.add_inputs({node: self.argument(node) for node in self.use.parameters()})
        self.method.plan.parameters += self.shared.add_parameters(self.scope)
        self.plan_nodes(self.live)
        self.end(self.results(), self.shared.shapes())

    def begin(self, method: str, argument: StateArgument, nodes: Collection[str]) -> None:
        """Begin a method.

        Args:
            method: its name.
            argument: its argument for the cached state; "" if it has none.
            nodes: the nodes that it computes.
        """
        self.scope = Scope(self.model_scope.notation.show, self.model_scope.library)
        self.method = MethodArguments(MethodPlan(method), self.use, self.scope)
        self.state = CachedStatePlan(self.use, argument, self.scope)
        self.shared = SharedVariables(self.use, nodes)

    def end(self, returned: Mapping[str, Value], more: Iterable[str] = ()) -> None:
        """End a method.

        Args:
            returned: the values that it returns before the new state, by their names.
            more: further arguments with their shapes, for the docstring.
        """
        new_state = self.state.returned()
        result = self._inline(
            lambda: pack([value.expr for value in returned.values()] + new_state), returned
        )
        nodes = [node for node in returned if node in self.checked.graph.output_nodes]
        pending = PendingExpression.of(result, returned, *map(self.location, nodes))
        self.scope.statements.append(Assign("return", result, "", pending.nodes))
        self.method.plan.parameters += self.state.parameters
        self.add_method(returned, more, [self.state.annotation] if new_state else [])

    def add_method(
        self, returned: Mapping[str, Value], more: Iterable[str] = (), state: Iterable[str] = ()
    ) -> None:
        """Add the method, whose statements are complete, to the class.

        Args:
            returned: the values that it returns, as in `end`.
            more: further arguments, as in `end`.
            state: the type of the new state, if it returns one.
        """
        method, show = self.method.plan, self.model_scope.notation.show
        inputs = [f"{node} {show(v.spec.shape)}" for node, v in self.method.values.items()]
        outputs = [f"{node} {show(value.spec.shape)}" for node, value in returned.items()]
        method.signature = f"{', '.join([*inputs, *more])} -> {', '.join(outputs)}"
        types = ["Tensor"] * len(returned) + [*state]
        method.returns = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
        method.statements = self.scope.statements
        self._plan.methods.append(method)

    # -- values and parameters -------------------------------------------------------------------

    def _uses_of_composites(self) -> dict[str, ClassUse]:
        uses = {}
        for node_name in self.live:
            node, inner = self.checked.graph.nodes[node_name], self.use.inner(node_name)
            if isinstance(node, Composite) and inner is not None:
                aliases = self.model_scope.aliases.of(self.checked, node_name, node)
                key = inner.checked, inner.output_nodes, inner.sequence, aliases
                uses[node_name] = ClassUse(*key, user_drawn=isinstance(node, Block))
        return uses

    def source_refs(self, node_name: str) -> Mapping[str, PortRef]:
        """Return the ports that a node's code reads; the class of a composite may not read all."""
        if node_name not in self._inner_uses:
            return read_sources(self.checked, node_name)
        refs = self.checked.sources[node_name]
        use = self._inner_uses[node_name]
        of_loop = loop_ports(use.checked.graph, self.checked.nodes[node_name].input_specs)
        ports = dict.fromkeys((*use.parameters(), *of_loop))
        return {port: refs[port] for port in ports if port in refs}

    def _create_values(self) -> None:
        """Create the value of every port that is read, with its use count."""
        aliases = dict(self.use.aliases)
        for node_name in self.live:
            for ref in self.source_refs(node_name).values():
                first = PortRef(aliases.get(ref.node, ref.node), ref.port)
                value = self.values.setdefault(first, Value(output_spec(self.checked, ref)))
                self.values[ref] = value
                value.remaining_uses += 1
                value.use_count += 1
        for ref, role in find_roles(self.checked, self.live).items():
            if ref in self.values:
                self.values[ref].role = role

    def argument(self, input_node: str) -> Value:
        """Return the value of an input node."""
        ref = PortRef(input_node, self.checked.graph.nodes[input_node].outputs[0].name)
        return self.values.setdefault(ref, Value(output_spec(self.checked, ref)))

    def _free_size(self, symbol: str) -> str:
        return self.method.free_size(symbol)

    # -- nodes -----------------------------------------------------------------------------------

    def location(self, node_name: str) -> Location:
        """Return the location of a node of this graph."""
        return Location(self.checked.name, node_name)

    def plan_nodes(self, nodes: Iterable[str]) -> None:
        """Plan the layers and the expressions of some nodes."""
        for node_name in nodes:
            node = self.checked.graph.nodes[node_name]
            if isinstance(node, Composite):
                self._plan_composite(node_name, node)
            elif not isinstance(node, InputNode | OutputNode):
                self._plan_primitive(node_name, node, self.checked.nodes[node_name])

    def _plan_primitive(self, node_name: str, node: Node, checked_node: CheckedNode) -> None:
        refs, at = self.checked.sources[node_name], self.location(node_name)
        sources = {port: self.values[ref] for port, ref in refs.items()}
        state = self.state.of_node(node_name)
        is_recurrent = state is not None and not node.caches_inputs
        if state is not None:
            state = self._before(node_name, state, sources)
        layer, used = self.attributes.layer(node_name), self.live[node_name]
        scope, padding = self.model_scope, self._padding_rows.get(node_name)
        scope.has_padding |= padding is not None
        shared = self.shared.of_node(node_name)
        emitter = PrimitiveEmitter(
            scope, self.attributes, checked_node, layer, used, sources, state, padding, shared
        )
        self.emitters[node_name] = emitter
        module = emitter.module()
        if module is not None:
            self.attributes.add_layer(node_name, module, at)
            scope.own_starts.update(node.own_starts)
        if shared:
            sources = sources | shared
        expr = self._inline(emitter.forward, sources)
        pending = self._pending(at, expr, sources)
        pending.pinned = pending.user_named and module is None
        ports = [port.name for port in node.outputs if port.name in used]
        if is_recurrent:
            self._assign_recurrent(node_name, node, pending)
        elif len(ports) == 1 and (len(node.outputs) == 1 or node.returns_used_only):
            self._set_output(node_name, ports[0], pending)
        else:
            self._assign_outputs(node_name, ports, pending, parse_returns(node.returns))

    def _before(self, node_name: str, state: Expr, sources: dict[str, Value]) -> Expr | None:
        """Plan what comes before a node with a cached state; return the state that it reads."""
        node, at = self.checked.graph.nodes[node_name], self.location(node_name)
        if streaming.reads_memory(self.use, node_name):
            self.state.keep_memory(state, sources, at)
            return None
        if node.caches_inputs:
            return self.state.append_to_cache(node, state, sources, at)
        firsts = [port.name for port in node.inputs if port.kind is Kind.STATE]
        firsts = [port for port in firsts if port in sources]
        if not firsts:
            return state
        for port in firsts:
            self.scope.assign(sources[port])
        return self.state.of_node(node_name, pack([sources[port].expr for port in firsts]))

    def _inline(self, emit: Callable[[], Expr], sources: Mapping[str, Value]) -> Expr:
        """Emit an expression, first assigning to variables the sources that cannot be inlined."""
        if len(sources) > MAX_INLINED:
            for value in sources.values():
                self.scope.assign(value)
        while True:
            expr = emit()
            pending = [v for v in dict.fromkeys(sources.values()) if not v.variable]
            reused = next((value for value in pending if value.remaining_uses > 1), None)
            uninlinable = reused or find_uninlinable(expr, pending)
            if uninlinable is None:
                return expr
            self.scope.assign(uninlinable)

    def _pending(self, at: Location, expr: Expr, sources: Mapping[str, Value]) -> PendingExpression:
        """Make the pending expression of a node, with a name hint for its value."""
        pending = PendingExpression.of(expr, sources, at)
        kind = type(self.checked.graph.nodes[at.node]).__name__
        pending.name_hint, pending.user_named = _name_of_value(at.node, kind)
        if not pending.user_named:
            inlined = (value.pending for value in sources.values() if value.pending)
            hints = (source.name_hint for source in inlined if source.user_named)
            pending.name_hint = next(hints, pending.name_hint)
        return pending

    def _set_output(self, node_name: str, port: str, pending: PendingExpression) -> None:
        """Set the only output of a node; assign it to a variable if it has several uses."""
        value = self.values[PortRef(node_name, port)]
        value.pending = pending
        if value.remaining_uses > 1:
            self.scope.assign(value)

    def _assign_outputs(
        self, node_name: str, ports: list[str], pending: PendingExpression, returns: OutputGroups
    ) -> None:
        """Assign several outputs in one statement."""
        values = {port: self.values[PortRef(node_name, port)] for port in ports}
        self.scope.assign_outputs(values, pending, returns)

    def _assign_recurrent(self, node_name: str, node: Node, pending: PendingExpression) -> None:
        """Assign the outputs of a recurrent node; the state as a whole if no part of it is read."""
        used = [port.name for port in node.outputs if port.name in self.live[node_name]]
        if not any(port in used for port in node.state_ports):
            state = self.state.new_state_name(self.attributes.layer(node_name))
            returns = [[node.outputs[0].name], [f"={state}"]]
            self._assign_outputs(node_name, used, pending, returns)
            self.state.new_states.append(name(state))
            return
        for port in node.state_ports:
            ref = PortRef(node_name, port)
            value = self.values.setdefault(ref, Value(output_spec(self.checked, ref)))
            value.remaining_uses += 1
        ports = [p.name for p in node.outputs if p.name in used or p.name in node.state_ports]
        self._assign_outputs(node_name, ports, pending, parse_returns(node.returns))
        parts = [self.values[PortRef(node_name, port)].expr for port in node.state_ports]
        self.state.new_states.append(pack(parts))

    # -- composites ------------------------------------------------------------------------------

    def _plan_composite(self, node_name: str, node: Composite) -> None:
        use = self._inner_uses[node_name]
        is_block = isinstance(node, Block)
        edges = (p for p in self.checked.sources[node_name] if self.checked.has_edge(node_name, p))
        hints = node.class_names(frozenset(edges))
        text = use.checked.graph.notes if is_block else manual(type(node))
        text = text.strip().partition("\n")[0] or dataflow(use.checked, use.output_nodes)
        plan = plan_class(use, hints, text, self.model_scope)
        sources = {port: self.values[ref] for port, ref in self.source_refs(node_name).items()}
        shared = self.shared.of_node(node_name)
        sources |= shared
        ports = [port for port in use.checked.graph.output_nodes if port in use.output_nodes]
        constructor = call(plan.name, *([name("config")] if plan.takes_config else []))
        if use.checked.graph.step_inputs:
            parameters = [*use.parameters(), *shared]
            loop = StepLoop(node_name, use.checked, constructor, sources, parameters, ports)
            plan_step_loop(self, loop)
            return
        start = self._start(use)
        if node.repeat != 1:
            repeated = RepeatedCall(node_name, node, constructor, sources, ports, start)
            plan_repeat(self, repeated)
            return
        self.attributes.add_layer(node_name, constructor, self.location(node_name))
        self._call_composite(node_name, sources, ports, start)

    def _call_composite(
        self, node_name: str, sources: Mapping[str, Value], ports: list[str], start: list[Expr]
    ) -> None:
        layer = self.attributes.layer(node_name)
        state = self.state.of_node(node_name)
        extra = [*start, *([state] if state is not None else [])]
        expr = self._inline(
            lambda: call(f"self.{layer}", *(v.expr for v in sources.values()), *extra), sources
        )
        pending = self._pending(self.location(node_name), expr, sources)
        returns = [[port] for port in ports]
        if state is not None:
            new_state = self.state.new_state_name(layer)
            self._assign_outputs(node_name, ports, pending, [*returns, [f"={new_state}"]])
            self.state.new_states.append(name(new_state))
        elif len(ports) == 1:
            self._set_output(node_name, ports[0], pending)
        else:
            self._assign_outputs(node_name, ports, pending, returns)

    def _start(self, use: ClassUse) -> list[Expr]:
        """Return the argument for the position of the first step, if the class takes one."""
        has_cache = bool(self.model_scope.state_argument)
        takes_start = has_cache and streaming.takes_start(use)
        return [name("start")] if takes_start else []

    # -- the end ---------------------------------------------------------------------------------

    def _weight_ties(self) -> list[Attribute]:
        return [
            self.attributes.tie_weight(node, owner, (self.location(node), self.location(owner)))
            for node, owner in streaming.weight_owners(self.checked, self.live).items()
            if node != owner
        ]

    def results(self) -> dict[str, Value]:
        """Return the value at each output node that is read."""
        sources = self.checked.sources
        nodes = [node for node in self.checked.graph.output_nodes if node in self.use.output_nodes]
        return {node: self.values[sources[node]["input"]] for node in nodes}
