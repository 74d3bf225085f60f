"""The check of a whole model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from codegen.check import model_checks
from codegen.check.candidate_effects import Finding, Trials
from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph
from codegen.check.expansions import TooManyExpansions, copies_problems, expanded_problem
from codegen.check.field_cache import FieldGraph
from codegen.check.inference import Inference
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Remedy, RemoveNode, StopBypassing
from codegen.check.streamable_graph import cache_hint
from codegen.check.structure import block_cycle
from codegen.check.time_analysis import analyse
from codegen.check.time_checks import output_problems
from codegen.check.time_node_checks import node_problems
from codegen.check.verified_remedies import RemedyVerifier
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import MAIN, Block, Model, PortRef
from nodes.core.graphs.location import Location
from nodes.core.graphs.node_guard import NodeFault


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a check.

    Attributes:
        problems: all problems; errors first.
        main: the main graph with a tensor spec on every port; None if blocks contain each other
            or expand to too many nodes.
        fields: the receptive fields in the main graph; None where that is.
        waiting: the nodes that cannot be checked before another's problem is fixed, with the
            location of that problem.
        verifier: finds the remedies of the problems, when they are first read.
    """

    problems: tuple[Problem, ...]
    main: CheckedGraph | None
    fields: FieldGraph | None
    waiting: Mapping[Location, Location]
    verifier: RemedyVerifier = field(compare=False, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the model can be compiled."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep the model from being compiled."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def check(model: Model, cache: CheckCache | None = None) -> Report:
    """Find every problem of a model.

    Args:
        model: the model.
        cache: the results of earlier checks; only what has changed since is checked again.

    Examples:
        >>> from nodes.attention.split_heads import SplitHeads
        >>> from nodes.core.graphs.graph_builder import GraphBuilder
        >>> from nodes.io.feature_input import FeatureInput
        >>> from nodes.io.graph_output import GraphOutput
        >>> builder = GraphBuilder()
        >>> x = builder.add("x", FeatureInput(features=128))
        >>> x = builder.add("split", SplitHeads(num_heads=6), x)
        >>> x = builder.add("y", GraphOutput(), x)
        >>> report = check(Model(graph=builder.build()))
        >>> report.ok
        False
        >>> for problem in report.problems:
        ...     print(f"{problem.location}: {problem.message}")
        ...     for remedy in problem.remedies:
        ...         print(remedy.title)
        split.input: expected a multiple of num_heads = 6, got 128 from x.output
        Set num_heads to 4
        Set num_heads to 8
        Set features of x to 126
    """
    cache = CheckCache() if cache is None else cache
    finding = _check(model, cache)
    verifier = RemedyVerifier(Trials(model, cache, finding, _check))
    problems = tuple(replace(problem, verifier=verifier) for problem in finding.problems)
    return Report(problems, finding.main, finding.fields, finding.waiting, verifier)


def with_hints(model: Model, report: Report) -> Report:
    """Add to the report of a model that can be compiled what could be better."""
    hint = cache_hint(model, report.main) if report.ok and report.main else None
    return replace(report, problems=(*report.problems, hint)) if hint else report


def _check(model: Model, cache: CheckCache) -> Finding:
    """Find every problem of a model; nothing tries their candidates yet."""
    if (problem := _cycle_problem(model) or expanded_problem(model)) is not None:
        return _failed(problem)
    rewritten = cache.bypass.rewrite(model)
    cache.prepare(rewritten)
    try:
        with gc_paused():
            main = Inference(rewritten, cache).graph(rewritten.graph, MAIN, {}, MAIN)
            fields = analyse(rewritten, main, cache.fields)
    except TooManyExpansions as error:
        return _failed(error.problem)
    except NodeFault as fault:
        return _failed(fault_problem(model, fault))
    problems = (
        *main.problems,
        *copies_problems(rewritten, main),
        *model_checks.problems(model, rewritten, main),
        *output_problems(rewritten, fields),
        *node_problems(rewritten, fields),
        *model_checks.unused_hyperparameters(model),
    )
    if rewritten is not model:
        problems = tuple(_with_stop_bypassing(model, problem) for problem in problems)
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    ranked = sorted(dict.fromkeys(problems), key=lambda problem: ranks[problem.severity])
    return Finding(tuple(ranked), main, fields, dict(_waiting(main)))


def _cycle_problem(model: Model) -> Problem | None:
    """Report a block that contains itself."""
    cycle = block_cycle(model.blocks)
    if not cycle:
        return None
    path = " -> ".join([*cycle, cycle[0]])
    message = f"expected a block that does not contain itself, got {path}"
    return Problem(Severity.ERROR, Location(cycle[0]), message, _openings(model, cycle))


def fault_problem(model: Model, fault: NodeFault) -> Problem:
    """Report the fault of a custom node at the first node of its type."""
    location = next(
        (
            Location(graph, name)
            for graph in model.graphs
            for name, node in model.graphs[graph].nodes.items()
            if type(node) is fault.node_type
        ),
        Location(MAIN),
    )
    return Problem(Severity.ERROR, location, str(fault), cause=fault)


def _failed(problem: Problem) -> Finding:
    """Report a problem that keeps the graphs from being checked."""
    return Finding((problem,), None, None, {})


def _with_stop_bypassing(model: Model, problem: Problem) -> Problem:
    """Add the remedy to stop bypassing the node at the source of a mismatching edge."""
    location = problem.location
    graph = model.graphs.get(location.graph)
    source = graph.edges.get(PortRef(location.node, location.port)) if graph else None
    if graph is None or source is None or source.node not in graph.bypassed:
        return problem
    candidates = (*problem.candidates, StopBypassing(location.graph, source.node))
    return replace(problem, candidates=candidates)


def _openings(model: Model, cycle: tuple[str, ...]) -> tuple[Remedy, ...]:
    """Propose to remove the node that places the first block of a cycle in the last."""
    graph = model.blocks[cycle[-1]]
    placed = [
        name
        for name, node in graph.nodes.items()
        if isinstance(node, Block) and node.block == cycle[0]
    ]
    sources = [*graph.sources[placed[0]].values()]
    return tuple(RemoveNode(cycle[-1], placed[0], source) for source in (*sources[:1], None))


def _waiting(
    checked: CheckedGraph, placement: Location | None = None
) -> Iterator[tuple[Location, Location]]:
    """Iterate over the waiting nodes; those behind an input of a block wait for its placement."""
    for node, root in checked.waiting.items():
        at_input = placement is not None and root in checked.graph.input_nodes
        where = placement if placement and at_input else Location(checked.name, root)
        yield Location(checked.name, node), where
    for name, checked_node in checked.nodes.items():
        if checked_node.inner is not None and checked_node.inner.waiting:
            is_block = isinstance(checked_node.node, Block)
            place = Location(checked.name, name) if is_block else None
            yield from _waiting(checked_node.inner, place)
