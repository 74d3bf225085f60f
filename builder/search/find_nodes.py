"""Find nodes of a model by name, type, parameter, shape or problem."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.search.search import SearchTerms, rank
from codegen.check import Report
from codegen.check.checked_graph import CheckedGraph
from nodes.core.graphs.graph import MAIN, Block, Model
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.number_expression import NumberError, NumberExpression
from nodes.core.graphs.parameter_types import Ref
from nodes.core.shapes.dim import AnyDim, Dim, show, substitute
from nodes.core.shapes.size_limits import DimError

MAX_MATCHES = 200


@dataclass(frozen=True, slots=True)
class Match:
    """A node that was found.

    Attributes:
        location: the node.
        title: its name.
        subtitle: its type, or its block.
        reason: the parameter, shape or problem that matched; empty for a name or type.
    """

    location: Location
    title: str
    subtitle: str
    reason: str = ""


def find_nodes(text: str, model: Model, report: Report, shown: str = MAIN) -> list[Match]:
    """Find nodes, best matches first; among equal ones, those of the graph that is shown.

    Args:
        text: the query: part of a name or a type, ``hidden_size``, ``dropout 0.1``, ``B T 512`` or
            ``(B, T, 512)``, or words of a problem.
        model: the model to search.
        report: the result of its check.
        shown: the name of the graph that is shown.
    """
    query = _normalized(text)
    if not query:
        return []
    graphs = sorted(model.graphs, key=lambda name: name != shown)
    named = _find_by_name(text, model, graphs, fuzzy=False)
    found = {match.location: match for match in named}
    for match in _details(model, report, graphs):
        if match.location not in found and query in _normalized(match.reason):
            found[match.location] = match
    return (list(found.values()) or _find_by_name(text, model, graphs, fuzzy=True))[:MAX_MATCHES]


def _find_by_name(text: str, model: Model, graphs: list[str], fuzzy: bool) -> list[Match]:
    """Find nodes by name and type."""
    nodes = [
        (Match(Location(graph, name), name, _type(node)), type(node).aliases)
        for graph in graphs
        for name, node in model.graphs[graph].nodes.items()
    ]

    def terms(item: tuple[Match, tuple[str, ...]]) -> SearchTerms:
        match, aliases = item
        return SearchTerms(match.title, (match.subtitle, *aliases))

    return [match for match, _ in rank(text, nodes, terms, fuzzy)]


def _type(node: Node) -> str:
    return node.block if isinstance(node, Block) else type(node).__name__


def _details(model: Model, report: Report, graphs: list[str]) -> Iterator[Match]:
    """Yield a match for each problem, parameter and shape of each node."""
    problems: dict[tuple[str, str], list[str]] = {}
    for problem in report.problems:
        key = problem.location.graph, problem.location.node
        problems.setdefault(key, []).append(problem.message)
    shapes = _shapes(report.main, model.sizes)
    for graph in graphs:
        for name, node in model.graphs[graph].nodes.items():
            reasons = (
                *problems.get((graph, name), ()),
                *_parameters(node, model),
                *shapes.get((graph, name), ()),
            )
            for reason in reasons:
                yield Match(Location(graph, name), name, _type(node), reason)


def _parameters(node: Node, model: Model) -> Iterator[str]:
    """Format the parameters that differ from their defaults, as written and as evaluated."""
    fields = type(node).model_fields
    for key in fields:
        value = getattr(node, key)
        if value != fields[key].default:
            written = node.text_of(key) or _format(value)
            texts = (written, _format(_evaluated(value, model)))
            yield from (f"{key} {text}" for text in dict.fromkeys(texts))


def _evaluated(value: object, model: Model) -> object:
    if isinstance(value, Ref):
        return model.values.get(value.name, value)
    if isinstance(value, NumberExpression):
        try:
            return value.evaluate(model.values)
        except (NumberError, KeyError):
            return value
    return _substituted(value, model.sizes) if isinstance(value, Dim) else value


def _substituted(size: AnyDim, sizes: Mapping[str, int]) -> AnyDim:
    """Substitute the values of hyperparameters, if that gives a size."""
    try:
        return substitute(size, sizes)
    except DimError:
        return size


def _format(value: object) -> str:
    if isinstance(value, Dim):
        return show(value)
    named = isinstance(value, Ref | NumberExpression)
    return str(value) if named else str(value).lower()


def _shapes(
    main: CheckedGraph | None, sizes: Mapping[str, int]
) -> Mapping[tuple[str, str], list[str]]:
    """Format the output shapes of each node, such as ``output B T 2 * width`` and ``B T 512``."""
    found: dict[tuple[str, str], list[str]] = {}
    stack, seen = [main] if main else [], set()
    while stack:
        graph = stack.pop()
        if id(graph) in seen:
            continue
        seen.add(id(graph))
        for name, node in graph.nodes.items():
            outputs = node.inferred.outputs if node.inferred else {}
            texts = [
                f"{port} {' '.join(map(show, shape))}"
                for port, spec in outputs.items()
                for shape in (spec.shape, [_substituted(size, sizes) for size in spec.shape])
            ]
            found.setdefault((graph.name, name), []).extend(dict.fromkeys(texts))
            stack += [node.inner] if node.inner else []
    return found


def _normalized(text: str) -> str:
    """Fold the case, and replace commas, brackets and signs by single spaces."""
    spaced = "".join(" " if c in "(),:=" else c for c in text)
    return " ".join(spaced.split()).casefold()
