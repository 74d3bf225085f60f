"""The options by which a command finds custom nodes, and how the command line asks for consent."""

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from builder.cli.terminal import Terminal
from builder.custom.custom_nodes import MEANING, CustomNodes
from builder.custom.node_source import NodeSource
from nodes.core.files.strict_json import quote

EXIT_USAGE = 2

_Nodes = Annotated[
    list[Path] | None,
    typer.Option("--nodes", help="A folder with custom nodes, besides that of the settings."),
]
_Trust = Annotated[
    bool,
    typer.Option("--trust", help="Allow the custom nodes that are needed to run as Python code."),
]
_Safe = Annotated[bool, typer.Option("--safe", help="Load no custom nodes.")]


@dataclass(frozen=True, slots=True)
class NodeAccess:
    """The custom nodes of a command.

    Attributes:
        custom: the custom nodes.
        trust: what is needed is allowed without a question.
        asks: a question may be asked.
    """

    custom: CustomNodes
    trust: bool = False
    asks: bool = True

    def permit(self, terminal: Terminal, sources: Sequence[NodeSource]) -> bool:
        """Let the user allow sources; return whether any is allowed now."""
        if self.trust:
            chosen = [*sources]
        elif self.asks and not terminal.json and sys.stdin.isatty() and sys.stderr.isatty():
            chosen = [source for source in sources if self._ask(terminal, source)]
        else:
            chosen = []
        for message in self.custom.allow(chosen) if chosen else ():
            terminal.note(message)
        return bool(chosen)

    def _ask(self, terminal: Terminal, source: NodeSource) -> bool:
        status = self.custom.status(source).value
        terminal.note(f"{', '.join(source.names)} of {quote(source.origin)} is {status}. {MEANING}")
        # The prompt of typer writes to the standard output, which is the result of the command.
        sys.stderr.write(f"Allow {ascii(source.title)}? [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")


_CURRENT: ContextVar[NodeAccess | None] = ContextVar("node access", default=None)


def node_access() -> NodeAccess:
    """Return the custom nodes of the command that runs."""
    access = _CURRENT.get()
    if access is None:
        access = NodeAccess(CustomNodes())
        _CURRENT.set(access)
    return access


def with_custom_nodes(
    asks: bool = True,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options of custom nodes to a command; without ``asks``, it has no ``--trust``."""
    options = {"nodes": (_Nodes, None), "safe": (_Safe, False)}
    if asks:
        options["trust"] = (_Trust, False)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def with_options(*arguments: Any, **named: Any) -> None:
            values = {key: named.pop(key, default) for key, (_, default) in options.items()}
            terminal = Terminal(bool(named.get("as_json")))
            custom = CustomNodes(_folders(terminal, values["nodes"]), bool(values["safe"]))
            access = NodeAccess(custom, bool(values.get("trust")), asks)
            for message in (custom.warning, *map(str, custom.problems.values())):
                if message:
                    terminal.note(message)
            token = _CURRENT.set(access)
            try:
                command(*arguments, **named)
            finally:
                _CURRENT.reset(token)

        # Typer reads the options from the signature.
        signature = inspect.signature(command)
        keyword = inspect.Parameter.KEYWORD_ONLY
        added = [
            inspect.Parameter(key, keyword, default=default, annotation=annotation)
            for key, (annotation, default) in options.items()
        ]
        changed = signature.replace(parameters=[*signature.parameters.values(), *added])
        annotations = {key: annotation for key, (annotation, _) in options.items()}
        vars(with_options)["__signature__"] = changed
        with_options.__annotations__ = {**command.__annotations__, **annotations}
        return with_options

    return decorate


def _folders(terminal: Terminal, folders: object) -> list[Path]:
    found = [*folders] if isinstance(folders, list | tuple) else []
    for folder in found:
        if not folder.is_dir():
            terminal.fail(
                f"--nodes: expected a folder, got {quote(str(folder))}. Name the folder in which "
                "the files of the nodes lie."
            )
            raise typer.Exit(EXIT_USAGE)
    return found
