"""Find nodes of a model: by name, type, parameter, shape or problem."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.search.search import SearchTerms, rank
from codegen.check import Report
from codegen.check.inference import CheckedGraph
from codegen.check.problem import Location
from nodes.core.graphs.graph import MAIN, Block, Model
from nodes.core.graphs.node import Node
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import AnyDim, Dim, DimError, show, substitute

MOST = 200


@dataclass(frozen=True, slots=True)
class Match:
    """A node that was found.

    Attributes:
        where: the node.
        title: its name.
        subtitle: its type, or its block.
        why: what of it is meant: a parameter, a shape or a problem; empty for its name or type.
    """

    where: Location
    title: str
    subtitle: str
    why: str = ""


def find_nodes(text: str, model: Model, report: Report, here: str = MAIN) -> list[Match]:
    """Find the nodes that a text may mean, the likeliest first; equals of one graph come first.

    Args:
        text: what was typed: a part of a name or a type, ``hidden_size``, ``dropout 0.1``,
            ``B T 512`` or ``(B, T, 512)``, or words of a problem.
        model: where to look.
        report: what the check found of it.
        here: the graph that is shown.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    graphs = sorted(model.graphs, key=lambda name: name != here)
    called = _called(text, model, graphs, misspelt=False)
    found = {match.where: match for match in called}
    for match in _told(model, report, graphs):
        if match.where not in found and wanted in _plain(match.why):
            found[match.where] = match
    return (list(found.values()) or _called(text, model, graphs, misspelt=True))[:MOST]


def _called(text: str, model: Model, graphs: list[str], misspelt: bool) -> list[Match]:
    """Find nodes by their names and types."""
    listed = [
        (Match(Location(graph, name), name, _type(node)), type(node).aliases)
        for graph in graphs
        for name, node in model.graphs[graph].nodes.items()
    ]

    def terms(one: tuple[Match, tuple[str, ...]]) -> SearchTerms:
        return SearchTerms(one[0].title, (one[0].subtitle, *one[1]))

    return [match for match, _ in rank(text, listed, terms, misspelt)]


def _type(node: Node) -> str:
    return node.block if isinstance(node, Block) else type(node).__name__


def _told(model: Model, report: Report, graphs: list[str]) -> Iterator[Match]:
    """List what is told of each node: problems, parameters, shapes."""
    problems: dict[tuple[str, str], list[str]] = {}
    for problem in report.problems:
        where = problem.where.graph, problem.where.node
        problems.setdefault(where, []).append(problem.text)
    shapes = _shapes(report.main, model.sizes)
    for graph in graphs:
        for name, node in model.graphs[graph].nodes.items():
            match = Match(Location(graph, name), name, _type(node))
            reasons = (
                *problems.get((graph, name), ()),
                *_parameters(node, model.values),
                *shapes.get((graph, name), ()),
            )
            for why in reasons:
                yield Match(match.where, match.title, match.subtitle, why)


def _parameters(node: Node, values: Mapping[str, object]) -> Iterator[str]:
    """Write the parameters that were set as ``name value``, as they are typed and as numbers."""
    fields = type(node).model_fields
    for key in fields:
        value = getattr(node, key)
        if value != fields[key].default:
            told = (_shown(value), _shown(_evaluated(value, values)))
            yield from (f"{key} {one}" for one in dict.fromkeys(told))


def _evaluated(value: object, values: Mapping[str, object]) -> object:
    if isinstance(value, Ref):
        return values.get(value.name, value)
    return _number(value, values) if isinstance(value, Dim) else value


def _number(size: AnyDim, values: Mapping[str, object]) -> AnyDim:
    """Put in the values of hyperparameters, as far as that gives a size."""
    try:
        return substitute(size, values)
    except DimError:
        return size


def _shown(value: object) -> str:
    if isinstance(value, Dim):
        return show(value)
    return value.name if isinstance(value, Ref) else str(value).lower()


def _shapes(
    main: CheckedGraph | None, sizes: Mapping[str, int]
) -> Mapping[tuple[str, str], list[str]]:
    """Write what leaves each node as ``output B T 2 * width`` and as ``output B T 512``."""
    found: dict[tuple[str, str], list[str]] = {}
    waiting, seen = [main] if main else [], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for name, node in one.found.items():
            outputs = node.inferred.outputs if node.inferred else {}
            told = [
                f"{port} {' '.join(map(show, shape))}"
                for port, spec in outputs.items()
                for shape in (spec.shape, [_number(size, sizes) for size in spec.shape])
            ]
            found.setdefault((one.name, name), []).extend(dict.fromkeys(told))
            waiting += [node.inner] if node.inner else []
    return found


def _plain(text: str) -> str:
    """Write a text small, with single spaces in the place of commas, brackets and signs."""
    kept = "".join(" " if c in "(),:=" else c for c in text)
    return " ".join(kept.split()).casefold()
