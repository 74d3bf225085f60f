"""The check of a whole model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.check import model_checks
from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph
from codegen.check.expansions import TooManyExpansions, copies_problems, expanded_problem
from codegen.check.field_cache import FieldGraph
from codegen.check.inference import Inference
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import RemoveNode, StopBypassing
from codegen.check.structure import block_cycle
from codegen.check.time_analysis import analyse
from codegen.check.time_checks import output_problems
from codegen.check.time_node_checks import node_problems
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import MAIN, Block, Graph, Model, PortRef
from nodes.core.graphs.location import Location


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
    """

    problems: tuple[Problem, ...]
    main: CheckedGraph | None
    fields: FieldGraph | None
    waiting: Mapping[Location, Location]

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
        >>> from nodes.attention import SplitHeads
        >>> from nodes.core.graphs.graph_builder import GraphBuilder
        >>> from nodes.io import FeatureInput, GraphOutput
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
    """
    if (problem := _cycle_problem(model) or expanded_problem(model)) is not None:
        return _failed(problem)
    cache = CheckCache() if cache is None else cache
    rewritten = cache.bypass.rewrite(model)
    cache.prepare(rewritten)
    try:
        with gc_paused():
            main = Inference(rewritten, cache).graph(rewritten.graph, MAIN, {}, MAIN)
            fields = analyse(rewritten, main, cache.fields)
    except TooManyExpansions as error:
        return _failed(error.problem)
    problems = (
        *main.problems,
        *copies_problems(rewritten, main),
        *model_checks.problems(rewritten, main),
        *output_problems(rewritten, fields),
        *node_problems(rewritten, fields),
        *model_checks.unused_hyperparameters(model),
    )
    if rewritten is not model:
        problems = tuple(_with_stop_bypassing(model, problem) for problem in problems)
    ranks = {severity: rank for rank, severity in enumerate(Severity)}
    ranked = sorted(dict.fromkeys(problems), key=lambda problem: ranks[problem.severity])
    return Report(tuple(ranked), main, fields, dict(_waiting(main)))


def _cycle_problem(model: Model) -> Problem | None:
    """Report a block that contains itself."""
    cycle = block_cycle(model.blocks)
    if not cycle:
        return None
    path = " -> ".join([*cycle, cycle[0]])
    message = f"expected a block that does not contain itself, got {path}"
    remedy = RemoveNode(cycle[-1], _placed_as(model.blocks[cycle[-1]], cycle[0]))
    return Problem(Severity.ERROR, Location(cycle[0]), message, (remedy,))


def _failed(problem: Problem) -> Report:
    """Report a problem that keeps the graphs from being checked."""
    return Report((problem,), None, None, {})


def _with_stop_bypassing(model: Model, problem: Problem) -> Problem:
    """Add the remedy to stop bypassing the node at the source of a mismatching edge."""
    location = problem.location
    graph = model.graphs.get(location.graph)
    source = graph.edges.get(PortRef(location.node, location.port)) if graph else None
    if graph is None or source is None or source.node not in graph.bypassed:
        return problem
    return replace(
        problem, remedies=(*problem.remedies, StopBypassing(location.graph, source.node))
    )


def _placed_as(graph: Graph, block: str) -> str:
    """Find the first node that places a block in a graph."""
    nodes = graph.nodes.items()
    return next(name for name, node in nodes if isinstance(node, Block) and node.block == block)


def _waiting(checked: CheckedGraph) -> Iterator[tuple[Location, Location]]:
    for node, root in checked.waiting.items():
        yield Location(checked.name, node), Location(checked.name, root)
    for checked_node in checked.nodes.values():
        if checked_node.inner is not None and checked_node.inner.waiting:
            yield from _waiting(checked_node.inner)
