"""What an import gives: the model, the key map of its weights, and a report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Model

TOLERANCE = 1e-5
"""The largest difference of an output, relative to its largest number, or to 1 if that is less."""


@dataclass
class ImportReport:
    """What became of a module.

    Attributes:
        nodes: the number of nodes of each type, those of a block once.
        opaque: the operators that no node computes: the node that stands for one, the operator, and
            the module that calls it.
        notes: what else the user should know.
        difference: the largest difference to the outputs of the original; None if not compared.
    """

    nodes: dict[str, int] = field(default_factory=dict)
    opaque: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    difference: float | None = None

    @property
    def agrees(self) -> bool:
        """Whether the generated code was found to compute what the original computes."""
        return self.difference is not None and self.difference <= TOLERANCE


@dataclass(frozen=True)
class Imported:
    """An imported module.

    Attributes:
        model: the model.
        key_map: the text of its key map; None if all weights have their names.
        report: what became of it.
    """

    model: Model
    key_map: str | None
    report: ImportReport

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        text = dumps(self.model).decode()
        return {"model": text, "key_map": self.key_map, "report": asdict(self.report)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_data` wrote.

        Raises:
            FileError: the model is not that of a graph file.
        """
        report = ImportReport(**data["report"])
        report.opaque = [(place, kind, module) for place, kind, module in report.opaque]
        return cls(loads(data["model"].encode()), data["key_map"], report)
