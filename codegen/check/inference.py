"""Shapes and kinds through a graph: every port gets a flow, or the problem that keeps it from one.

A node is checked again only when it, or what arrives at it, has changed: `CheckCache` holds what
was found for each node, each order of a graph, and each composite's graph.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from codegen.check import input_checks, parameter_checks
from codegen.check.bypass import BypassedGraph, BypassRewriter
from codegen.check.problem import Location, Problem, Severity
from codegen.check.remedy import Disconnect, RemoveNode
from codegen.check.structure import Structure, in_order, structure
from nodes.core.graphs.graph import (
    MAIN,
    Block,
    Composite,
    Graph,
    Hyperparameter,
    InputNode,
    Model,
    OutputNode,
    PortRef,
)
from nodes.core.graphs.node import Inferred, InputMismatch, Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.port import TensorSpec

Arriving = dict[str, TensorSpec]
Sources = dict[str, dict[str, PortRef]]

MOST_REMEMBERED = 2000
MOST_WRITTEN = 100_000


@dataclass(frozen=True, slots=True)
class CheckedNode:
    """What was found for one node.

    Attributes:
        node, arriving: what it was found for.
        inferred: sizes and flows; None where a problem kept it from them.
        problems: its own, and those of the graph it stands for.
        inner: the graph it stands for, checked; None for a primitive.
    """

    node: Node
    arriving: Arriving
    inferred: Inferred | None
    problems: tuple[Problem, ...]
    inner: "CheckedGraph | None" = None


@dataclass(frozen=True, slots=True)
class CheckedGraph:
    """A graph with a flow on every port, for one set of flows coming in.

    Attributes:
        graph: the graph, without the nodes that are passed over.
        name: the block's name, or the type of the composite it was made by; "" for the main one.
        order: the nodes that have flows, each after all that it reads.
        used: the nodes that lead to an output.
        sources: the source of each connected input port, defaults included, absent ones not.
        found: what was found for each node.
        problems: all of them, once each.
        waiting: the nodes that wait for another's problem, and for which.
        live: the nodes that some of the exits need, once someone has asked.
    """

    graph: Graph
    name: str
    order: tuple[str, ...]
    used: frozenset[str]
    sources: Mapping[str, Mapping[str, PortRef]]
    found: Mapping[str, CheckedNode]
    problems: tuple[Problem, ...]
    waiting: Mapping[str, str]
    live: dict[frozenset[str], dict[str, frozenset[str]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def spec(self, ref: PortRef) -> TensorSpec | None:
        """Look up what leaves a port; what goes on where its node is passed over."""
        if isinstance(self.graph, BypassedGraph):
            ref = self.graph.ways.get(ref.node, ref)
        found = self.found.get(ref.node)
        return found.inferred.outputs.get(ref.port) if found and found.inferred else None

    @property
    def has_blocks(self) -> bool:
        """Tell whether a block of the model stands in it."""
        return any(isinstance(node, Block) for node in self.graph.nodes.values())

    @property
    def results(self) -> dict[str, TensorSpec]:
        """What goes out, by exit; an exit that has no flow is left out."""
        return {
            name: found.arriving["input"]
            for name in self.graph.output_nodes
            if (found := self.found.get(name)) and found.inferred
        }


@dataclass(frozen=True, slots=True)
class CachedStructure:
    """What was found of a graph without its shapes."""

    graph: Graph
    types: list[type[Node]]
    structure: Structure
    sources: Sources


@dataclass(slots=True)
class CheckCache:
    """What earlier checks found, and what nodes then wrote, to be taken up again."""

    outlines: dict[object, CachedStructure] = field(default_factory=dict)
    settled: dict[int, tuple[Node, Node]] = field(default_factory=dict)
    nodes: dict[object, CheckedNode] = field(default_factory=dict)
    written: dict[object, tuple] = field(default_factory=dict)
    graphs: dict[object, tuple[Graph | None, CheckedGraph]] = field(default_factory=dict)
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    blocks: Mapping[str, Graph] = field(default_factory=dict)
    passing: BypassRewriter = field(default_factory=BypassRewriter)

    def prepare(self, model: Model) -> None:
        """Forget what no longer holds, and everything once it is too much."""
        if model.hyperparameters != self.hyperparameters or self._is_much():
            self.written, self.outlines, self.settled, self.nodes, self.graphs = {}, {}, {}, {}, {}
        elif model.blocks is not self.blocks:
            self.graphs = {k: one for k, one in self.graphs.items() if not one[1].has_blocks}
        self.hyperparameters, self.blocks = model.hyperparameters, model.blocks

    def _is_much(self) -> bool:
        return len(self.graphs) > MOST_REMEMBERED or len(self.written) > MOST_WRITTEN


@dataclass(slots=True)
class Inference:
    """One walk over a model's graphs."""

    model: Model
    memory: CheckCache

    def graph(
        self, graph: Graph, name: str, incoming: Mapping[str, TensorSpec], scope: object
    ) -> CheckedGraph:
        """Give every port of a graph its flow.

        Args:
            graph: the graph.
            name: what addresses call it.
            incoming: the flow at each connected entrance; the main graph's bring their own.
            scope: tells this use of the graph from others.
        """
        graph = self._settled(graph)
        built, sources = self._outline(graph, name, incoming, scope)
        found: dict[str, CheckedNode] = {}
        waiting: dict[str, str] = {}
        problems = _astray(graph, name)
        for loop in built.loops:
            place = input_checks.NodeContext(self.model, graph, name, loop[0], built.order)
            problems.append(input_checks.loop(place, loop))
            waiting.update(dict.fromkeys(loop[1:], loop[0]))
        for node_name in built.order:
            if node_name not in sources:
                continue
            here = sources[node_name]
            specs, root = _arriving(here, found, waiting, graph)
            if node_name in incoming and isinstance(graph.nodes[node_name], InputNode):
                specs = {"": incoming[node_name]}
            if root is not None:
                waiting[node_name] = root
            one = None
            if node_name not in graph.bypassed:
                one = self._remembered(graph.nodes[node_name], specs, here, (scope, node_name))
            if one is None:
                place = input_checks.NodeContext(self.model, graph, name, node_name, built.order)
                one = self._node(place, specs, here, scope, root is not None)
            found[node_name] = one
            problems += one.problems
        order = tuple(n for n in built.order if n in found and found[n].inferred is not None)
        problems += _unused(graph, name, built)
        unique = tuple(dict.fromkeys(problems))
        return CheckedGraph(graph, name, order, built.used, sources, found, unique, waiting)

    def _settled(self, graph: Graph) -> Graph:
        """Put the values of hyperparameters in the place of choices, which shape the code."""
        settled: dict[str, Node] = {}
        for name, node in graph.nodes.items():
            if any(isinstance(getattr(node, key), Ref) for key in node.choice_fields):
                known = self.memory.settled.get(id(node))
                if known is None or known[0] is not node:
                    known = self.memory.settled[id(node)] = node, node.specialize(self.model.values)
                settled[name] = known[1]
        return replace(graph, nodes={**graph.nodes, **settled}) if settled else graph

    def _outline(
        self, graph: Graph, name: str, incoming: Mapping[str, TensorSpec], scope: object
    ) -> tuple[Structure, Sources]:
        """Find the order of a graph and what each port reads, or find them again."""
        known = self.memory.outlines.get(scope)
        types = [type(node) for node in graph.nodes.values()]
        if (
            known
            and known.graph.edges is graph.edges
            and known.types == types
            and known.graph.nodes.keys() == graph.nodes.keys()
        ):
            return known.structure, known.sources
        built = structure(graph.nodes, graph.edges, list(graph.output_nodes))
        sources = self._sources(graph, built, incoming if name != MAIN else None)
        if not any(issubclass(one, Block) for one in types):
            self.memory.outlines[scope] = CachedStructure(graph, types, built, sources)
        return built, sources

    def _sources(
        self, graph: Graph, built: Structure, incoming: Mapping[str, TensorSpec] | None
    ) -> Sources:
        """Find what each input port reads; nodes that read what is absent are absent themselves."""
        absent: set[str] = set()
        result: dict[str, dict[str, PortRef]] = {}
        for name in (*built.order, *(n for loop in built.loops for n in loop)):
            node = graph.nodes[name]
            if incoming is not None and isinstance(node, InputNode) and name not in incoming:
                absent.add(name)
                continue
            edges = graph.arriving[name]
            here = edges
            if absent:
                here = {port: ref for port, ref in edges.items() if ref.node not in absent}
            if len(here) < len(edges) and self._needs(node, edges, here):
                absent.add(name)
                continue
            ports = self.model.ports(node)[0] if isinstance(node, Block) else node.inputs
            result[name] = in_order(ports, here)
        return result

    def _needs(self, node: Node, edges: Mapping, here: Mapping) -> bool:
        """Tell whether a node cannot do without one of the absent sources."""
        for port in self.model.ports(node)[0]:
            if port.variadic:
                if not any(key.startswith(f"{port.name}.") for key in here):
                    return True
            elif port.name in edges.keys() - here.keys() and not (port.optional or port.default):
                return True
        return False

    def _remembered(
        self, node: Node, specs: Arriving, sources: Mapping[str, PortRef], key: object
    ) -> CheckedNode | None:
        """Find again what was found for the same node and the same flows, if all went well."""
        known = self.memory.nodes.get(key)
        if known is None or known.node is not node or known.inferred is None:
            return None
        same = known.arriving == specs and len(specs) >= len(sources)
        return known if same and not isinstance(node, Block) else None

    def _node(
        self,
        place: "input_checks.NodeContext",
        specs: Arriving,
        sources: Mapping[str, PortRef],
        scope: object,
        waits: bool,
    ) -> CheckedNode:
        node = place.graph.nodes[place.node]
        if place.node in place.graph.bypassed:
            return CheckedNode(
                node, specs, None, () if waits else (input_checks.stays(place, node),)
            )
        missing = tuple(input_checks.missing(place, node, sources))
        if missing or waits:
            return CheckedNode(
                node, specs, None, (*missing, *parameter_checks.problems(place, node))
            )
        found = self._fresh(place, node, specs)
        self.memory.nodes[scope, place.node] = found
        return found

    def _fresh(self, place: "input_checks.NodeContext", node: Node, specs: Arriving) -> CheckedNode:
        wrong = tuple(parameter_checks.problems(place, node))
        if any(problem.severity is Severity.ERROR for problem in wrong):
            return CheckedNode(node, specs, None, wrong)
        try:
            if isinstance(node, InputNode) and specs:
                inferred = node.receive(specs[""], self.model.sizes)
            elif isinstance(node, Composite):
                return self._composite(place, node, specs, wrong)
            else:
                inferred = node.infer(specs, self.model.sizes)
        except InputMismatch as error:
            return CheckedNode(
                node, specs, None, (*wrong, input_checks.mismatch(place, node, specs, error))
            )
        hints = tuple(input_checks.hint(place, text) for text in inferred.dims.hints)
        return CheckedNode(node, specs, inferred, wrong + hints)

    def _composite(
        self,
        place: "input_checks.NodeContext",
        node: Composite,
        specs: Arriving,
        wrong: tuple[Problem, ...],
    ) -> CheckedNode:
        """Check the graph that a node stands for, with what arrives here coming in."""
        dims = input_checks.bind(self.model, node, specs)
        if isinstance(node, Block):
            name, graph = node.block, self.model.blocks[node.block]
        else:
            name, graph = type(node).__name__, None
        key = (node if graph is None else (name, id(graph)), tuple(specs.items()))
        drawn, inner = self.memory.graphs.get(key, (None, None))
        if inner is None or (graph is not None and drawn is not graph):
            inner = self.graph(graph or node.expand(dims), name, specs, key)
            self.memory.graphs[key] = graph, inner
        outputs = inner.results
        problems = wrong + input_checks.inside(place, node, inner.problems)
        problems += tuple(input_checks.lacking(place, node, inner.graph, inner.sources))
        if not outputs or len(outputs) < len(inner.graph.output_nodes):
            return CheckedNode(node, specs, None, problems, inner)
        wrong_chain = input_checks.chain(place, node, specs, outputs)
        if wrong_chain:
            return CheckedNode(node, specs, None, problems + wrong_chain, inner)
        hints = tuple(input_checks.hint(place, text) for text in dims.hints)
        return CheckedNode(node, specs, Inferred(dims, outputs), problems + hints, inner)


