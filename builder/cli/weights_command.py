"""The command ``wireformer weights``."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import safetensors.torch
import typer

from builder.cli.terminal import Terminal
from builder.cli.write_reports import writing
from builder.storage.example_files import example_key_map, example_names
from builder.storage.export import write_file
from codegen.compile import NotCompiled
from codegen.weights.key_map import KeyMap, KeyMapError
from codegen.weights.module_weights import ModuleWeights, module_weights
from codegen.weights.reference_export import reference_weights
from codegen.weights.weight_files import WeightFile, WeightFileError
from codegen.weights.weight_report import WeightReport, compare, converted
from nodes.core.files.strict_json import FileError, quote, read_file
from nodes.core.graphs.graph import Model

PROBLEMS, USAGE = 1, 2
MOST_LISTED = 20
"""The most weights of a kind that are listed as text."""


def add_weights(app: typer.Typer, load: Callable[[Terminal, str], Model]) -> None:
    """Add the command to an application.

    Args:
        app: the application.
        load: loads a graph by its path or name, or exits with an error.
    """

    @app.command("weights")
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
        try:
            request = _Request(terminal, model, names, to_reference, output, force)
            report = request.run(file)
        except (WeightFileError, KeyMapError) as error:
            _fail(terminal, str(error))
        except NotCompiled as error:
            terminal.fail(f"{error}; to list problems: wireformer check {graph}")
            raise typer.Exit(PROBLEMS) from error
        raise typer.Exit(0 if report.fits else PROBLEMS)


@dataclass(frozen=True)
class _Request:
    """A comparison, and what is written after it.

    Attributes:
        terminal: where the report goes.
        model: the graph.
        key_map: the names of the reference; None without one.
        to_reference: write these names.
        output: the file to write; None for none.
        force: replace it.
    """

    terminal: Terminal
    model: Model
    key_map: KeyMap | None
    to_reference: bool
    output: Path | None
    force: bool

    def run(self, file: Path) -> WeightReport:
        """Compare a file, write the report, and convert the weights if they fit."""
        own = module_weights(self.model)
        with WeightFile(file) as given:
            is_own = self.to_reference or own.tensors.keys() <= given.keys()
            names = None if is_own else self.key_map
            report = compare(own, given, names, self.model.values)
            notes = []
            if self.output is not None and not (report.missing or report.mismatched):
                notes = self._convert(own, given, names)
            elif self.output is not None:
                notes = [f"{self.output} is not written, as weights are missing or mismatched"]
        self._write(report, notes)
        return report

    def _convert(self, own: ModuleWeights, given: WeightFile, names: KeyMap | None) -> list[str]:
        """Write the converted weights; return what there is to say of it."""
        assert self.output is not None
        notes = []
        if self.to_reference and self.key_map is not None:
            result = reference_weights(own, given, self.key_map, self.model.values)
            tensors = dict(result.tensors)
            notes += [f"{name} is left out: {why}" for name, why in result.left_out.items()]
            notes += [
                f"{name} begins with {count} rows of zeros, which the model does not have"
                for name, count in result.filled.items()
            ]
        else:
            tensors = converted(own, given, names, self.model.values)
        with writing(self.terminal):
            data = safetensors.torch.save(tensors, {"format": "pt"})
            write_file(self.output, data, self.force, self.terminal.note)
        return [*notes, f"wrote {self.output}"]

    def _write(self, report: WeightReport, notes: list[str]) -> None:
        if self.terminal.json:
            self.terminal.value({**asdict(report), "notes": notes})
            return
        counts = {
            "matched": len(report.matched),
            "missing": len(report.missing),
            "mismatched": len(report.mismatched),
            "unexpected": len(report.unexpected),
        }
        self._list("missing", [f"{n}: expected {s}" for n, s in report.missing.items()])
        self._list("mismatched", [f"{n}: {why}" for n, why in report.mismatched.items()])
        self._list("unexpected", report.unexpected)
        self.terminal.text(", ".join(f"{count} {kind}" for kind, count in counts.items()))
        if report.mismatched:
            sizes = ", ".join(f"{n} = {v}" for n, v in self.model.sizes.items())
            self.terminal.text(f"set the hyperparameters to those of the file; they are {sizes}")
        for note in notes:
            self.terminal.text(note)

    def _list(self, kind: str, lines: Sequence[str]) -> None:
        for line in lines[:MOST_LISTED]:
            self.terminal.text(f"{kind:10} {line}")
        if len(lines) > MOST_LISTED:
            self.terminal.text(f"{kind:10} and {len(lines) - MOST_LISTED} more")


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
