"""The command ``wireformer weights``."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from builder.cli.node_access import with_custom_nodes
from builder.cli.terminal import Terminal
from builder.storage.example_files import example_key_map, example_names
from codegen.compile import NotCompiled
from codegen.weights.key_map import KeyMap, KeyMapError
from nodes.core.files.strict_json import FileError, quote, read_file
from nodes.core.graphs.graph import Model

PROBLEMS, USAGE = 1, 2


def add_weights(app: typer.Typer, load: Callable[[Terminal, str], Model]) -> None:
    """Add the command to an application.

    Args:
        app: the application.
        load: loads a graph by its path or name, or exits with an error.
    """

    @app.command("weights")
    @with_custom_nodes()
    def weights_command(
        graph: Annotated[str, typer.Argument(help="A graph file, or the name of an example.")],
        file: Annotated[Path, typer.Argument(help="A safetensors file, or an index of several.")],
        key_map: Annotated[
            Path | None, typer.Option("--map", help="The key map of the file's names.")
        ] = None,
        output: Annotated[
            Path | None, typer.Option("-o", "--output", help="The safetensors file to write.")
        ] = None,
        *,
        to_reference: Annotated[
            bool, typer.Option("--to-reference", help="Write the reference's names.")
        ] = False,
        force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Write one JSON value.")] = False,
    ) -> None:
        """Compare weights with a graph; convert them from or to the names of a reference."""
        terminal = Terminal(as_json)
        model = load(terminal, graph)
        names = _key_map(terminal, graph, key_map)
        if to_reference and (names is None or output is None):
            lacking = "--output" if names is not None else "--map"
            _fail(terminal, f"--to-reference: expected {lacking} too. Give it.")
        from builder.cli.weight_request import WeightRequest  # which loads torch
        from builder.training.listed_weights import NotListed
        from codegen.weights.weight_files import WeightFileError

        try:
            request = WeightRequest(terminal, model, names, to_reference, output, force)
            report = request.run(file)
        except (WeightFileError, KeyMapError, NotListed) as error:
            _fail(terminal, str(error))
        except NotCompiled as error:
            terminal.fail(f"{error}; to list problems: wireformer check {graph}")
            raise typer.Exit(PROBLEMS) from error
        raise typer.Exit(0 if report.fits else PROBLEMS)


def _key_map(terminal: Terminal, graph: str, path: Path | None) -> KeyMap | None:
    """Read a key map: the one that is given, or that of an example."""
    if path is None and graph in example_names():
        path = example_key_map(graph)
    if path is None:
        return None
    try:
        return KeyMap.loads(read_file(path).decode("utf-8"))
    except (FileError, UnicodeDecodeError, KeyMapError) as error:
        _fail(terminal, f"--map: {quote(str(path))}: {error}")


def _fail(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(USAGE)
