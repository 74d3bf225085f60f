"""The command ``wireformer picture``."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from builder.cli.terminal import Terminal
from builder.graphics.theme import LIGHT, THEMES
from builder.picture.picture import NotDrawn, png, svg
from builder.storage.file_writer import NotWritten, write_files
from nodes.core.files.strict_json import quote
from nodes.core.graphs.graph import MAIN, Model

USAGE = 2
LEAST_SCALE, MOST_SCALE = 0.1, 10.0


def add_picture(app: typer.Typer, load: Callable[[Terminal, str], Model]) -> None:
    """Add the command to the others.

    Args:
        app: the command line.
        load: reads a graph by its path or its name, or refuses.
    """

    @app.command("picture")
    def picture_command(
        graph: Annotated[str, typer.Argument(help="A graph file, or the name of an example.")],
        output: Annotated[
            Path, typer.Option("-o", "--output", help="The file to write: .svg or .png.")
        ],
        block: Annotated[
            str, typer.Option(help="A block, or the type of a node that stands for a graph.")
        ] = MAIN,
        theme: Annotated[str, typer.Option(help="light, dark or contrast.")] = LIGHT.name,
        *,
        scale: Annotated[float, typer.Option(help="How many pixels of a PNG a unit has.")] = 2.0,
        force: Annotated[
            bool, typer.Option("--force", help="Replace a file that is there.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Write one JSON value.")] = False,
    ) -> None:
        """Draw a graph, for a paper or a page."""
        terminal = Terminal(as_json)
        _see(terminal, output, theme, scale)
        model = load(terminal, graph)
        try:
            if output.suffix == ".svg":
                write_files({output: svg(model, block, THEMES[theme])}, force)
            else:
                write_files({output: png(model, block, THEMES[theme], scale)}, force)
        except (NotDrawn, NotWritten) as error:
            _refuse(terminal, str(error))
        if as_json:
            terminal.value({"file": str(output)})
        else:
            terminal.text(f"wrote {output}")


def _see(terminal: Terminal, output: Path, theme: str, scale: float) -> None:
    """See that what is asked for can be."""
    if output.suffix not in (".svg", ".png"):
        _refuse(terminal, f"{quote(str(output))}: a file name ending in .svg or .png is expected.")
    if theme not in THEMES:
        _refuse(terminal, f"--theme: {', '.join(THEMES)} are expected, not {quote(theme)}.")
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        _refuse(
            terminal,
            f"--scale: a number from {LEAST_SCALE:g} to {MOST_SCALE:g} is expected, not {scale:g}.",
        )


def _refuse(terminal: Terminal, text: str) -> NoReturn:
    terminal.fail(text)
    raise typer.Exit(USAGE)
