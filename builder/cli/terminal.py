"""The output of the command line: text for people, or one JSON value for programs.

All text from files is escaped, so that it cannot send control sequences to the terminal.
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
    """Writes results and errors.

    Attributes:
        json: write one JSON value instead of text.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.json = as_json
        # A pipe has no width: there, each row of a table stays on one line.
        unlimited = not sys.stdout.isatty() and "COLUMNS" not in os.environ
        self._out = Console(highlight=False, soft_wrap=True, width=1000 if unlimited else None)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    def value(self, value: Any) -> None:
        """Write a JSON value."""
        self._out.out(json.dumps(value, indent=2, allow_nan=False))

    def line(self, text: str) -> None:
        """Write a line that a running program printed; as JSON, an object on a line of its own."""
        self._out.out(json.dumps({"line": text}) if self.json else sanitize(text))

    def text(self, text: str) -> None:
        """Write text; line ends are kept, other control characters are escaped."""
        self._out.out("\n".join(sanitize(line) for line in text.split("\n")))

    def note(self, text: str) -> None:
        """Write a note to the standard error."""
        self._err.print(f"[dim]{escape(sanitize(text))}[/dim]")

    def fail(self, text: str) -> None:
        """Write why a command failed."""
        if self.json:
            self.value({"error": text})
        else:
            self._err.print(f"[red]{escape(sanitize(text))}[/red]")

    def report(self, report: Report) -> None:
        """Write the problems of a model, and the number of errors."""
        if self.json:
            self.value(problems_as_data(report))
            return
        for problem in report.problems:
            severity = problem.severity.value
            colour = COLOURS[problem.severity]
            self._out.print(f"[{colour}]{severity:7}[/{colour}] {escape(sanitize(str(problem)))}")
        for waits, root in sorted(report.waiting.items(), key=lambda item: str(item[0])):
            self._out.print(f"[dim]waiting {escape(sanitize(f'{waits} waits for {root}'))}[/dim]")
        self._out.print(count_errors(report) if report.errors else "[green]no errors[/green]")

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Write a table; a column whose title begins with ``#`` is aligned to the right."""
        table = Table(title=escape(sanitize(title)), title_justify="left", box=None, pad_edge=False)
        for column in columns:
            table.add_column(column.lstrip("#"), justify="right" if column[0] == "#" else "left")
        for row in rows:
            table.add_row(*(escape(sanitize(cell)) for cell in row))
        self._out.print(table)


def sanitize(text: str) -> str:
    """Escape all but printable ASCII characters."""
    return "".join(c if c.isprintable() and c.isascii() else ascii(c)[1:-1] for c in text)


def count_errors(report: Report) -> str:
    """Format the number of errors."""
    count = len(report.errors)
    return "1 error" if count == 1 else f"{count} errors"


def problems_as_data(report: Report) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "ok": report.ok,
        "problems": [_problem(problem) for problem in report.problems],
        "waiting": {str(waits): str(root) for waits, root in report.waiting.items()},
    }


def _problem(problem: Problem) -> dict[str, Any]:
    location = problem.location
    return {
        "severity": problem.severity.value,
        "where": str(location),
        "graph": location.graph,
        "node": location.node,
        "port": location.port,
        "parameter": location.parameter,
        "text": problem.message,
        "remedies": [remedy.title for remedy in problem.remedies],
    }
