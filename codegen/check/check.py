"""The check of a whole model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.check import model_checks
from codegen.check.inference import CheckCache, CheckedGraph, Inference
from codegen.check.problem import Location, Problem, Severity
from codegen.check.remedy import RemoveNode, StopBypassing
from codegen.check.structure import block_loop
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import MAIN, Block, Graph, Model, PortRef

MOST_NODES = 100_000
"""How many nodes a model may have once every block is written out where it is used."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the check of a model found.

    Attributes:
        problems: all of them; errors first.
        main: the main graph with its flows; None where the blocks contain each other.
        waiting: nodes that wait for the problem of another, and for which.
    """

    problems: tuple[Problem, ...]
    main: CheckedGraph | None
    waiting: Mapping[Location, Location]

    @property
    def ok(self) -> bool:
        """Tell whether the model can be compiled."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep the model from being compiled."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def check(model: Model, memory: CheckCache | None = None) -> Report:
    """Find every problem of a model.

    Args:
        model: the model.
        memory: what earlier checks found; only what has changed since is looked at again.
    """
    loop = block_loop(model.blocks)
    if loop:
        told = " -> ".join([*loop, loop[0]])
        text = f"a block cannot contain itself, but this one does: {told}"
        mend = (RemoveNode(loop[-1], _placed(model.blocks[loop[-1]], loop[0])),)
        return Report((Problem(Severity.ERROR, Location(loop[0]), text, mend),), None, {})
    if (size := expanded_size(model)) > MOST_NODES:
        text = (
            f"at most {MOST_NODES:,} nodes are expected once every block is written out, but "
            f"there are {size:,}; place fewer blocks in each other"
        )
        return Report((Problem(Severity.ERROR, Location(), text),), None, {})
    memory = CheckCache() if memory is None else memory
    passed = memory.passing.over(model)
    memory.prepare(passed)
    with gc_paused():
        main = Inference(passed, memory).graph(passed.graph, MAIN, {}, MAIN)
    problems = (*main.problems, *model_checks.problems(passed, main), *model_checks.unused(model))
    if passed is not model:
        problems = tuple(_with_way_back(model, problem) for problem in problems)
    ranked = sorted(dict.fromkeys(problems), key=lambda one: list(Severity).index(one.severity))
    return Report(tuple(ranked), main, dict(_waiting(main)))


def _with_way_back(model: Model, problem: Problem) -> Problem:
    """Propose to stop bypassing the node from which what does not fit would come."""
    where = problem.where
    graph = model.graphs.get(where.graph)
    source = graph.edges.get(PortRef(where.node, where.port)) if graph else None
    if source is None or source.node not in graph.bypassed:
        return problem
    return replace(problem, remedies=(*problem.remedies, StopBypassing(where.graph, source.node)))


def _placed(graph: Graph, block: str) -> str:
    """Find the node that places a block."""
    return next(name for name, node in graph.nodes.items() if getattr(node, "block", "") == block)


def expanded_size(model: Model) -> int:
    """Count the nodes with every block written out where it is used, however many that are."""
    sizes: dict[str, int] = {}
    waiting = list(model.blocks)
    while waiting:
        name = waiting[-1]
        inner = [n.block for n in model.blocks[name].nodes.values() if isinstance(n, Block)]
        unknown = [one for one in inner if one in model.blocks and one not in sizes]
        if unknown:
            waiting += unknown
            continue
        waiting.pop()
        sizes[name] = len(model.blocks[name].nodes) + sum(sizes.get(one, 0) for one in inner)
    placed = [n.block for n in model.graph.nodes.values() if isinstance(n, Block)]
    return len(model.graph.nodes) + sum(sizes.get(one, 0) for one in placed)


def _waiting(checked: CheckedGraph) -> Iterator[tuple[Location, Location]]:
    for node, root in checked.waiting.items():
        yield Location(checked.name, node), Location(checked.name, root)
    for found in checked.found.values():
        if found.inner is not None and found.inner.waiting:
            yield from _waiting(found.inner)
