"""Find nodes of a model: by name, type, parameter, shape or problem."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from builder.search import Terms, ranked
from codegen.check import Report
from codegen.check.infer import Checked
from codegen.check.problem import Address
from nodes.core.dim import Dim, show
from nodes.core.graph import MAIN, Block, Model
from nodes.core.node import Node
from nodes.core.parameter import Ref

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

    where: Address
    title: str
    subtitle: str
    why: str = ""


def find(text: str, model: Model, report: Report, here: str = MAIN) -> list[Match]:
    """Find the nodes that a text may mean, those of one graph before those of the others.

    Args:
        text: what was typed: a part of a name or a type, ``hidden_size``, ``dropout 0.1``,
            ``B T 512`` or ``(B, T, 512)``, or words of a problem.
        model: where to look.
        report: what the check found of it.
        here: the graph that is shown.
    """
    if not text.strip():
        return []
    graphs = sorted(model.graphs, key=lambda name: name != here)
    called = [match for name in graphs for match in _called(text, model, name)]
    known = {match.where for match in called}
    wanted = _plain(text)
    told = [
        match
        for match in _told(model, report, graphs)
        if match.where not in known and wanted in _plain(match.why)
    ]
    unique = {match.where: match for match in reversed((*called, *told))}
    return list(reversed(unique.values()))[:MOST]


def _called(text: str, model: Model, graph: str) -> list[Match]:
    """Find nodes by their names and types."""
    listed = [
        Match(Address(graph, name), name, _type(node))
        for name, node in model.graphs[graph].nodes.items()
    ]
    aliases = {name: type(node).aliases for name, node in model.graphs[graph].nodes.items()}
    return ranked(text, listed, lambda one: Terms(one.title, (one.subtitle, *aliases[one.title])))


def _type(node: Node) -> str:
    return node.block if isinstance(node, Block) else type(node).__name__


def _told(model: Model, report: Report, graphs: list[str]) -> Iterator[Match]:
    """List what is told of each node: problems, parameters, shapes."""
    problems: dict[tuple[str, str], list[str]] = {}
    for problem in report.problems:
        where = problem.where.graph, problem.where.node
        problems.setdefault(where, []).append(problem.text)
    shapes = _shapes(report.main)
    for graph in graphs:
        for name, node in model.graphs[graph].nodes.items():
            match = Match(Address(graph, name), name, _type(node))
            reasons = (
                *problems.get((graph, name), ()),
                *_parameters(node),
                *shapes.get((graph, name), ()),
            )
            for why in reasons:
                yield Match(match.where, match.title, match.subtitle, why)


def _parameters(node: Node) -> Iterator[str]:
    """Write the parameters that were set as ``name value``."""
    for key in node.model_fields_set:
        value = getattr(node, key)
        if value != type(node).model_fields[key].default:
            yield f"{key} {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, Dim):
        return show(value)
    return value.name if isinstance(value, Ref) else str(value).lower()


def _shapes(main: Checked | None) -> Mapping[tuple[str, str], list[str]]:
    """Write what leaves each node, in the graphs of the user's own, as ``output B T 512``."""
    found: dict[tuple[str, str], list[str]] = {}
    waiting, seen = [main] if main else [], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for name, node in one.found.items():
            outputs = node.inferred.outputs if node.inferred else {}
            told = (f"{p} {' '.join(map(show, flow.shape))}" for p, flow in outputs.items())
            found.setdefault((one.name, name), []).extend(told)
            waiting += [node.inner] if node.inner else []
    return found


def _plain(text: str) -> str:
    """Write a text small, with single spaces in the place of commas, brackets and signs."""
    kept = "".join(" " if c in "(),:=" else c for c in text)
    return " ".join(kept.split()).casefold()
