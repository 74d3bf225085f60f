"""The limits of blocks and composites: how many nodes they expand to, and how many differ."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from codegen.check.checked_graph import CheckedGraph
from codegen.check.problem import Problem, Severity
from nodes.core.graphs.graph import MAIN, Block, Composite, Graph, Model
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.shapes.dim import substitute
from nodes.core.shapes.size_limits import DimError

MOST_NODES = 100_000
"""The most nodes of a model with every block expanded where it is placed."""

MOST_EXPANSIONS = 500
"""The most expansions of blocks and composites that differ; each is a class of the code."""

MOST_EXPANDED = 25_000
"""The most nodes in all expansions that differ."""

MOST_COPIES = 1_000_000
"""The most nodes of a model with every repeated node counted as often as it is copied."""


class TooManyExpansions(ValueError):
    """A model has too many different expansions.

    Attributes:
        problem: the problem, at the node whose expansion is one too many.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = replace(problem, cause=self)


@dataclass(slots=True)
class Expansions:
    """The different expansions of a model that an inference has met."""

    _met: set[int] = field(default_factory=set)
    _nodes: int = 0

    def add(self, checked: CheckedGraph, location: Location) -> None:
        """Count an expansion and those inside it, unless they are counted.

        Raises:
            TooManyExpansions: a limit is exceeded.
        """
        if id(checked) in self._met:
            return
        self.require_room(checked.graph, checked.name, location)
        self._met.add(id(checked))
        self._nodes += len(checked.nodes)
        for name, node in checked.nodes.items():
            if node.inner is not None:
                self.add(node.inner, Location(checked.name, name))

    def require_room(self, graph: Graph, name: str, location: Location) -> None:
        """Check that there may be one more expansion.

        Raises:
            TooManyExpansions: a limit is exceeded.
        """
        expected = ""
        if len(self._met) >= MOST_EXPANSIONS:
            expected = f"at most {MOST_EXPANSIONS:,} different expansions"
        elif self._nodes + len(graph.nodes) > MOST_EXPANDED:
            expected = f"at most {MOST_EXPANDED:,} nodes in different expansions"
        if expected:
            advice = "give nodes of one type inputs of the same sizes"
            message = f"expected {expected} of blocks and composites, {name} is one more; {advice}"
            raise TooManyExpansions(Problem(Severity.ERROR, location, message))


def expanded_problem(model: Model) -> Problem | None:
    """Report the graph that has too many nodes with every block expanded where it is placed.

    The blocks must be acyclic.
    """
    sizes: dict[str, int] = {}
    pending = [MAIN]
    while pending:
        name = pending[-1]
        graph = model.graphs[name]
        placed = _placed_blocks(graph)
        unknown = [block for block in placed if block in model.blocks and block not in sizes]
        if unknown:
            pending += unknown
            continue
        pending.pop()
        sizes[name] = len(graph.nodes) + sum(sizes.get(block, 0) for block in placed)
        if sizes[name] > MOST_NODES:
            expected = f"expected at most {MOST_NODES:,} nodes with every block expanded"
            message = f"{expected}, got {sizes[name]:,}; place fewer blocks in each other"
            return Problem(Severity.ERROR, Location(name), message)
    return None


def _placed_blocks(graph: Graph) -> list[str]:
    return [node.block for node in graph.nodes.values() if isinstance(node, Block)]


def copies_problems(model: Model, main: CheckedGraph) -> Iterator[Problem]:
    """Report the innermost nodes whose copies, with those inside them, are too many."""
    counts: dict[int, int | None] = {}

    def count(checked: CheckedGraph) -> Iterator[Problem]:
        counts[id(checked)] = None  # it stays where a problem is reported
        total = 0
        for name, node in checked.nodes.items():
            if node.inner is None:
                total += 1
                continue
            where = Location(checked.name, name)
            if id(node.inner) not in counts:
                inside = isinstance(node.node, Block)
                found = count(node.inner)
                yield from found if inside else (replace(each, location=where) for each in found)
            inner = counts[id(node.inner)]
            if inner is None:
                return
            total += _copies(model, node.node) * inner
            if total > MOST_COPIES:
                expected = f"expected at most {MOST_COPIES:,} nodes with all copies counted"
                message = f"{expected}, got {total:,}; repeat it less often"
                yield Problem(Severity.ERROR, where, message)
                return
        counts[id(checked)] = total

    return count(main)


def _copies(model: Model, node: Node) -> int:
    """Return how often the graph of a node is built at the present values; 1 if it is unknown."""
    if not isinstance(node, Composite) or node.share:
        return 1
    try:
        repeat = substitute(node.repeat, model.sizes)
    except DimError:
        return 1
    return repeat if isinstance(repeat, int) else 1
