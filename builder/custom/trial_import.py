"""Imports custom nodes in a child process first, as an import may never end, or end the process.

The child runs as exported scripts do (`builder.training.run_script`). That keeps damage by mistakes
small; it is no sandbox.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

from builder.custom.node_problem import NodeProblem
from builder.custom.node_source import NodeSource
from builder.training.run_script import run_script

SECONDS = 30.0
"""The most that a child may take to import."""

_SCRIPT = Path(__file__).with_name("node_process.py")


def try_import(sources: Sequence[NodeSource]) -> dict[str, NodeProblem]:
    """Import sources in a child process; return the problem of each whose import does not end."""
    problems: dict[str, NodeProblem] = {}
    pending = [source.name for source in sources if source.problem is None]
    while pending:
        started: list[str] = []
        ended: list[str] = []

        def receive(
            result: dict[str, Any],
            started: list[str] = started,
            ended: list[str] = ended,
        ) -> None:
            (started if "start" in result else ended).append(result.get("start") or result["end"])

        got = run_in_child("import", pending, receive, SECONDS)
        at_fault = next((name for name in started if name not in ended), None)
        if at_fault is None and len(ended) < len(pending):
            at_fault = pending[len(ended)]
        if at_fault is not None:
            message = f"expected an import that ends, got {got}; correct it, and allow it again"
            problems[at_fault] = NodeProblem(at_fault, message)
        pending = [name for name in pending if name not in (*ended, at_fault)]
    return problems


def run_in_child(
    task: str,
    names: Sequence[str],
    receive: Callable[[dict[str, Any]], object],
    seconds: float,
) -> str:
    """Run a task of `builder.custom.node_process` in a child process.

    Args:
        task: the task.
        names: the names of the sources.
        receive: called with each result of the child.
        seconds: the most that it may take.

    Returns:
        How it ended: "" if as it should.
    """
    token = token_hex(8)

    def on_line(line: str) -> None:
        _, found, text = line.partition(token)
        if found:
            receive(json.loads(text))

    request = {"task": task, "names": [*names], "token": token, "path": _path()}
    with tempfile.TemporaryDirectory(prefix="wireformer-") as scratch:
        arguments = [json.dumps(request)]
        try:
            code = run_script(Path(scratch), str(_SCRIPT), arguments, on_line, seconds)
        except TimeoutError:
            return f"one that takes more than {seconds:g} seconds"
    return f"a process that ended with exit code {code}" if code else ""


def _path() -> list[str]:
    """List the folders that this process imports from, with that of this program first."""
    root = str(Path(__file__).resolve().parents[2])
    return [root, *(folder for folder in sys.path if folder and folder != root)]
