"""The output of the command line: text for people, or one JSON value for programs.

Text of users reaches Rich only through `plain`: letters of every script are written as they are,
control characters are escaped, so that no file can send control sequences to the terminal, and
nothing is read as markup or as an emoji code.
"""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from codegen.check import Problem, Report, Severity
from nodes.core.files.strict_json import escape_unprintable

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
        self._out.print(plain(json.dumps(value, indent=2, allow_nan=False), self._out, lines=True))

    def line(self, text: str) -> None:
        """Write a line that a running program printed; as JSON, an object on a line of its own."""
        self._out.print(plain(json.dumps({"line": text}) if self.json else text, self._out))

    def text(self, text: str) -> None:
        """Write text; line ends are kept, other control characters are escaped."""
        self._out.print(plain(text, self._out, lines=True))

    def note(self, text: str) -> None:
        """Write a note to the standard error."""
        self._err.print(plain(text, self._err, "dim"))

    def fail(self, text: str) -> None:
        """Write why a command failed."""
        if self.json:
            self.value({"error": text})
        else:
            self._err.print(plain(text, self._err, "red"))

    def report(self, report: Report) -> None:
        """Write the problems of a model, and the number of errors."""
        if self.json:
            self.value(problems_as_data(report))
            return
        for problem in report.problems:
            severity = Text(f"{problem.severity.value:7} ", COLOURS[problem.severity])
            self._out.print(Text.assemble(severity, plain(str(problem), self._out)))
        for waits, root in sorted(report.waiting.items(), key=lambda item: str(item[0])):
            self._out.print(plain(f"waiting {waits} waits for {root}", self._out, "dim"))
        self._out.print(Text(count_errors(report)) if report.errors else Text("no errors", "green"))

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
        """Write a table; a column whose title begins with ``#`` is aligned to the right."""
        shown = plain(title, self._out) if title else None
        table = Table(title=shown, title_justify="left", box=None, pad_edge=False)
        for column in columns:
            name = plain(column.lstrip("#"), self._out)
            table.add_column(name, justify="right" if column[0] == "#" else "left")
        for row in rows:
            table.add_row(*(plain(cell, self._out) for cell in row))
        self._out.print(table)


def plain(text: str, console: Console, style: str = "", *, lines: bool = False) -> Text:
    """Return text that Rich writes as it is.

    Args:
        text: any text.
        console: where it is written; what its encoding lacks is escaped.
        style: the style of all of it.
        lines: keep line ends, which are escaped otherwise.
    """
    parts = text.split("\n") if lines else [text]
    shown = "\n".join(map(escape_unprintable, parts))
    encoded = shown.encode(console.encoding, "backslashreplace")
    return Text(encoded.decode(console.encoding), style)


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
