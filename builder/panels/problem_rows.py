"""The rows of the problem list: message, location, quick fixes."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codegen.check import Problem, Report, Severity
from codegen.check.remedy import Remedy
from nodes.core.graphs.location import Location

MAX_ROWS = 60
"""The number of rows that are shown at once."""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem in the list.

    Attributes:
        severity: its severity.
        location: its location.
        link_text: the text of the link to the location.
        text: its message, uncapitalized as it may begin with a name.
        remedies: the label of each quick fix, and the quick fix.
    """

    severity: Severity
    location: Location
    link_text: str
    text: str
    remedies: tuple[tuple[str, Remedy], ...]


Remedies = Callable[[Problem], tuple[Remedy, ...]]
"""Finds the remedies of a problem."""


def problem_rows(
    problems: Iterable[Problem], model_name: str, remedies: Remedies
) -> list[ProblemRow]:
    """Make the rows of problems."""
    return [problem_row(problem, model_name, remedies) for problem in problems]


def problem_row(problem: Problem, model_name: str, remedies: Remedies) -> ProblemRow:
    """Make the row of a problem; problems without a location are located at the model."""
    return ProblemRow(
        problem.severity,
        problem.location,
        str(problem.location) or model_name,
        problem.sentence,
        tuple((remedy.title, remedy) for remedy in remedies(problem)),
    )


def waiting_lines(report: Report) -> list[str]:
    """List the nodes that wait for the problem of another node, by that node."""
    groups: dict[Location, list[str]] = {}
    for node, root in report.waiting.items():
        groups.setdefault(root, []).append(str(node))
    return [_waiting_line(names, root) for root, names in groups.items()]


def _waiting_line(names: list[str], root: Location) -> str:
    if len(names) == 1:
        return f"{names[0]} waits for {root}"
    listed, more = names[:3], len(names) - 3
    if more > 0:
        return f"{', '.join(listed)} and {more:,} more wait for {root}"
    return f"{', '.join(listed[:-1])} and {listed[-1]} wait for {root}"


def heading(report: Report) -> str:
    """Count the problems by severity; "" if there are none."""
    counts = Counter(problem.severity for problem in report.problems)
    return "   ".join(
        f"{counts[severity]} {severity.value}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    )
