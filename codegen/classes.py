"""A checked graph -> the plan of its class, and of the classes inside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codegen import streaming
from codegen.check.arrival import carried
from codegen.check.infer import Checked, Found
from codegen.check.problem import Address
from codegen.names import MODULE_RESERVED, Names, class_name, identifier
from codegen.plan import Assign, Attribute, ClassPlan, Parameter, Suite
from codegen.values import STREAM, Scope, Value, combine, culprit, fill, pack
from nodes.core.code import Expr, call, compare, each, literal, name, tuple_of, when
from nodes.core.dim import AnyDim, Dim
from nodes.core.graph import Block, Composite, Entrance, Exit, PortRef
from nodes.core.node import Flow, Kind, Node, Time, manual
from nodes.core.shape import show_shape
from nodes.core.site import Site


@dataclass(slots=True)
class Shared:
    """What all classes of one model share.

    Attributes:
        fields: the name of each hyperparameter's field in the ``Config``.
        streamed: "past" or "state", if the model is fed piece by piece; else "".
        names: the names that are taken at the top of the file.
    """

    fields: Mapping[str, str]
    streamed: str
    names: Names
    functions: set[str] = field(default_factory=set)
    used_fields: set[str] = field(default_factory=set)
    sizes: set[Dim] = field(default_factory=set)
    classes: list[ClassPlan] = field(default_factory=list)
    made: dict[object, ClassPlan] = field(default_factory=dict)

    def config(self, hyperparameter: str) -> str:
        """Name the field of a hyperparameter, and remember that it is used."""
        self.used_fields.add(hyperparameter)
        return self.fields[hyperparameter]


@dataclass(frozen=True, slots=True)
class Use:
    """How a graph is used as a class.

    Attributes:
        checked: the graph.
        exits: the outputs that something reads.
        aliases: inputs that get what an earlier input gets, with that input.
        main: it is the model itself.
    """

    checked: Checked
    exits: frozenset[str]
    aliases: tuple[tuple[str, str], ...] = ()
    main: bool = False

    @property
    def key(self) -> object:
        """Tell uses apart that need classes of their own."""
        return id(self.checked), self.exits, self.aliases


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
        self.live = streaming.live_nodes(use.checked, use.exits)
        self.scope = Scope()
        self.attributes = Names(MODULE_RESERVED | ({"config"} if use.main else frozenset()))
        self.kept: dict[str, str] = {}
        self.kept_attributes: list[Attribute] = []
        self.layers: list[Attribute] = []
        self.layer_of: dict[str, str] = {}
        self.sizes_of: dict[str, str] = {}
        self.values: dict[PortRef, Value] = {}
        self.memories = streaming.memories(self.checked, use.exits) if shared.streamed else {}
        self.presents: list[Expr] = []
        self.plan_ = ClassPlan("", doc)

    # -- the class -----------------------------------------------------------------------------------

    def plan(self) -> ClassPlan:
        """Decide everything."""
        self._count_uses()
        self._take_arguments()
        self._take_memory()
        for node_name in self.live:
            node = self.checked.graph.nodes[node_name]
            if not isinstance(node, Entrance | Exit):
                self._node(node_name, node, self.checked.found[node_name])
        self._give_back()
        plan = self.plan_
        plan.statements = self.scope.statements
        plan.attributes = self.kept_attributes + self.layers + self._ties()
        plan.takes_config = self.use.main or any(
            "config" in attribute.value.text for attribute in plan.attributes
        )
        return plan

    def _count_uses(self) -> None:
        """Make a value for every port that something reads."""
        aliases = dict(self.use.aliases)
        for node_name in self.live:
            for ref in self._sources(node_name).values():
                source = aliases.get(ref.node, ref.node)
                ref = PortRef(source, ref.port)
                value = self.values.get(ref)
                if value is None:
                    value = self.values[ref] = Value(self.checked.flow(ref), 0)
                value.uses += 1
        for alias, first in self.use.aliases:
            for port in self.checked.graph.nodes[alias].outputs:
                if (value := self.values.get(PortRef(first, port.name))) is not None:
                    self.values[PortRef(alias, port.name)] = value

    def _sources(self, node_name: str) -> Mapping[str, PortRef]:
        return self.checked.sources[node_name]

    def _take_arguments(self) -> None:
        entrances = self.arguments(self.checked, self.use)
        features = [n for n in entrances if self._entered(n).flow.kind is Kind.FEATURES]
        stream = features[0] if self._is_library() and features else None
        alone = len(features) == 1 or stream == "input"
        for one in entrances:
            wish = STREAM if one == stream and alone else identifier(one)
            taken = self.scope.argument(self._entered(one), wish)
            self.plan_.parameters.append(Parameter(taken))

    def _entered(self, entrance: str) -> Value:
        port = self.checked.graph.nodes[entrance].outputs[0].name
        ref = PortRef(entrance, port)
        if ref not in self.values:
            self.values[ref] = Value(self.checked.flow(ref), 0)
        return self.values[ref]

    def _is_library(self) -> bool:
        return not self.use.main and self.checked.graph.notes == "" and self.checked.name not in (
            self.shared.fields
        )

    @staticmethod
    def arguments(checked: Checked, use: Use) -> list[str]:
        """Name the entrances that the class takes an argument for, in order."""
        aliases = dict(use.aliases)
        live = streaming.live_nodes(checked, use.exits)
        return [
            one
            for one in checked.graph.entrances
            if one in checked.found
            and one not in aliases
            and (use.main or one in live or any(a in live for a, f in aliases.items() if f == one))
        ]

    # -- what is remembered ----------------------------------------------------------------------------

    def _take_memory(self) -> None:
        whole = streaming.memory(self.checked, self.use.exits) if self.memories else None
        word = self.shared.streamed
        if self.shared.streamed and streaming.has_positions(self.checked, self.use.exits):
            self._take_start(whole)
        if whole is None:
            return
        taken = self.scope.names.take(word)
        self.plan_.parameters.append(Parameter(taken, f"{whole.annotation} | None", "None"))

    def _take_start(self, whole: streaming.Memory | None) -> None:
        start = self.scope.names.take("start")
        if whole is None or whole.path is None:
            self.plan_.parameters.append(Parameter(start, "int", "0"))
            return
        past = name(self.shared.streamed)
        length = when(compare(past, "is", None), 0, streaming.start_of(past, whole.path))
        self.scope.statements.append(Assign(start, length))

    def _past(self, node_name: str) -> Expr | None:
        """Write what a node is given of its past."""
        if node_name not in self.memories:
            return None
        whole = name(self.shared.streamed)
        if len(self.memories) == 1:
            return whole
        index = list(self.memories).index(node_name)
        return when(compare(whole, "is", None), None, whole[index])

    # -- nodes -----------------------------------------------------------------------------------------

    def _node(self, node_name: str, node: Node, found: Found) -> None:
        if isinstance(node, Composite) and found.inner is not None:
            self._composite(node_name, node, found)
            return
        site = self._site(node_name, found)
        module = node.module(site)
        if module is not None:
            self.layers.append(Attribute(self.layer(node_name), module, (self.at(node_name),)))
        sources = {port: self.values[ref] for port, ref in self._sources(node_name).items()}
        if site.past is not None and streaming.remembers_inputs(node):
            site.past = self._remember_inputs(node_name, node, sources)
        forward = self._code_site(site)
        expr = self._settle(lambda: node.forward(forward, **_ports(node, sources)), sources)
        if site.past is not None and not streaming.remembers_inputs(node):
            self._remember_outputs(node_name, node, sources, expr)
        else:
            self._hold(node_name, node, sources, expr, module is not None)

    def _site(self, node_name: str, found: Found) -> Site:
        flows = {**found.arriving, **found.inferred.outputs}
        streamed = bool(self.shared.streamed)
        return Site(
            dims=found.inferred.dims,
            shapes={port: flow.shape for port, flow in flows.items()},
            connected=frozenset(found.arriving),
            used=self.live[node_name],
            layer=name(f"self.{self.layer(node_name)}"),
            symbol=self._in_init,
            functions=self.shared.functions,
            start=name("start") if streamed and self._at_position(node_name) else None,
            past=self._past(node_name),
            keep=self._keep,
        )

    def _at_position(self, node_name: str) -> bool:
        node = self.checked.graph.nodes[node_name]
        connected = frozenset(self._sources(node_name))
        return node.streams(connected, self.live[node_name]) is Time.POSITION

    def _code_site(self, site: Site) -> Site:
        site.symbol = self._in_forward
        return site

    def layer(self, node_name: str) -> str:
        if node_name not in self.layer_of:
            self.layer_of[node_name] = self.attributes.take(identifier(node_name))
        return self.layer_of[node_name]

    def _settle(self, write: Callable[[], Expr], sources: Mapping[str, Value]) -> Expr:
        """Write an expression, giving variables to what cannot stand in place."""
        while True:
            expr = write()
            pending = [v for v in dict.fromkeys(sources.values()) if not v.variable]
            shared = next((value for value in pending if value.uses > 1), None)
            wrong = shared or culprit(expr, pending)
            if wrong is None:
                return expr
            self.scope.assign(wrong)

    def _hold(
        self,
        node_name: str,
        node: Node,
        sources: Mapping[str, Value],
        expr: Expr,
        has_layer: bool,
    ) -> None:
        """Keep an expression as the value of its node, or assign its several outputs."""
        reads, nodes = combine(sources.values())
        nodes = (*nodes, self.at(node_name))
        used = [port.name for port in node.outputs if port.name in self.live[node_name]]
        several = "," in node.returns and not (len(used) == 1 and self._gives_one(node, used))
        wish, fixed = self.wish(node_name, sources, has_layer)
        if not several:
            value = self.values[PortRef(node_name, used[0])]
            value.expr, value.reads, value.nodes = expr, reads, nodes
            value.wish, value.fixed = wish, fixed
            if value.uses > 1:
                self.scope.assign(value)
            return
        self._assign_several(node_name, used, (expr, reads, nodes), node.returns, (wish, fixed))

    def _gives_one(self, node: Node, used: list[str]) -> bool:
        """Tell whether a node with several outputs writes only what is used."""
        return getattr(node, "gives_used_only", False)

    def _assign_several(
        self,
        node_name: str,
        used: list[str],
        made: tuple[Expr, tuple[Value, ...], tuple[Address, ...]],
        returns: str,
        wished: tuple[str, bool],
    ) -> None:
        expr, reads, nodes = made
        values: dict[str, Value] = {}
        for place, port in enumerate(used):
            value = self.values[PortRef(node_name, port)]
            value.wish = wished[0] if place == 0 else identifier(port)
            value.fixed = wished[1] if place == 0 else False
            if place:
                value.fixed = True
            values[port] = value
        source = Value(next(iter(values.values())).flow, 0, expr, False, reads, nodes)
        self.scope.assign_together(returns, values, expr, source)

    def wish(
        self, node_name: str, sources: Mapping[str, Value], has_layer: bool
    ) -> tuple[str, bool]:
        """Decide what a node's value would be called, and whether the user said so."""
        own = identifier(node_name)
        kind = identifier(type(self.checked.graph.nodes[node_name]).__name__)
        given = not (own == kind or own.startswith(f"{kind}_") and own[len(kind) + 1 :].isdecimal())
        if given:
            return own, not has_layer
        before = (v.wish for v in sources.values() if not v.variable and v.wish)
        return next(before, own), False

    # -- memory of one node ------------------------------------------------------------------------------

    def _remember_inputs(self, node_name: str, node: Node, sources: dict[str, Value]) -> Expr:
        """Join what an attention is given now to what it was given before."""
        past = self._past(node_name)
        joined: dict[Value, Expr] = {}
        for index, port in enumerate(node.remembers):
            value = sources[port]
            if value in joined:
                continue
            value.uses += 1
            self.scope.assign(value)
            joined[value] = call("torch.cat", tuple_of(past[index], value.expr), dim=2)
        names = [value.expr.text for value in joined]
        body = Assign(", ".join(names), _bare(list(joined.values())), "", (self.at(node_name),))
        condition = compare(past, "is not", None)
        self.scope.statements.append(Suite(f"if {condition.text}", (body,)))
        self.presents.append(tuple_of(*(sources[port].expr for port in node.remembers)))
        return past

    def _remember_outputs(
        self, node_name: str, node: Node, sources: Mapping[str, Value], expr: Expr
    ) -> None:
        """Assign what a recurrent node gives, its state as a whole where nothing reads its parts."""
        used = [port.name for port in node.outputs if port.name in self.live[node_name]]
        reads, nodes = combine(sources.values())
        wished = self.wish(node_name, sources, True)
        if set(used) & set(node.remembers):
            every = [port.name for port in node.outputs if port.name in (*used, *node.remembers)]
            for port in every:
                ref = PortRef(node_name, port)
                self.values.setdefault(ref, Value(self.checked.flow(ref), 0)).uses += 1
            made = (expr, reads, (*nodes, self.at(node_name)))
            self._assign_several(node_name, every, made, node.returns, wished)
            state = [self.values[PortRef(node_name, port)].expr for port in node.remembers]
            self.presents.append(pack(state))
            return
        present = self.present(node_name)
        made = (expr, reads, (*nodes, self.at(node_name)))
        first = node.returns.partition(",")[0]
        self._with_present(node_name, [first] if used else [], made, wished, present)

    def _with_present(
        self,
        node_name: str,
        used: list[str],
        made: tuple[Expr, tuple[Value, ...], tuple[Address, ...]],
        wished: tuple[str, bool],
        present: str,
    ) -> None:
        """Assign the outputs of a node and what it remembers."""
        values = [self.values[PortRef(node_name, port)] for port in used]
        for place, (port, value) in enumerate(zip(used, values, strict=True)):
            value.wish, value.fixed = wished if place == 0 else (identifier(port), True)
        expr, reads, nodes = made
        taken = self.scope.targets(values, reads)
        note = self.scope.note(values[0].flow) if values else ""
        target = ", ".join([*(taken or ["_"]), present])
        self.scope.statements.append(Assign(target, expr, note, nodes))
        for value, one in zip(values, taken, strict=True):
            self.scope.take_stream(value, one)
        self.presents.append(name(present))

    def present(self, node_name: str) -> str:
        """Name what a node remembers after this piece."""
        word = "present" if self.shared.streamed == "past" else self.shared.streamed
        if len(self.memories) == 1:
            return word if word == self.shared.streamed else self.scope.names.take(word)
        return self.scope.names.take(f"{self.layer(node_name)}_{word}")

    # -- nodes that are classes --------------------------------------------------------------------------

    def _composite(self, node_name: str, node: Composite, found: Found) -> None:
        from codegen.chains import Chain

        inner, used = found.inner, self.live[node_name]
        exits = streaming.inner_exits(inner, node, used)
        aliases = self._aliases(node_name, node, found)
        use = Use(inner, exits, aliases)
        wish, doc = self._title(node)
        plan = plan_class(use, wish, doc, self.shared)
        build = call(plan.name, *([name("config")] if plan.takes_config else []))
        layer = name(f"self.{self.layer(node_name)}")
        ports = [port for port in inner.graph.exits if port in exits]
        arguments = ClassPlanner.arguments(inner, use)
        refs = self._sources(node_name)
        sources = {port: self.values[refs[port]] for port in arguments}
        for port, ref in refs.items():
            if port not in sources:
                self.values[ref].uses -= 1
        extra = self._extra(node_name, use)
        if node.repeat != 1:
            self._add_layer(node_name, node, build, plan)
            Chain(self, node_name, node, plan, sources, ports).write(extra)
            return
        self.layers.append(Attribute(self.layer(node_name), build, (self.at(node_name),)))
        expr = self._settle(
            lambda: call(layer, *(value.expr for value in sources.values()), *extra), sources
        )
        reads, nodes = combine(sources.values())
        made = (expr, reads, (*nodes, self.at(node_name)))
        wished = self.wish(node_name, sources, True)
        if node_name in self.memories:
            self._with_present(node_name, ports, made, wished, self.present(node_name))
        elif len(ports) > 1:
            self._assign_several(node_name, ports, made, ", ".join(ports), wished)
        else:
            value = self.values[PortRef(node_name, ports[0])]
            value.expr, value.reads, value.nodes = made
            value.wish, value.fixed = wished
            if value.uses > 1:
                self.scope.assign(value)

    def _aliases(
        self, node_name: str, node: Composite, found: Found
    ) -> tuple[tuple[str, str], ...]:
        """Find the inputs of a composite that get what an earlier input gets."""
        carries = set(carried(found.arriving, found.inferred.outputs).values())
        first: dict[PortRef, str] = {}
        aliases = []
        for port, ref in self._sources(node_name).items():
            if node.repeat != 1 and port in carries:
                continue
            if ref in first:
                aliases.append((port, first[ref]))
            first.setdefault(ref, port)
        return tuple(aliases)

    def _title(self, node: Composite) -> tuple[str, str]:
        if isinstance(node, Block):
            return node.block, ""
        return type(node).__name__, manual(type(node)).partition("\n")[0]

    def _extra(self, node_name: str, use: Use) -> list[Expr]:
        """Write the arguments that only a streamed class takes."""
        if not self.shared.streamed:
            return []
        extra = [name("start")] if streaming.needs_start(use.checked, use.exits) else []
        past = self._past(node_name)
        return extra + ([past] if past is not None else [])

    def _add_layer(self, node_name: str, node: Composite, build: Expr, plan: ClassPlan) -> None:
        if not node.share:
            count = Site.write(self._sizing(), node.repeat)
            build = call("nn.ModuleList", each(build, "_", call("range", count)))
        self.layers.append(Attribute(self.layer(node_name), build, (self.at(node_name),)))

    def _sizing(self) -> Site:
        return Site({}, {}, frozenset(), frozenset(), name("self"), self._in_init)

    # -- names and numbers -------------------------------------------------------------------------------

    def at(self, node_name: str) -> Address:
        return Address(self.checked.name, node_name)

    def _in_init(self, symbol: str, free: bool) -> str:
        return f"config.{self.shared.config(symbol)}"

    def _in_forward(self, symbol: str, free: bool) -> str:
        """Name a size where ``forward`` can read it."""
        if free:
            return self._free(symbol)
        own = self.shared.config(symbol)
        if self.use.main:
            return f"self.config.{own}"
        if symbol not in self.kept:
            self.kept[symbol] = self.attributes.take(own)
            self.kept_attributes.append(Attribute(self.kept[symbol], name(f"config.{own}")))
        return f"self.{self.kept[symbol]}"

    def _free(self, symbol: str) -> str:
        """Read a size that only a run knows off one of the arguments, at the top of the body."""
        if symbol not in self.sizes_of:
            for parameter, flow in self._argument_flows():
                for axis, size in enumerate(flow.shape):
                    if isinstance(size, Dim) and size.frees == {symbol} and str(size) == symbol:
                        local = self.scope.names.take(symbol)
                        read = name(parameter).attr("shape")[axis]
                        self.scope.statements.insert(0, Assign(local, read))
                        self.sizes_of[symbol] = local
                        return local
        return self.sizes_of[symbol]

    def _argument_flows(self) -> list[tuple[str, Flow]]:
        arguments = self.arguments(self.checked, self.use)
        return [
            (parameter.name, self._entered(one).flow)
            for parameter, one in zip(self.plan_.parameters, arguments, strict=False)
        ]

    def _keep(self, wish: str, value: object) -> Expr:
        """Store a number on the module."""
        site = self._sizing()
        taken = self.attributes.take(wish)
        self.kept_attributes.append(Attribute(taken, site.expression(value)))
        return name(f"self.{taken}")

    def repeat_count(self, size: AnyDim) -> Expr:
        """Write how often a shared copy is applied."""
        site = self._sizing()
        site.symbol = self._in_forward
        return site.expression(size)

    # -- the end -----------------------------------------------------------------------------------------

    def _ties(self) -> list[Attribute]:
        """Let layers share the weight of another."""
        ties = []
        for node_name in self.live:
            other = getattr(self.checked.graph.nodes[node_name], "tie", "")
            if other and other in self.layer_of:
                target = f"{self.layer_of[node_name]}.weight"
                weight = name(f"self.{self.layer_of[other]}.weight")
                ties.append(Attribute(target, weight, (self.at(node_name), self.at(other))))
        return ties

    def _give_back(self) -> None:
        plan = self.plan_
        exits = [one for one in self.checked.graph.exits if one in self.use.exits]
        sources = {one: self.values[self._sources(one)["input"]] for one in exits}
        present = [pack(self.presents)] if self.presents else []
        result = self._settle(lambda: _bare([v.expr for v in sources.values()] + present), sources)
        _, nodes = combine(sources.values())
        self.scope.statements.append(
            Assign("return", result, "", (*nodes, *(self.at(one) for one in exits)))
        )
        given = ["Tensor"] * len(exits)
        if present:
            given.append(streaming.memory(self.checked, self.use.exits).annotation)
        plan.returns = given[0] if len(given) == 1 else f"tuple[{', '.join(given)}]"
        taken = [f"{p} {show_shape(flow.shape)}" for p, flow in self._argument_flows()]
        gives = [f"{one} {show_shape(sources[one].flow.shape)}" for one in exits]
        plan.signature = f"{', '.join(taken)} -> {', '.join(gives)}"


def _ports(node: Node, sources: Mapping[str, Value]) -> dict[str, object]:
    """Give each input port its expression: None without one, a tuple where it is variadic."""
    given: dict[str, object] = {}
    for port in node.inputs:
        if port.variadic:
            stem = f"{port.name}."
            given[port.name] = tuple(v.expr for key, v in sources.items() if key.startswith(stem))
        else:
            value = sources.get(port.name)
            given[port.name] = value.expr if value is not None else None
    return given


def _bare(exprs: list[Expr]) -> Expr:
    """Write several expressions with commas, without brackets."""
    return exprs[0] if len(exprs) == 1 else tuple_of(*exprs)


__all__ = ["ClassPlanner", "Shared", "Use", "fill", "literal", "plan_class"]
