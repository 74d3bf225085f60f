"""The one place that changes: holds the history, and tells listeners what the document became."""

from collections.abc import Callable
from dataclasses import replace

from builder.document.document import Document, Selection
from builder.document.history import History, HistoryEntry

Listener = Callable[[Document, Document], None]


class Store:
    """Holds the document.

    A gesture in progress calls `preview` on every move of the mouse, and `commit` or `cancel` at
    its end: a drag is one step of undo however many frames it took.

    Attributes:
        document: what is shown, previews included.
        history: the steps that were done.
        listeners: each is called with the document before and after a change.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.history = History(HistoryEntry("Open", document))
        self.listeners: list[Listener] = []

    @property
    def settled(self) -> Document:
        """The document without a preview."""
        return self.history.present.document

    def restart(self, document: Document, label: str = "Open") -> None:
        """Begin anew with another document: nothing of the old one can be undone."""
        self.history = History(HistoryEntry(label, document))
        self._show(document)

    def preview(self, document: Document) -> None:
        """Show a document that is not decided yet."""
        self._show(document)

    def commit(self, label: str, document: Document, coalescing_key: str = "") -> None:
        """Make a document the present one: a step of the history if its model is another."""
        document = document.settled()
        self.history = self.history.record(label, document, coalescing_key)
        self._show(document)

    def cancel(self) -> None:
        """Drop what was only a preview."""
        self._show(self.settled)

    def select(self, selection: Selection) -> None:
        """Select something; no step of the history."""
        self.visit(self.document.place, selection)

    def visit(self, place: tuple[str, ...], selection: Selection = Selection()) -> None:  # noqa: B008 (immutable)
        """Show another graph of the model; no step of the history."""
        document = replace(self.settled, place=place, selection=selection).settled()
        self.history = self.history.showing(document)
        self._show(document)

    def undo(self) -> None:
        """Go back a step."""
        self.go(-1)

    def redo(self) -> None:
        """Go forward a step."""
        self.go(1)

    def go(self, steps: int) -> None:
        """Go back (below 0) or forward several steps."""
        self.history = self.history.go(steps)
        self._show(self.settled)

    def _show(self, document: Document) -> None:
        before, self.document = self.document, document
        if before is not document:
            for listener in tuple(self.listeners):
                listener(before, document)
