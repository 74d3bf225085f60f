"""The rows of the problem list: what is wrong, where, and what mends it."""

from dataclasses import dataclass

from codegen.check import Problem, Report, Severity
from codegen.check.problem import Location
from codegen.check.remedy import Remedy
from nodes.core.graphs.graph import Model

MOST = 60
"""How many rows are made at once; more are made when they are asked for."""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem as it is listed.

    Attributes:
        severity: how bad it is.
        where: the place that it is about.
        place: the place in words, to be clicked.
        text: what is wrong; it may begin with a name, so it has no capital letter.
        remedies: what mends it, each with the words on its button.
    """

    severity: Severity
    where: Location
    place: str
    text: str
    remedies: tuple[tuple[str, Remedy], ...]


def problem_rows(report: Report, model: Model) -> list[ProblemRow]:
    """List the problems, the worst first."""
    return [problem_row(one, model.name) for one in report.problems]


def problem_row(problem: Problem, whole: str) -> ProblemRow:
    """Make the row of a problem; ``whole`` is where problems of no place in the model are."""
    return ProblemRow(
        problem.severity,
        problem.where,
        str(problem.where) or whole,
        f"{problem.message}.",
        tuple((remedy.title, remedy) for remedy in problem.remedies),
    )


def waiting_lines(report: Report) -> list[str]:
    """Tell which nodes wait for a problem of another, those that wait for the same together."""
    groups: dict[Location, list[str]] = {}
    for node, root in report.waiting.items():
        groups.setdefault(root, []).append(str(node))
    return [_waits(names, root) for root, names in groups.items()]


def _waits(names: list[str], root: Location) -> str:
    if len(names) == 1:
        return f"{names[0]} waits for {root}"
    told, more = names[:3], len(names) - 3
    if more > 0:
        return f"{', '.join(told)} and {more:,} more wait for {root}"
    return f"{', '.join(told[:-1])} and {told[-1]} wait for {root}"


def heading(report: Report) -> str:
    """Count the problems by how bad they are; "" where there are none."""
    counts = {one: 0 for one in Severity}
    for problem in report.problems:
        counts[problem.severity] += 1
    words = {one: one.value if count == 1 else f"{one.value}s" for one, count in counts.items()}
    return "   ".join(f"{count} {words[one]}" for one, count in counts.items() if count)
