"""The command ``wireformer import``."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from builder.canvas.active_graph import lay_out_missing
from builder.cli.terminal import Terminal
from builder.cli.write_reports import writing
from builder.importing.exchange.imported import TOLERANCE, Imported
from builder.importing.exchange.request import ExampleInput, ImportRequest, NotImported
from builder.importing.run_import import run_import
from builder.storage.export import write_project
from codegen.check import check
from codegen.source.identifiers import identifier
from nodes.core.files.model_file import dumps

EXIT_PROBLEMS, EXIT_USAGE = 1, 2


def add_import(app: typer.Typer) -> None:
    """Add the command to an application."""

    @app.command("import")
    def import_command(
        target: Annotated[
            str, typer.Argument(help="module:Class or file.py:Class; a function may make it too.")
        ],
        output: Annotated[
            Path | None, typer.Option("-o", "--output", help="The graph file to write.")
        ] = None,
        args: Annotated[
            str, typer.Option(help="The arguments of the class, as a JSON object.")
        ] = "{}",
        example_input: Annotated[
            list[str] | None,
            typer.Option(help='An input of forward: "tokens: B T", "x: B T 16", "mask: B T bool".'),
        ] = None,
        *,
        trust: Annotated[
            bool, typer.Option("--trust", help="Run the code without asking.")
        ] = False,
        force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Write one JSON value.")] = False,
    ) -> None:
        """Turn a PyTorch module into a graph. This runs the code of the module."""
        terminal = Terminal(as_json)
        try:
            inputs = [ExampleInput.parse(text) for text in example_input or []]
            request = ImportRequest(target, _arguments(args), inputs, str(Path.cwd()))
            _require_consent(terminal, target, trust)
            imported = run_import(request, terminal.note)
        except NotImported as error:
            _fail(terminal, str(error))
        except KeyboardInterrupt:
            _fail(terminal, "interrupted; nothing was written")
        file = output or Path(f"{identifier(imported.model.name)}.json")
        files = _write(terminal, imported, file, force)
        _report(terminal, imported, files)
        raise typer.Exit(0 if imported.report.agrees else EXIT_PROBLEMS)


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotImported(f"--args: expected a JSON object, got {text!r:.80}: {error}") from error
    if not isinstance(found, dict):
        raise NotImported(f"--args: expected a JSON object of names and values, got {text!r:.80}")
    return found


def _require_consent(terminal: Terminal, target: str, trust: bool) -> None:
    """Ask whether code may run; without a terminal, it must have been said."""
    if trust:
        return
    text = f"Importing runs the code of {target.rpartition(':')[0] or target}, as python would"
    if terminal.json or not sys.stdin.isatty():
        _fail(terminal, f"{text}. To allow it, add --trust.")
    if not typer.confirm(f"{text}. Run it?", err=True):
        _fail(terminal, "not imported: its code was not run")


def _write(terminal: Terminal, imported: Imported, file: Path, force: bool) -> list[Path]:
    """Write the graph, laid out, and its key map beside it."""
    model = lay_out_missing(imported.model, check(imported.model))
    files = {file.name: dumps(model).decode()}
    if imported.key_map is not None:
        files[f"{file.stem}.weights.json"] = imported.key_map
    with writing(terminal):
        write_project(files, file.parent, force)
    return [file.parent / name for name in files]


def _report(terminal: Terminal, imported: Imported, files: list[Path]) -> None:
    report = imported.report
    if terminal.json:
        opaque = [
            dict(zip(("node", "operator", "module"), one, strict=True)) for one in report.opaque
        ]
        terminal.value(
            {
                "files": [str(file) for file in files],
                "nodes": report.nodes,
                "opaque": opaque,
                "notes": report.notes,
                "difference": report.difference,
            }
        )
        return
    terminal.text(f"wrote {files[0]}: {sum(report.nodes.values())} nodes")
    for file in files[1:]:
        terminal.text(f"wrote {file}: the names of its weights in the original")
    for place, kind, module in report.opaque:
        terminal.text(f"no node for {kind} in {module}: see {place}; replace it before compiling")
    for note in report.notes:
        terminal.text(note)
    if report.difference is not None:
        terminal.text(f"outputs differ from the original by {report.difference:.1e} at most")
        if not report.agrees:
            terminal.fail(f"expected at most {TOLERANCE:g}: the graph computes something else")


def _fail(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(EXIT_USAGE)
