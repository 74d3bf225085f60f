"""A document and its file: opening, saving, journaling, and detecting changes by others."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from builder.document.document import Document
from builder.document.store import Store
from builder.storage.export import export
from builder.storage.folders import state_folder
from builder.storage.journal import Journal, RecoveredDocument, discard
from builder.storage.journal_records import JournalRecord
from nodes.core.files import model_file
from nodes.core.files.atomic_save import ANYTHING, FileStamp, NotConfirmed, NotSaved, read
from nodes.core.files.leftovers import sweep
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model

_CLOCK_MARGIN = 2_000_000_000  # nanoseconds; a younger file may change without a new time


@dataclass(frozen=True, slots=True)
class _SavedState:
    """The saved state of the document: its file, the content there, and the model it holds.

    With a path and no model, the file is not known to hold a model of this session.
    """

    path: Path | None = None
    stamp: FileStamp | None = None
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that was read: where it is, the model in it, and its content."""

    path: Path
    model: Model
    stamp: FileStamp


def read_model_file(
    path: Path, prepare: Callable[[Model], Model] = lambda model: model
) -> OpenedFile:
    """Read a file; arguments and errors as of `Session.open`."""
    model, stamp = model_file.load(path)
    sweep(os.path.dirname(os.path.realpath(path)))
    return OpenedFile(Path(path).absolute(), prepare(model), stamp)


class Session:
    """Connects the document to its file, and keeps a journal of unsaved edits.

    Attributes:
        store: holds the document.
        journal: holds its unsaved edits.
        warnings: messages for the user, oldest first; whoever shows one removes it.
    """

    def __init__(self, store: Store, state_dir: Path | None = None) -> None:
        self.store = store
        self.warnings: list[str] = []
        self._state_dir = state_dir or state_folder()
        self.journal = Journal(self._state_dir, self.warnings.append)
        self._saved = _SavedState(model=store.committed.model)
        self._journaled = store.committed.model
        self._edits = 0
        self._last_check: tuple[tuple[int, ...], bool] | None = None
        store.listeners.append(lambda before, after: self.update())

    @property
    def path(self) -> Path | None:
        """The document's file; None if it has none yet."""
        return self._saved.path

    @property
    def title(self) -> str:
        """The name of the document's file, or "untitled"."""
        return self.path.name if self.path else "untitled"

    @property
    def dirty(self) -> bool:
        """Whether there are unsaved edits."""
        return self.store.committed.model is not self._saved.model

    def update(self) -> None:
        """Journal what was committed since the last call.

        To be called on every frame: the store does not notify when the document that is previewed
        is committed.
        """
        model = self.store.committed.model
        if model is not self._journaled:
            self._journaled = model
            self._edits += 1
            self._write_journal()

    def new(self, model: Model | None = None) -> None:
        """Start a document without a file, empty or with a given model."""
        model = model or Model()
        self._replace_document("New", model, _SavedState(model=model))

    def open(self, path: Path, prepare: Callable[[Model], Model] = lambda model: model) -> None:
        """Open a file.

        Args:
            path: the file.
            prepare: adds what the window needs and a file may lack, such as positions.

        Raises:
            FileError: the file cannot be read, or holds no model; nothing has changed.
        """
        self.show(read_model_file(path, prepare))

    def show(self, file: OpenedFile) -> None:
        """Show a file that was read."""
        saved = _SavedState(file.path, file.stamp, file.model)
        self._replace_document("Open", file.model, saved)

    def restore(
        self,
        recovered: RecoveredDocument,
        prepare: Callable[[Model], Model] = lambda model: model,
    ) -> None:
        """Continue a recovered document; it is dirty, and belongs to its old file."""
        saved = _SavedState(recovered.path, recovered.stamp)
        self._replace_document("Restore", prepare(recovered.model), saved, recovered.edits)
        if self.journal.flush():
            discard(recovered)

    def renew(self, change: Callable[[Model], Model]) -> None:
        """Change the models of the document and of its history; this is no edit."""
        self.update()
        if self._saved.model is not None:
            self._saved = replace(self._saved, model=change(self._saved.model))
        self._journaled = change(self._journaled)
        self.store.renew(change)

    def save(self, path: Path | None = None, overwrite: bool = False) -> None:
        """Save the document to its file, or to another, which becomes its file.

        Args:
            path: the other file.
            overwrite: the user has agreed to replace what is there.

        Raises:
            NotSaved: the file on disk is as it was; `Changed` if it is not the expected one.
            NotConfirmed: the file is written, but the disk did not confirm it; the document is
                still dirty.
        """
        model, target = self.store.committed.model, path or self.path
        if target is None:
            raise NotSaved("this model has no file yet; choose a folder and a name for it")
        expected = ANYTHING if overwrite else self._expected_stamp(target)
        try:
            stamp = model_file.save(
                model, target, expected, warn=self.warnings.append, state_dir=self._state_dir
            )
        except NotConfirmed as error:
            self._set_saved(_SavedState(Path(target).absolute(), error.stamp))
            raise
        self._set_saved(_SavedState(Path(target).absolute(), stamp, model))

    def export(self, folder: Path, overwrite: bool = False) -> list[Path]:
        """Write the code to a folder, and return the files.

        Raises:
            NotCompiled: the model has errors.
            NotSaved: a file is in the way, or the folder cannot be written to.
            AlreadyExists: a file with other content exists, and ``overwrite`` is false.
            NotConfirmed: the files are written, but the disk did not confirm it.
        """
        model = self.store.committed.model
        return export(model, Path(folder), overwrite, self.warnings.append)

    def changed_on_disk(self) -> bool:
        """Return whether the file's content is not what was last read or saved, or it is gone.

        The file is read only if its metadata have changed, or if it is too young for them to show
        a change.
        """
        path, stamp = self._saved.path, self._saved.stamp
        if path is None or stamp is None:
            return False
        metadata = _metadata(path)
        if metadata is None:
            return True
        if self._last_check is None or self._last_check[0] != metadata:
            try:
                changed = read(path)[1] != stamp
            except FileError:
                changed = True
            if time.time_ns() - max(metadata[:2]) < _CLOCK_MARGIN:
                return changed
            self._last_check = metadata, changed
        return self._last_check[1]

    def close(self) -> None:
        """End the session, and discard unsaved edits."""
        self.journal.close()

    def _replace_document(
        self, label: str, model: Model, saved: _SavedState, edits: int = 0
    ) -> None:
        # First, so that the new document is never taken for one of the old file.
        self._saved, self._last_check = saved, None
        self._edits, self._journaled = edits, model
        self.store.restart(Document(model), label)
        self._write_journal()

    def _set_saved(self, saved: _SavedState) -> None:
        self._saved, self._last_check = saved, None
        self._write_journal()

    def _write_journal(self) -> None:
        if self.dirty:
            path, stamp = self._saved.path, self._saved.stamp
            model = self.store.committed.model
            self.journal.put(JournalRecord(model, path, stamp, max(1, self._edits)))
        else:
            self._edits = 0
            self.journal.put(None)

    def _expected_stamp(self, target: Path) -> FileStamp | None:
        """Return what is expected at a path: the known content of the own file, else no file."""
        with suppress(OSError, ValueError):  # saving reports what cannot be a path
            if self.path and os.path.realpath(target) == os.path.realpath(self.path):
                return self._saved.stamp
        return None


def _metadata(path: Path) -> tuple[int, ...] | None:
    """Return the metadata that most changes of a file alter; None if there is no file."""
    try:
        info = os.stat(path)
    except (OSError, ValueError):
        return None
    return info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino
