"""Undo by snapshots: documents are immutable and share what they have in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from builder.document.document import Document
from nodes.core.graphs.graph import Model

MAX_UNDO_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A snapshot of the document.

    Attributes:
        label: the command that led to it.
        document: the snapshot.
        coalescing_key: consecutive edits with the same key, unless empty, are one undo step.
    """

    label: str
    document: Document
    coalescing_key: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """The undo stack, oldest entry first, and the redo stack, next entry first."""

    present: HistoryEntry
    past: tuple[HistoryEntry, ...] = ()
    undone: tuple[HistoryEntry, ...] = ()

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """All entries in chronological order."""
        return (*self.past, self.present, *self.undone)

    def record(self, label: str, document: Document, coalescing_key: str = "") -> Self:
        """Add an entry, and drop the redo stack; consecutive edits with one key are coalesced."""
        if document.model is self.present.document.model:
            return self.with_document(document)
        if coalescing_key and coalescing_key == self.present.coalescing_key and not self.undone:
            return replace(self, present=HistoryEntry(label, document, coalescing_key))
        return type(self)(
            HistoryEntry(label, document, coalescing_key),
            (*self.past, self.present)[-MAX_UNDO_STEPS:],
        )

    def with_document(self, document: Document) -> Self:
        """Replace the path and selection of the present entry; this is no undo step."""
        return replace(self, present=replace(self.present, document=document))

    def renewed(self, change: Callable[[Model], Model]) -> Self:
        """Change the models of all entries; this is no undo step."""

        def renew(entry: HistoryEntry) -> HistoryEntry:
            model = change(entry.document.model)
            if model is entry.document.model:
                return entry
            return replace(entry, document=replace(entry.document, model=model).normalized())

        past, undone = (tuple(map(renew, entries)) for entries in (self.past, self.undone))
        return type(self)(renew(self.present), past, undone)

    def go(self, steps: int) -> Self:
        """Undo (``steps`` below 0) or redo, as far as there are entries."""
        entries, index = self.entries, len(self.past) + steps
        index = max(0, min(index, len(entries) - 1))
        return type(self)(entries[index], entries[:index], entries[index + 1 :])
