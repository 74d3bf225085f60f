"""Shape inference through a graph: every port gets a tensor spec, or a problem says why not.

A node is checked again only when it or its input specs have changed; see `CheckCache`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from codegen.check import (
    composite_checks,
    edge_ends,
    input_checks,
    loop_bodies,
    parameter_checks,
)
from codegen.check.check_cache import CachedStructure, CheckCache
from codegen.check.checked_graph import CheckedGraph, CheckedNode, InputSpecs, Sources
from codegen.check.composite_checks import ExpansionError
from codegen.check.custom_trial import require_code
from codegen.check.expansions import Expansions
from codegen.check.mismatch import mismatch_problem
from codegen.check.node_context import NodeContext
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import SetParameter
from codegen.check.size_checks import SizeChecks
from codegen.check.structure import Structure, graph_structure, in_order
from nodes.core.graphs.graph import (
    MAIN,
    Block,
    Composite,
    Graph,
    InputNode,
    Model,
    PortRef,
)
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Inferred, InputMismatch, Node
from nodes.core.graphs.node_guard import NodeFault
from nodes.core.graphs.parameter_types import Ref
from nodes.core.graphs.port import TensorSpec, find_input
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.size_limits import DimError


@dataclass(frozen=True, slots=True)
class _GraphPass:
    """The check of one graph.

    Attributes:
        graph, name, incoming, scope: as for `Inference.graph`.
        structure, sources: its structure, and the source of each input.
        waiting: the nodes that wait for another; filled.
    """

    graph: Graph
    name: str
    incoming: Mapping[str, TensorSpec]
    scope: object
    structure: Structure
    sources: Sources
    waiting: dict[str, str]


@dataclass(slots=True)
class Inference:
    """One pass over a model's graphs."""

    model: Model
    cache: CheckCache
    sizes: SizeChecks = field(init=False)
    expansions: Expansions = field(default_factory=Expansions)

    def __post_init__(self) -> None:
        self.sizes = SizeChecks(self.model)

    def graph(
        self, graph: Graph, name: str, incoming: Mapping[str, TensorSpec], scope: object
    ) -> CheckedGraph:
        """Infer the tensor spec of every port of a graph.

        Args:
            graph: the graph.
            name: its name in locations.
            incoming: the spec of each connected input node; those of the main graph have their own.
            scope: the key of this use of the graph in the cache.
        """
        graph = self._specialized(graph)
        structure, sources = self._structure(graph, name, incoming, scope)
        waiting: dict[str, str] = {}
        problems = edge_ends.edges_to_no_node(graph, name)
        for cycle in structure.cycles:
            context = NodeContext(self.model, graph, name, cycle[0], structure.order)
            problems.append(input_checks.cycle_problem(context, cycle))
            waiting.update(dict.fromkeys(cycle[1:], cycle[0]))
        part = _GraphPass(graph, name, incoming, scope, structure, sources, waiting)
        checked_nodes = self._nodes(part)
        for checked in checked_nodes.values():
            if checked.problems:
                problems += checked.problems
        order = tuple(
            n
            for n in structure.order
            if n in checked_nodes and checked_nodes[n].inferred is not None
        )
        problems += edge_ends.dead_ends(graph, name, structure)
        problems += self._absent(graph, name, sources)
        problems += loop_bodies.body_problems(self.model, graph, name)
        problems += input_checks.single_edges(self.model, graph, name, structure.order)
        unique = tuple(dict.fromkeys(problems))
        return CheckedGraph(
            graph, name, order, structure.used, sources, checked_nodes, unique, waiting
        )

    def _nodes(self, part: "_GraphPass") -> dict[str, CheckedNode]:
        """Check the nodes of a graph in order; those that an edit has not touched are kept."""
        known, before = self.cache.latest.get(part.scope, (None, {}))
        result: dict[str, CheckedNode] = {}
        changed: set[str] = set()
        for name in part.structure.order:
            refs = part.sources.get(name)
            if refs is None:
                continue
            last = before.get(name)
            if last is not None and last.node is not part.graph.nodes[name]:
                last = None
            if last is not None and known is part.sources and _is_kept(last):
                untouched = not changed or changed.isdisjoint(ref.node for ref in refs.values())
                if untouched and name not in part.graph.bypassed:
                    result[name] = last
                    continue
            checked = result[name] = self._checked(part, name, result, last)
            if not _same_outputs(before.get(name), checked):
                changed.add(name)
        self.cache.latest[part.scope] = part.sources, result
        return result

    def _checked(
        self,
        part: "_GraphPass",
        name: str,
        checked_nodes: Mapping[str, CheckedNode],
        last: CheckedNode | None,
    ) -> CheckedNode:
        """Check a node, or take the last result, if that is for the same input specs."""
        graph, node, refs = part.graph, part.graph.nodes[name], part.sources[name]
        specs, root = _input_specs(refs, checked_nodes, part.waiting, graph)
        if name in part.incoming and isinstance(node, InputNode):
            specs = {"": part.incoming[name]}
        if root is not None:
            part.waiting[name] = root
        bypassed = name in graph.bypassed
        if last is not None and not bypassed and _is_for(last, specs, len(refs)):
            checked = last
        else:
            context = NodeContext(self.model, graph, part.name, name, part.structure.order)
            try:
                checked = self._node(context, specs, refs, root is not None)
            except NodeFault as fault:
                problem = context.error(str(fault), cause=fault)
                checked = CheckedNode(node, specs, None, (problem,))
        if checked.inner is not None:
            self.expansions.add(checked.inner, Location(part.name, name))
        return checked

    def _absent(self, graph: Graph, name: str, sources: Sources) -> Iterator[Problem]:
        """Find bypassed nodes among those that are left out, as an input of theirs is absent."""
        for node in sorted(graph.bypassed & graph.nodes.keys() - sources.keys()):
            context = NodeContext(self.model, graph, name, node, ())
            yield input_checks.bypass_problem(context, graph.nodes[node])

    def _specialized(self, graph: Graph) -> Graph:
        """Replace the hyperparameters that choices name by their values."""
        nodes = {
            name: self.cache.specialize(node, self.model.values)
            for name, node in graph.nodes.items()
            if any(isinstance(getattr(node, key), Ref) for key in node.choice_fields)
        }
        return replace(graph, nodes={**graph.nodes, **nodes}) if nodes else graph

    def _structure(
        self, graph: Graph, name: str, incoming: Mapping[str, TensorSpec], scope: object
    ) -> tuple[Structure, Sources]:
        """Compute the structure and sources of a graph, or take them from the cache."""
        types = [type(node) for node in graph.nodes.values()]
        entry = self.cache.structures.get(scope)
        if entry is not None and entry.fits(graph, types):
            return entry.structure, entry.sources
        structure = graph_structure(graph.nodes, graph.edges, graph.output_nodes)
        sources = self._sources(graph, structure, incoming if name != MAIN else None)
        if not any(issubclass(node_type, Block) for node_type in types):
            self.cache.structures[scope] = CachedStructure(graph, types, structure, sources)
        return structure, sources

    def _sources(
        self, graph: Graph, structure: Structure, incoming: Mapping[str, TensorSpec] | None
    ) -> Sources:
        """Find the sources of each node, without the nodes that depend on an absent input."""
        absent: set[str] = set()
        result: dict[str, dict[str, PortRef]] = {}
        for name in (*structure.order, *(node for cycle in structure.cycles for node in cycle)):
            node = graph.nodes[name]
            if incoming is not None and isinstance(node, InputNode) and name not in incoming:
                absent.add(name)
                continue
            edges = graph.sources[name]
            present = edges
            if absent:
                present = {port: ref for port, ref in edges.items() if ref.node not in absent}
            if len(present) < len(edges) and self._needs_absent(node, edges, present):
                absent.add(name)
                continue
            ports = self.model.ports(node)[0] if isinstance(node, Block) else node.inputs
            result[name] = in_order(ports, present)
        return result

    def _needs_absent(
        self, node: Node, edges: Mapping[str, PortRef], present: Mapping[str, PortRef]
    ) -> bool:
        """Check whether a node requires one of the edges that are not present."""
        for port in self.model.ports(node)[0]:
            if port.variadic:
                if not any(find_input((port,), key) for key in present):
                    return True
            elif port.name in edges.keys() - present.keys() and not (port.optional or port.default):
                return True
        return False

    def _node(
        self,
        context: NodeContext,
        specs: InputSpecs,
        sources: Mapping[str, PortRef],
        waits: bool,
    ) -> CheckedNode:
        """Check a node; of one that waits for another, only its edges and parameters."""
        node = context.graph.nodes[context.node]
        if context.node in context.graph.bypassed:
            problem = input_checks.bypass_problem(context, node)
            return CheckedNode(node, specs, None, () if waits else (problem,))
        problems = tuple(input_checks.edge_problems(context, node, sources))
        if problems or waits:
            problems += tuple(parameter_checks.problems(context, node))
            return CheckedNode(node, specs, None, problems)
        return self._inferred(context, node, specs)

    def _inferred(self, context: NodeContext, node: Node, specs: InputSpecs) -> CheckedNode:
        """Check the parameters of a node, and infer its output specs."""
        key = None
        if not isinstance(node, Composite | InputNode | Unknown):
            key = (type(node), *node.__dict__.values(), *specs.items())
            if (twin := self.cache.inferred.get(key)) is not None:
                return CheckedNode(node, specs, twin.inferred, (), None, twin.streaming)
        checked = self._inferred_anew(context, node, specs)
        if key is not None and checked.inferred is not None and not checked.problems:
            self.cache.inferred[key] = checked
        return checked

    def _inferred_anew(self, context: NodeContext, node: Node, specs: InputSpecs) -> CheckedNode:
        """Check the parameters of a node, and infer its output specs, without the cache."""
        problems = tuple(parameter_checks.problems(context, node))
        if _has_error(problems):
            return CheckedNode(node, specs, None, problems)
        try:
            return self._infer(context, node, specs, problems)
        except InputMismatch as error:
            problem = mismatch_problem(context, node, error)
        except (DimError, ExpansionError) as error:
            problem = composite_checks.size_problem(context, node, error)
            problem = replace(problem, candidates=_resets(context, node))
        return CheckedNode(node, specs, None, (*problems, problem))

    def _infer(
        self,
        context: NodeContext,
        node: Node,
        specs: InputSpecs,
        problems: tuple[Problem, ...],
    ) -> CheckedNode:
        """Infer the output specs of a node whose parameters are checked.

        Raises:
            InputMismatch: a spec does not fit its port.
            DimError: a size of the node cannot be computed.
            ExpansionError: the graph of a composite cannot be built.
            NodeFault: a method of a custom node fails.
        """
        if isinstance(node, Composite):
            return self._composite(context, node, specs, problems)
        if isinstance(node, InputNode) and specs:
            inferred = node.receive(specs[""], self.model.sizes)
        else:
            inferred = node.infer(specs, self.model.sizes)
        self.sizes.require_bounded(node, inferred)
        hints = tuple(context.hint(message) for message in inferred.dims.hints)
        checked = CheckedNode(node, specs, inferred, problems + hints)
        require_code(checked)
        return checked

    def _composite(
        self,
        context: NodeContext,
        node: Composite,
        specs: InputSpecs,
        problems: tuple[Problem, ...],
    ) -> CheckedNode:
        """Check the graph that a composite stands for, with the input specs of the node."""
        dims = composite_checks.bind(self.model, node, specs)
        block = self.model.blocks[node.block] if isinstance(node, Block) else None
        name = node.block if isinstance(node, Block) else type(node).__name__
        is_loop = block is not None and bool(block.step_inputs)
        incoming = specs
        if block is not None and is_loop:
            incoming = loop_bodies.step_specs(block, specs, self.model.sizes)
        key = (node if block is None else (name, id(block)), tuple(incoming.items()))
        cached_block, inner = self.cache.graphs.get(key, (None, None))
        if inner is None or (block is not None and cached_block is not block):
            graph = composite_checks.expand(node, dims) if block is None else block
            self.expansions.require_room(graph, name, context.location())
            inner = self.graph(graph, name, incoming, key)
            self.cache.graphs[key] = block, inner
        outputs = inner.results
        problems += composite_checks.inner_problems(context, node, inner, incoming)
        absent = composite_checks.missing_outputs(context, node, inner.graph, inner.sources)
        problems += tuple(absent)
        if not outputs or len(outputs) < len(inner.graph.output_nodes):
            return CheckedNode(node, specs, None, problems, inner)
        if is_loop and isinstance(node, Block):
            chain_problems = (*loop_bodies.placement_problems(context, node, inner, specs),)
            if not chain_problems:
                outputs = loop_bodies.sequence_specs(inner.graph, specs, outputs)
        else:
            chain_problems = composite_checks.chain_problems(context, node, specs, outputs, dims)
        if chain_problems:
            return CheckedNode(node, specs, None, problems + chain_problems, inner)
        hints = tuple(context.hint(message) for message in dims.hints)
        return CheckedNode(node, specs, Inferred(dims, outputs), problems + hints, inner)


