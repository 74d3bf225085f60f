"""What the command line shows: text for people, or one JSON value for programs.

Everything that a file says goes through `safe`, so that it cannot steer the terminal.
"""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from codegen.check import Problem, Report, Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}


class Terminal:
    """Writes results.

    Attributes:
        json: write one JSON value instead of text.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.json = as_json
        # What reads a pipe has no width: a table keeps its lines whole there.
        whole = not sys.stdout.isatty() and "COLUMNS" not in os.environ
        self._out = Console(highlight=False, soft_wrap=True, width=1000 if whole else None)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    def value(self, value: Any) -> None:
        """Write a JSON value."""
        self._out.out(json.dumps(value, indent=2, allow_nan=False))

    def line(self, text: str) -> None:
        """Write a line that a running program printed; as JSON, an object on a line of its own."""
        self._out.out(json.dumps({"line": text}) if self.json else safe(text))

    def text(self, text: str) -> None:
        """Write text as it is; line ends stay, other controls are escaped."""
        self._out.out("\n".join(safe(line) for line in text.split("\n")))

    def note(self, text: str) -> None:
        """Write a remark where it does not mix with results."""
        self._err.print(f"[dim]{escape(safe(text))}[/dim]")

    def fail(self, text: str) -> None:
        """Say why a command did nothing."""
        if self.json:
            self.value({"error": text})
        else:
            self._err.print(f"[red]{escape(safe(text))}[/red]")

    def report(self, report: Report) -> None:
        """Write the problems of a model, or that there are none."""
        if self.json:
            self.value(problems_as_data(report))
            return
        for problem in report.problems:
            word = problem.severity.value
            colour = COLOURS[problem.severity]
            self._out.print(f"[{colour}]{word:7}[/{colour}] {escape(safe(str(problem)))}")
        for waits, root in sorted(report.waiting.items(), key=lambda one: str(one[0])):
            self._out.print(f"[dim]waiting {escape(safe(f'{waits} waits for {root}'))}[/dim]")
        self._out.print(count_errors(report) if report.errors else "[green]no errors[/green]")

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Write a table; columns whose title begins with ``#`` are numbers."""
        table = Table(title=escape(safe(title)), title_justify="left", box=None, pad_edge=False)
        for column in columns:
            table.add_column(column.lstrip("#"), justify="right" if column[0] == "#" else "left")
        for row in rows:
            table.add_row(*(escape(safe(cell)) for cell in row))
        self._out.print(table)


def safe(text: str) -> str:
    """Escape what could steer a terminal: all but printable characters."""
    return "".join(c if c.isprintable() and c.isascii() else ascii(c)[1:-1] for c in text)


def count_errors(report: Report) -> str:
    """Say how many errors there are."""
    count = len(report.errors)
    return "1 error" if count == 1 else f"{count} errors"


def problems_as_data(report: Report) -> dict[str, Any]:
    """Write a report as plain data."""
    return {
        "ok": report.ok,
        "problems": [_problem(problem) for problem in report.problems],
        "waiting": {str(waits): str(root) for waits, root in report.waiting.items()},
    }


def _problem(problem: Problem) -> dict[str, Any]:
    where = problem.where
    return {
        "severity": problem.severity.value,
        "where": str(where),
        "graph": where.graph,
        "node": where.node,
        "port": where.port,
        "parameter": where.parameter,
        "text": problem.message,
        "remedies": [remedy.title for remedy in problem.remedies],
    }