def _arriving(
    sources: Mapping[str, PortRef],
    found: Mapping[str, CheckedNode],
    waiting: Mapping[str, str],
    graph: Graph,
) -> tuple[Arriving, str | None]:
    """Collect the flows at a node, or the name of the node whose problem it waits for."""
    specs: Arriving = {}
    root = None
    for port, ref in sources.items():
        one = found.get(ref.node)
        spec = one.inferred.outputs.get(ref.port) if one and one.inferred else None
        if spec is not None:
            specs[port] = spec
        elif root is None and ref.node in graph.nodes and (one is None or one.inferred is None):
            root = waiting.get(ref.node, ref.node)
    return specs, root


def _astray(graph: Graph, name: str) -> list[Problem]:
    """Find edges that end at nodes which are not there; no node can tell of them."""
    return [
        Problem(
            Severity.ERROR,
            Location(name, source.node, source.port),
            f"the edge from here ends at {target}, but there is no node {target.node}",
            (Disconnect(name, target),),
        )
        for target, source in graph.edges.items()
        if target.node not in graph.nodes
    ]


def _unused(graph: Graph, name: str, built: Structure) -> list[Problem]:
    """Remark on the last nodes of branches that lead to no output; the others follow from them."""
    if not graph.output_nodes:
        return []
    edges = graph.edges.items()
    needed = built.used | {source.node for target, source in edges if target.node in graph.nodes}
    return [
        Problem(
            Severity.WARNING,
            Location(name, node_name),
            "it leads to no output, so it is not part of the model",
            (RemoveNode(name, node_name),),
        )
        for node_name, node in graph.nodes.items()
        if node_name not in needed and not isinstance(node, InputNode | OutputNode)
    ]
