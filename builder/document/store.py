"""The mutable holder of the document: keeps the history and notifies listeners of changes."""

from collections.abc import Callable
from dataclasses import replace

from builder.document.document import EMPTY_SELECTION, Document, Selection
from builder.document.history import History, HistoryEntry
from nodes.core.graphs.graph import Model

Listener = Callable[[Document, Document], None]
NoticeListener = Callable[[tuple[str, ...]], None]


class Store:
    """Holds the document.

    A gesture calls `preview` on every mouse move, and `commit` or `cancel` at its end: a drag is
    one undo step, whatever the number of previews.

    Attributes:
        document: the document that is shown, previews included.
        history: the committed documents.
        listeners: each is called with the document before and after a change.
        notice_listeners: each is called with the notices of a committed command.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.history = History(HistoryEntry("Open", document))
        self.listeners: list[Listener] = []
        self.notice_listeners: list[NoticeListener] = []

    @property
    def committed(self) -> Document:
        """The document without a preview."""
        return self.history.present.document

    def restart(self, document: Document, label: str = "Open") -> None:
        """Replace the document, and clear the history."""
        self.history = History(HistoryEntry(label, document))
        self._show(document)

    def preview(self, document: Document) -> None:
        """Show a document without committing it."""
        self._show(document)

    def commit(self, label: str, document: Document, coalescing_key: str = "") -> None:
        """Make a document the present one; it is an undo step if its model has changed."""
        notices, document = document.notices, document.normalized()
        document = replace(document, notices=()) if notices else document
        self.history = self.history.record(label, document, coalescing_key)
        self._show(document)
        for listener in tuple(self.notice_listeners) if notices else ():
            listener(notices)

    def renew(self, change: Callable[[Model], Model]) -> None:
        """Change the models of all steps of the history; this is no undo step."""
        self.history = self.history.renewed(change)
        self._show(self.committed)

    def cancel(self) -> None:
        """Discard the preview."""
        self._show(self.committed)

    def select(self, selection: Selection) -> None:
        """Replace the selection; this is no undo step."""
        self.visit(self.document.path, selection)

    def visit(self, path: tuple[str, ...], selection: Selection = EMPTY_SELECTION) -> None:
        """Show another graph of the model; this is no undo step."""
        document = replace(self.committed, path=path, selection=selection).normalized()
        self.history = self.history.with_document(document)
        self._show(document)

    def undo(self) -> None:
        """Go back one step."""
        self.go(-1)

    def redo(self) -> None:
        """Go forward one step."""
        self.go(1)

    def go(self, steps: int) -> None:
        """Go back (``steps`` below 0) or forward several steps."""
        self.history = self.history.go(steps)
        self._show(self.committed)

    def _show(self, document: Document) -> None:
        before, self.document = self.document, document
        if before is not document:
            for listener in tuple(self.listeners):
                listener(before, document)