def _resets(context: NodeContext, node: Node) -> tuple[SetParameter, ...]:
    """Propose the default of each size that has another value."""
    infos = type(node).model_fields
    return tuple(
        SetParameter(context.graph_name, context.node, name, infos[name].default)
        for name in node.size_fields
        if not infos[name].is_required() and getattr(node, name) != infos[name].default
    )


def _is_kept(checked: CheckedNode) -> bool:
    """Return whether a result depends on nothing but the node and its input specs."""
    return checked.inner is None and checked.inferred is not None and not checked.problems


def _is_for(checked: CheckedNode, specs: InputSpecs, edges: int) -> bool:
    """Return whether a result is for some input specs, one for each edge, and no use of a block."""
    if checked.inferred is None or isinstance(checked.node, Block):
        return False
    return checked.input_specs == specs and len(specs) >= edges


def _same_outputs(last: CheckedNode | None, checked: CheckedNode) -> bool:
    """Return whether the readers of a node find what they found before."""
    if last is checked:
        return True
    old, new = last.inferred if last is not None else None, checked.inferred
    return old is not None and new is not None and old.outputs == new.outputs


def _has_error(problems: tuple[Problem, ...]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _input_specs(
    sources: Mapping[str, PortRef],
    checked_nodes: Mapping[str, CheckedNode],
    waiting: Mapping[str, str],
    graph: Graph,
) -> tuple[InputSpecs, str | None]:
    """Collect the input specs of a node, or the name of the node whose problem it waits for."""
    specs: InputSpecs = {}
    root = None
    for port, ref in sources.items():
        source = checked_nodes.get(ref.node)
        inferred = source.inferred if source is not None else None
        spec = inferred.outputs.get(ref.port) if inferred is not None else None
        if spec is not None:
            specs[port] = spec
        elif root is None and ref.node in graph.nodes and inferred is None:
            root = waiting.get(ref.node, ref.node)
    return specs, root
