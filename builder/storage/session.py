"""A document and its file: what was read, what was saved, and whether the two still agree."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from builder.document.document import Document
from builder.document.store import Store
from builder.storage.export import export
from builder.storage.folders import state_folder
from builder.storage.journal import Journal, Recovered, discard
from builder.storage.journal_records import JournalRecord
from nodes.core.files import model_file
from nodes.core.files.atomic_save import ANYTHING, FileStamp, NotConfirmed, NotSaved, read
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model

_DOUBT = 2_000_000_000  # nanoseconds; a file this young may change again and look the same


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the disk has of the document: its file, the bytes there, and the model they stand for.

    A path without a model is that of a file that is not, or may not be, what was in the window.
    """

    path: Path | None = None
    stamp: FileStamp | None = None
    model: Model | None = None


class Session:
    """Ties the document to its file, and keeps a journal of what is not saved.

    Attributes:
        store: holds the document.
        journal: holds its unsaved edits.
        warnings: what the person should know, oldest first; to be taken away once it is told.
    """

    def __init__(self, store: Store, state_dir: Path | None = None) -> None:
        self.store = store
        self.warnings: list[str] = []
        self._state_dir = state_dir or state_folder()
        self.journal = Journal(self._state_dir, self.warnings.append)
        self._kept = _Kept(model=store.settled.model)
        self._noted = store.settled.model
        self._edits = 0
        self._seen: tuple[tuple[int, ...], bool] | None = None
        store.listeners.append(lambda before, after: self.update())

    @property
    def path(self) -> Path | None:
        """The document's file; None if it has none yet."""
        return self._kept.path

    @property
    def title(self) -> str:
        """What to call the document: the name of its file."""
        return self.path.name if self.path else "untitled"

    @property
    def dirty(self) -> bool:
        """Tell whether there is something to save."""
        return self.store.settled.model is not self._kept.model

    def update(self) -> None:
        """Note what has been decided since, for the journal.

        To be called on every round of the window: the store does not tell of a preview that
        becomes the document as it stands.
        """
        model = self.store.settled.model
        if model is not self._noted:
            self._noted = model
            self._edits += 1
            self._record()

    def new(self, model: Model | None = None) -> None:
        """Begin a document without a file, empty or with a model from elsewhere."""
        model = model or Model()
        self._begin("New", model, _Kept(model=model))

    def open(self, path: Path, settle: Callable[[Model], Model] = lambda model: model) -> None:
        """Read a document; `settle` adds what the window needs and no file has to say.

        Raises:
            FileError: the file cannot be read, or holds no model; nothing has changed.
        """
        model, stamp = model_file.load(path)
        model = settle(model)
        self._begin("Open", model, _Kept(Path(path).absolute(), stamp, model))

    def restore(
        self, left: Recovered, settle: Callable[[Model], Model] = lambda model: model
    ) -> None:
        """Take up what a program that died had left, still to be saved to its old file."""
        self._begin("Restore", settle(left.model), _Kept(left.path, left.stamp), left.edits)
        if self.journal.flush():
            discard(left)

    def save(self, path: Path | None = None, overwrite: bool = False) -> None:
        """Save the document to its file, or to another, which becomes its file.

        Args:
            path: the other file.
            overwrite: a person has agreed to replace what is there.

        Raises:
            NotSaved: the file on disk is as it was; `Changed` if it is not the expected one.
            NotConfirmed: it is saved, but the disk did not confirm it; there is still to save.
        """
        model, target = self.store.settled.model, path or self.path
        if target is None:
            raise NotSaved("this model has no file yet; choose a folder and a name for it")
        expected = ANYTHING if overwrite else self._stamp_of(target)
        try:
            stamp = model_file.save(
                model, target, expected, warn=self.warnings.append, state_dir=self._state_dir
            )
        except NotConfirmed as error:
            self._now(_Kept(Path(target).absolute(), error.stamp))
            raise
        self._now(_Kept(Path(target).absolute(), stamp, model))

    def export(self, folder: Path, overwrite: bool = False) -> list[Path]:
        """Write the code to a folder, and tell the files.

        Raises:
            NotCompiled: the model has errors.
            NotWritten: a file is in the way, or the folder cannot be written to.
        """
        return export(self.store.settled.model, Path(folder), overwrite)

    def changed_on_disk(self) -> bool:
        """Tell whether the file holds other bytes than those last read or saved, or is gone.

        Cheap as long as nothing touches the file, and right even if its size and time are as they
        were.
        """
        path, stamp = self._kept.path, self._kept.stamp
        if path is None or stamp is None:
            return False
        look = _look_at(path)
        if look is None:
            return True
        if self._seen is None or self._seen[0] != look:
            try:
                changed = read(path)[1] != stamp
            except FileError:
                changed = True
            if time.time_ns() - max(look[:2]) < _DOUBT:
                return changed
            self._seen = look, changed
        return self._seen[1]

    def close(self) -> None:
        """End well: what is not saved by now is not wanted."""
        self.journal.close()

    def _begin(self, label: str, model: Model, kept: _Kept, edits: int = 0) -> None:
        # First of all: the new document must never be taken for what belongs in the old file.
        self._kept, self._seen = kept, None
        self._edits, self._noted = edits, model
        self.store.restart(Document(model), label)
        self._record()

    def _now(self, kept: _Kept) -> None:
        self._kept, self._seen = kept, None
        self._record()

    def _record(self) -> None:
        if self.dirty:
            path, stamp = self._kept.path, self._kept.stamp
            entry = JournalRecord(self.store.settled.model, path, stamp, max(1, self._edits))
            self.journal.keep(entry)
        else:
            self._edits = 0
            self.journal.keep(None)

    def _stamp_of(self, target: Path) -> FileStamp | None:
        """Tell what is expected at a path: only the document's own file is known."""
        with suppress(OSError, ValueError):  # what cannot be a path is told by who would write it
            if self.path and os.path.realpath(target) == os.path.realpath(self.path):
                return self._kept.stamp
        return None


def _look_at(path: Path) -> tuple[int, ...] | None:
    """Tell what betrays most changes of a file; None where there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
