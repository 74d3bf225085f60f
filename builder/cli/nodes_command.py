"""The command ``wireformer nodes``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from builder.cli.node_access import EXIT_USAGE, NodeAccess, node_access, with_custom_nodes
from builder.cli.terminal import Terminal
from builder.custom.node_problem import NodeProblem
from builder.custom.node_source import NodeSource, read_source
from builder.custom.trial_import import run_in_child
from builder.dialogs.node_manual import catalogue, find_node, manual_page, node_as_data
from nodes.core.files.strict_json import quote
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.similar_names import closest

EXIT_PROBLEMS = 1
TEST_SECONDS = 900.0
"""The most that the test of a file may take."""


def add_nodes(app: typer.Typer) -> None:
    """Add the command to an application."""

    @app.command("nodes")
    @with_custom_nodes()
    def nodes_command(
        name: Annotated[str | None, typer.Argument(help="A node type.")] = None,
        test: Annotated[
            str | None,
            typer.Option("--test", help="Test the nodes of a file, or of a package by its name."),
        ] = None,
        as_json: Annotated[bool, typer.Option("--json", help="Write one JSON value.")] = False,
    ) -> None:
        """List the node types, show the manual page of one, or test custom nodes."""
        terminal, access = Terminal(as_json), node_access()
        if test is not None:
            _test(terminal, access, test)
        elif name is not None:
            _show(terminal, access, name)
        else:
            _list(terminal, access)


def _list(terminal: Terminal, access: NodeAccess) -> None:
    if access.trust:
        access.permit(terminal, access.custom.undecided())
    types = node_types()
    if terminal.json:
        terminal.value([node_as_data(node_type) for node_type in types.values()])
        return
    rows = [*catalogue(types)]
    if all(not node_type.origin for node_type in types.values()):
        terminal.table("", ("category", "node", "description"), rows)
    else:
        origins = [types[name].origin for _, name, _ in rows]
        marked = [(*row, origin) for row, origin in zip(rows, origins, strict=True)]
        terminal.table("", ("category", "node", "description", "custom node of"), marked)
    if access.custom.sources:
        terminal.text("")
        columns = ("file or package", "state", "nodes")
        terminal.table("Custom nodes", columns, _states(access))
    for source in access.custom.sources:
        if source.problem is not None:
            terminal.note(str(source.problem))


def _states(access: NodeAccess) -> Iterator[tuple[str, str, str]]:
    custom = access.custom
    for source in custom.sources:
        yield source.origin, custom.status(source).value, ", ".join(source.names)


def _show(terminal: Terminal, access: NodeAccess, name: str) -> None:
    found = find_node(node_types(), name)
    offering = access.custom.offering([name]) if found is None else []
    if offering and access.permit(terminal, offering):
        found = find_node(node_types(), name)
    if found is not None:
        if terminal.json:
            terminal.value(node_as_data(found))
        else:
            terminal.text(manual_page(found))
        return
    if offering:
        source, status = offering[0], access.custom.status(offering[0]).value
        remedy = f"It is in {quote(source.origin)}, which is {status}; to allow it, add --trust."
    else:
        similar = closest(name, node_types())
        remedy = f"Did you mean {similar}?" if similar else "To list them: wireformer nodes"
    _fail(terminal, f"expected a node type, got {repr(name)}. {remedy}")


def _fail(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(EXIT_USAGE)


# -- tests -----------------------------------------------------------------------------------------


def _test(terminal: Terminal, access: NodeAccess, name: str) -> None:
    source = _source(access, name)
    if access.custom.safe:
        _fail(
            terminal, "--test: expected nodes that may run, got --safe. Leave out one of the two."
        )
    may_run = source.problem is not None or access.custom.allows(source)
    if not (may_run or access.permit(terminal, [source])):
        got = f"{quote(source.origin)}, which is {access.custom.status(source).value}"
        advice = "To allow it, add --trust."
        _fail(terminal, f"--test: expected nodes that may run, got {got}. {advice}")
    problem, results = _run(source)
    if terminal.json:
        terminal.value({"source": source.origin, "problem": problem, "results": results})
    else:
        _report(terminal, problem, results)
    faulty = problem or any(result["faults"] for result in results)
    raise typer.Exit(EXIT_PROBLEMS if faulty else 0)


def _source(access: NodeAccess, name: str) -> NodeSource:
    packages = [one for one in access.custom.sources if one.is_package and one.name == name]
    return packages[0] if packages else read_source(Path(name))


def _run(source: NodeSource) -> tuple[str, list[dict[str, Any]]]:
    """Test a source in a child process; return what prevents it, or "", and the results."""
    if source.problem is not None:
        return str(source.problem), []
    results: list[dict[str, Any]] = []
    problems: list[str] = []

    def receive(result: dict[str, Any]) -> None:
        if "check" in result:
            results.append(result)
        elif "message" in result:
            problem = NodeProblem(result["source"], result["message"], result["line"])
            problems.append(str(problem))

    got = run_in_child("test", [source.name], receive, TEST_SECONDS)
    if got:
        problems.append(f"{quote(source.origin)}: expected a test that ends, got {got}; correct it")
    return "; ".join(problems), results


def _report(terminal: Terminal, problem: str, results: list[dict[str, Any]]) -> None:
    if problem:
        terminal.fail(problem)
    node = ""
    for result in results:
        if result["node"] != node:
            node = result["node"]
            terminal.text(node)
        terminal.text(f"  {result['state']:5} {result['check']}: {result['detail']}")
        for fault in result["faults"]:
            terminal.text(f"        {fault}")
    count = sum(len(result["faults"]) for result in results)
    if results:
        terminal.text("no faults" if not count else f"{count} fault{'s' * (count != 1)}")
