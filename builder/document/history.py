"""Undo by keeping old documents.  They share all they have in common, so keeping them is cheap."""

from dataclasses import dataclass, replace
from typing import Self

from builder.document.document import Document

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A document, what was done to get it, and the burst of edits it belongs to."""

    label: str
    document: Document
    coalescing_key: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """A line of moments; ``undone`` runs from nearest to farthest."""

    present: HistoryEntry
    past: tuple[HistoryEntry, ...] = ()
    undone: tuple[HistoryEntry, ...] = ()

    @property
    def moments(self) -> tuple[HistoryEntry, ...]:
        """Every moment in the order of time."""
        return (*self.past, self.present, *self.undone)

    def record(self, label: str, document: Document, coalescing_key: str = "") -> Self:
        """Go on to a new document; edits of one burst, one after the other, are one step."""
        if document.model is self.present.document.model:
            return self.showing(document)
        if coalescing_key and coalescing_key == self.present.coalescing_key and not self.undone:
            return replace(self, present=HistoryEntry(label, document, coalescing_key))
        return type(self)(
            HistoryEntry(label, document, coalescing_key), (*self.past, self.present)[-LONGEST:]
        )

    def showing(self, document: Document) -> Self:
        """Remember another selection or place for the present moment; that is no step."""
        return replace(self, present=replace(self.present, document=document))

    def go(self, steps: int) -> Self:
        """Go back (below 0) or forth in time, as far as there are moments."""
        moments, at = self.moments, len(self.past) + steps
        at = max(0, min(at, len(moments) - 1))
        return type(self)(moments[at], moments[:at], moments[at + 1 :])
