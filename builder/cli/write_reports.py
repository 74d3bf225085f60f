"""Reports on the terminal what became of a file that a command writes."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from builder.cli.terminal import Terminal
from nodes.core.files.atomic_save import NotConfirmed, NotSaved
from nodes.core.files.project_save import AlreadyExists

EXIT_NOT_WRITTEN = 2


@contextmanager
def writing(terminal: Terminal) -> Iterator[None]:
    """Write a file; if it is not written, say why and what helps, and end the command."""
    try:
        yield
    except AlreadyExists as error:
        text = f"{str(error).removesuffix('.')}, or use --force to replace the file."
        terminal.fail(text)
        raise typer.Exit(EXIT_NOT_WRITTEN) from error
    except NotSaved as error:
        terminal.fail(str(error))
        raise typer.Exit(EXIT_NOT_WRITTEN) from error
    except NotConfirmed as error:
        terminal.note(str(error))
