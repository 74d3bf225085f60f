"""A checked graph -> the plan of its class, and of the classes inside it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codegen.check.inference import CheckedGraph, CheckedNode
from codegen.check.input_checks import carried
from codegen.check.problem import Location
from codegen.planning import streaming
from codegen.planning.cached_state import Remembering
from codegen.planning.module_attributes import Attributes, is_free
from codegen.planning.plan import Assign, ClassPlan, Parameter
from codegen.planning.primitive_code import Primitive
from codegen.planning.repeats import write_chain
from codegen.planning.shared_names import Shared
from codegen.planning.values import (
    MOST_IN_PLACE,
    STREAM,
    Groups,
    Made,
    Scope,
    Value,
    culprit,
    groups,
    made_of,
    pack,
)
from codegen.source.identifiers import class_name, identifier
from nodes.core.graphs.graph import Block, Composite, InputNode, OutputNode, PortRef
from nodes.core.graphs.node import Node, manual
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr, call, name

_CONFIG = re.compile(r"\bconfig\b")


@dataclass(frozen=True, slots=True)
class Use:
    """How a graph is used as a class.

    Attributes:
        checked: the graph.
        output_nodes: the outputs that something reads.
        aliases: inputs that get what an earlier input gets, with that input.
        main: it is the model itself.
        own: a person drew it, and gave its inputs their names.
    """

    checked: CheckedGraph
    output_nodes: frozenset[str]
    aliases: tuple[tuple[str, str], ...] = ()
    main: bool = False
    own: bool = True

    @property
    def key(self) -> object:
        """Tell uses apart that need classes of their own."""
        return id(self.checked), self.output_nodes, self.aliases

    def arguments(self) -> list[str]:
        """Name the entrances that the class takes an argument for, in order."""
        live = streaming.live_nodes(self.checked, self.output_nodes)
        aliases = dict(self.aliases)
        needed = live.keys() | {aliases[one] for one in live if one in aliases}
        return [
            one
            for one in self.checked.graph.input_nodes
            if one in self.checked.found and one not in aliases and (self.main or one in needed)
        ]


def plan_class(use: Use, wish: str, doc: str, shared: Shared) -> ClassPlan:
    """Plan a class for a graph, or find the one that says the same already."""
    known = shared.made.get(use.key)
    if known is None:
        fresh = ClassPlanner(use, doc, shared).plan()
        same = (one for one in shared.classes if one == fresh and not use.main)
        known = next(same, None)
        if known is None:
            fresh.name = shared.names.take(class_name(wish))
            shared.classes.append(fresh)
            known = fresh
        shared.made[use.key] = known
    return known


class ClassPlanner:
    """Plans one class: walks the graph in order, writing values in place or into variables."""

    def __init__(self, use: Use, doc: str, shared: Shared) -> None:
        self.use, self.checked, self.shared = use, use.checked, shared
        self.live = streaming.live_nodes(use.checked, use.output_nodes)
        self.scope = Scope(shared.quotients.show)
        self.memory = Remembering(use.checked, use.output_nodes, shared.streamed, self.scope)
        self.attributes = Attributes(shared, use.main, self._free)
        self.values: dict[PortRef, Value] = {}
        self.inner = self._inner_uses()
        self.plan_of_class = ClassPlan("", doc)
        self.arguments: dict[str, Value] = {}
        self._sizes_of: dict[str, str] = {}

    def plan(self) -> ClassPlan:
        """Decide everything."""
        self._make_values()
        self._take_arguments()
        for node_name in self.live:
            node = self.checked.graph.nodes[node_name]
            if isinstance(node, Composite):
                self._composite(node_name, node, self.checked.found[node_name])
            elif not isinstance(node, InputNode | OutputNode):
                self._node(node_name, node, self.checked.found[node_name])
        plan = self.plan_of_class
        plan.parameters += self.memory.parameters
        self._give_back(plan)
        plan.statements = self.scope.statements
        plan.attributes = self.attributes.numbers + self.attributes.layers + self._ties()
        plan.takes_config = self.use.main or any(
            _CONFIG.search(attribute.value.text) for attribute in plan.attributes
        )
        return plan

    # -- what comes in ---------------------------------------------------------------------------

    def _inner_uses(self) -> dict[str, Use]:
        """Tell how the graph of each composite is used."""
        uses = {}
        for node_name, used in self.live.items():
            node, found = self.checked.graph.nodes[node_name], self.checked.found[node_name]
            if isinstance(node, Composite):
                output_nodes = streaming.inner_exits(found.inner, node, used)
                aliases = self._aliases(node_name, node, found)
                uses[node_name] = Use(
                    found.inner, output_nodes, aliases, own=isinstance(node, Block)
                )
        return uses

    def _reads(self, node_name: str) -> Mapping[str, PortRef]:
        """Find what a node's code reads, by port; a composite's class may leave ports out."""
        refs = self.checked.sources[node_name]
        if node_name not in self.inner:
            return refs
        return {port: refs[port] for port in self.inner[node_name].arguments()}

    def _make_values(self) -> None:
        """Make a value for every port that something reads, knowing how often it is read."""
        aliases = dict(self.use.aliases)
        for node_name in self.live:
            for ref in self._reads(node_name).values():
                first = PortRef(aliases.get(ref.node, ref.node), ref.port)
                value = self.values.setdefault(first, Value(self.checked.spec(ref), 0))
                self.values[ref] = value
                value.uses += 1
                value.readers += 1

    def _take_arguments(self) -> None:
        entered = {one: self._entered(one) for one in self.use.arguments()}
        features = [one for one, value in entered.items() if value.spec.kind is Kind.FEATURES]
        stream = features[0] if len(features) == 1 or features[:1] == ["input"] else None
        for one, value in entered.items():
            wish = STREAM if one == stream and not self.use.own else identifier(one)
            taken = self.scope.argument(value, wish)
            self.plan_of_class.parameters.append(Parameter(taken))
            self.arguments[taken] = value

    def _entered(self, entrance: str) -> Value:
        ref = PortRef(entrance, self.checked.graph.nodes[entrance].outputs[0].name)
        return self.values.setdefault(ref, Value(self.checked.spec(ref), 0))

    def _free(self, symbol: str) -> str:
        """Read a size that only a run knows off an argument, at the top of the body."""
        if symbol not in self._sizes_of:
            parameter, axis = next(
                (parameter, axis)
                for parameter, value in self.arguments.items()
                for axis, size in enumerate(value.spec.shape)
                if is_free(size, symbol)
            )
            self._sizes_of[symbol] = self.scope.names.take(symbol)
            read = name(parameter).attr("shape")[axis]
            self.scope.statements.insert(0, Assign(self._sizes_of[symbol], read))
        return self._sizes_of[symbol]

    # -- nodes -----------------------------------------------------------------------------------

    def at(self, node_name: str) -> Location:
        """Address a node of this graph."""
        return Location(self.checked.name, node_name)

    def _node(self, node_name: str, node: Node, found: CheckedNode) -> None:
        refs = self.checked.sources[node_name]
        sources = {port: self.values[ref] for port, ref in refs.items()}
        past = self.memory.past(node_name)
        remembers_inputs = past is not None and streaming.remembers_inputs(node)
        if remembers_inputs:
            past = self.memory.join(node, past, sources, self.at(node_name))
        layer, used = self.attributes.layer(node_name), self.live[node_name]
        place = Primitive(self.shared, self.attributes, found, layer, used, sources, past)
        module = place.module()
        if module is not None:
            self.attributes.add_layer(node_name, module, self.at(node_name))
        made = made_of(self.specialize(place.forward, sources), sources, self.at(node_name))
        made.wish, made.given = self._wish(node_name, sources)
        made.fixed = made.given and module is None
        if past is not None and not remembers_inputs:
            self._hold_state(node_name, node, made)
            return
        ports = [port.name for port in node.outputs if port.name in used]
        if len(ports) == 1 and (len(node.outputs) == 1 or node.returns_used_only):
            self._hold(node_name, ports[0], made)
        else:
            self._assign(node_name, ports, made, groups(node.returns))

    def specialize(self, write: Callable[[], Expr], sources: Mapping[str, Value]) -> Expr:
        """Write an expression, giving variables to what cannot stand in place."""
        if len(sources) > MOST_IN_PLACE:
            for value in sources.values():
                self.scope.assign(value)
        while True:
            expr = write()
            pending = [v for v in dict.fromkeys(sources.values()) if not v.variable]
            shared = next((value for value in pending if value.uses > 1), None)
            wrong = shared or culprit(expr, pending)
            if wrong is None:
                return expr
            self.scope.assign(wrong)

    def _hold(self, node_name: str, port: str, made: Made) -> None:
        """Keep an expression to be written in place, or assign it if it is read more than once."""
        value = self.values[PortRef(node_name, port)]
        value.become(made)
        if value.uses > 1:
            self.scope.assign(value)

    def _assign(self, node_name: str, used: list[str], made: Made, returns: Groups) -> None:
        """Assign several outputs at once."""
        values = {port: self.values[PortRef(node_name, port)] for port in used}
        self.scope.assign_together(values, made, returns)

    def _hold_state(self, node_name: str, node: Node, made: Made) -> None:
        """Assign what a recurrent node gives, its state as a whole if nothing reads its parts."""
        used = [port.name for port in node.outputs if port.name in self.live[node_name]]
        parts = [port for port in node.state_ports if port in used]
        if not parts:
            present = self.memory.present(self.attributes.layer(node_name))
            self._assign(node_name, used, made, [[node.outputs[0].name], [f"={present}"]])
            self.memory.presents.append(name(present))
            return
        for port in node.state_ports:
            ref = PortRef(node_name, port)
            self.values.setdefault(ref, Value(self.checked.spec(ref), 0)).uses += 1
        every = [p.name for p in node.outputs if p.name in used or p.name in node.state_ports]
        self._assign(node_name, every, made, groups(node.returns))
        state = [self.values[PortRef(node_name, port)].expr for port in node.state_ports]
        self.memory.presents.append(pack(state))

    def _wish(self, node_name: str, sources: Mapping[str, Value]) -> tuple[str, bool]:
        """Decide what a node's value would be called, and whether the user named the node."""
        own = identifier(node_name)
        kind = identifier(type(self.checked.graph.nodes[node_name]).__name__)
        stem, _, number = own.rpartition("_")
        if own != kind and not (stem == kind and number.isdecimal()):
            return own, True
        before = (v.made.wish for v in sources.values() if v.made and v.made.given)
        return next(before, own), False

    # -- nodes that are classes ------------------------------------------------------------------

    def _composite(self, node_name: str, node: Composite, found: CheckedNode) -> None:
        use = self.inner[node_name]
        output_nodes = use.output_nodes
        wish = node.block if use.own else type(node).__name__
        about = use.checked.graph.notes if use.own else manual(type(node))
        doc = about.strip().partition("\n")[0]
        plan = plan_class(use, wish, doc, self.shared)
        sources = {port: self.values[ref] for port, ref in self._reads(node_name).items()}
        ports = [port for port in found.inner.graph.output_nodes if port in output_nodes]
        build = call(plan.name, *([name("config")] if plan.takes_config else []))
        if node.repeat != 1:
            start = self._start(use)
            write_chain(self, node_name, node, build, (sources, ports, start))
            return
        self.attributes.add_layer(node_name, build, self.at(node_name))
        layer = name(f"self.{self.attributes.layer(node_name)}")
        past = self.memory.past(node_name)
        extra = [*self._start(use), *([past] if past is not None else [])]
        expr = self.specialize(
            lambda: call(layer, *(value.expr for value in sources.values()), *extra), sources
        )
        made = made_of(expr, sources, self.at(node_name))
        made.wish, made.given = self._wish(node_name, sources)
        if past is not None:
            present = self.memory.present(self.attributes.layer(node_name))
            self._assign(node_name, ports, made, [*([port] for port in ports), [f"={present}"]])
            self.memory.presents.append(name(present))
        elif len(ports) == 1:
            self._hold(node_name, ports[0], made)
        else:
            self._assign(node_name, ports, made, [[port] for port in ports])

    def _aliases(
        self, node_name: str, node: Composite, found: CheckedNode
    ) -> tuple[tuple[str, str], ...]:
        """Find the inputs of a composite that get what an earlier input gets."""
        first: dict[PortRef, str] = {}
        aliases = []
        carries: set[str] = set()
        if node.repeat != 1:
            carries = set(carried(found.arriving, found.inferred.outputs).values())
        for port, ref in self.checked.sources[node_name].items():
            if port in carries:
                continue
            if ref in first:
                aliases.append((port, first[ref]))
            first.setdefault(ref, port)
        return tuple(aliases)

    def _start(self, use: Use) -> list[Expr]:
        """Write where the piece begins, for a class that cannot know."""
        streamed = self.shared.streamed and streaming.needs_start(use.checked, use.output_nodes)
        return [name("start")] if streamed else []

    # -- the end ---------------------------------------------------------------------------------

    def _ties(self) -> list:
        """Let layers share the weight of another."""
        nodes = self.checked.graph.nodes
        pairs = [(one, nodes[one].tied_to) for one in self.live]
        ties = [
            self.attributes.tie(one, other, (self.at(one), self.at(other)))
            for one, other in pairs
            if other
        ]
        return [tie for tie in ties if tie is not None]

    def _give_back(self, plan: ClassPlan) -> None:
        output_nodes = [
            one for one in self.checked.graph.output_nodes if one in self.use.output_nodes
        ]
        sources = {one: self.values[self.checked.sources[one]["input"]] for one in output_nodes}
        present = self.memory.gives()
        result = self.specialize(
            lambda: pack([v.expr for v in sources.values()] + present), sources
        )
        nodes = made_of(result, sources, *(self.at(one) for one in output_nodes)).nodes
        self.scope.statements.append(Assign("return", result, "", nodes))
        given = ["Tensor"] * len(output_nodes) + ([self.memory.annotation] if present else [])
        plan.returns = given[0] if len(given) == 1 else f"tuple[{', '.join(given)}]"
        show = self.shared.quotients.show
        takes = [f"{one} {show(v.spec.shape)}" for one, v in self.arguments.items()]
        gives = [f"{one} {show(sources[one].spec.shape)}" for one in output_nodes]
        plan.signature = f"{', '.join(takes)} -> {', '.join(gives)}"
