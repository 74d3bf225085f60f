"""The command ``wireformer picture``."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from builder.cli.node_access import with_custom_nodes
from builder.cli.terminal import Terminal
from builder.cli.write_reports import writing
from builder.graphics.theme import LIGHT, THEMES
from builder.picture.picture import NotDrawn, png, svg
from builder.storage.export import write_file
from nodes.core.files.strict_json import quote
from nodes.core.graphs.graph import MAIN, Model

USAGE = 2
MIN_SCALE, MAX_SCALE = 0.1, 10.0


def add_picture(app: typer.Typer, load: Callable[[Terminal, str], Model]) -> None:
    """Add the command to an application.

    Args:
        app: the application.
        load: loads a graph by its path or name, or exits with an error.
    """

    @app.command("picture")
    @with_custom_nodes()
    def picture_command(
        graph: Annotated[str, typer.Argument(help="A graph file, or the name of an example.")],
        output: Annotated[
            Path, typer.Option("-o", "--output", help="The file to write: .svg or .png.")
        ],
        block: Annotated[
            str, typer.Option(help="A block, or the type of a composite in use.")
        ] = MAIN,
        theme: Annotated[str, typer.Option(help="light, dark or contrast.")] = LIGHT.name,
        *,
        scale: Annotated[float, typer.Option(help="PNG pixels per canvas unit.")] = 2.0,
        force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Write one JSON value.")] = False,
    ) -> None:
        """Draw a graph as SVG or PNG."""
        terminal = Terminal(as_json)
        _require_valid(terminal, output, theme, scale)
        model = load(terminal, graph)
        try:
            if output.suffix == ".svg":
                drawn: str | bytes = svg(model, block, THEMES[theme])
            else:
                drawn = png(model, block, THEMES[theme], scale)
        except NotDrawn as error:
            _fail(terminal, str(error))
        with writing(terminal):
            write_file(output, drawn, force, terminal.note)
        if as_json:
            terminal.value({"file": str(output)})
        else:
            terminal.text(f"wrote {output}")


def _require_valid(terminal: Terminal, output: Path, theme: str, scale: float) -> None:
    """Check the options, and exit with an error if one is invalid."""
    if output.suffix not in (".svg", ".png"):
        name = quote(str(output))
        _fail(terminal, f"--output: expected a file name that ends in .svg or .png, got {name}.")
    if theme not in THEMES:
        _fail(terminal, f"--theme: expected one of {', '.join(THEMES)}, got {quote(theme)}.")
    if not MIN_SCALE <= scale <= MAX_SCALE:
        limits = f"from {MIN_SCALE:g} to {MAX_SCALE:g}"
        _fail(terminal, f"--scale: expected a number {limits}, got {scale:g}.")


def _fail(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(USAGE)
