"""Compare the weights of a file with a graph, and write them under other names."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import safetensors.torch

from builder.cli.terminal import Terminal
from builder.cli.write_reports import writing
from builder.storage.export import write_file
from builder.training.listed_weights import listed_weights
from codegen.weights.key_map import KeyMap
from codegen.weights.module_weights import ModuleWeights
from codegen.weights.reference_export import reference_weights
from codegen.weights.weight_files import WeightFile
from codegen.weights.weight_report import WeightReport, compare, converted
from nodes.core.graphs.graph import Model

MOST_LISTED = 20
"""The most weights of a kind that are listed as text."""


@dataclass(frozen=True)
class WeightRequest:
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
        with WeightFile(file) as given:
            own = listed_weights(self.model)
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
