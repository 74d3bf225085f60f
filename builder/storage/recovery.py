"""Recovery: the unsaved documents in the journals of programs that died."""

import os
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from builder.storage.journal_file import FILE_NAME, MAX_SIZE, journal_folder
from builder.storage.journal_records import JournalRecord, iter_payloads, parse_payload
from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.file_lock import try_lock
from nodes.core.files.model_file import load
from nodes.core.files.strict_json import LIMITS, open_file
from nodes.core.graphs.graph import Model

MAX_OFFERED = 5
"""The number of journals of one document that are kept after they were offered."""

MAX_AGE = 7 * 86_400.0
"""Seconds for which they are kept."""

_OFFER_MARGIN = 60.0  # seconds; a file newer than its records by more than this was offered before
_MAX_ATTEMPTS = 8  # the number of newest records of which the first valid one is taken
_MAX_READ = MAX_SIZE + 2 * LIMITS.size


@dataclass(frozen=True, slots=True)
class RecoveredDocument:
    """A document that was not saved when its program died.

    Attributes:
        name: the name of its file, else that of the model.
        path: its file; None if it never had one.
        saved_at: the local time of the record.
        edits: the number of unsaved edits.
        model: the model at that time.
        file: the newest file of the journal that could be read.
        stamp: identifies the content of ``path`` when it was last read or saved.
    """

    name: str
    path: Path | None
    saved_at: datetime
    edits: int
    model: Model
    file: Path
    stamp: FileStamp | None


def recoverable_documents(state_dir: Path) -> list[RecoveredDocument]:
    """List the unsaved documents that can be recovered, newest first.

    A journal is discarded if its document has been saved since, or if it was offered before and is
    older than `MAX_AGE` or beyond the `MAX_OFFERED` newest of its document.
    """
    documents = [found for files in _journals(state_dir) if (found := _read(files)) is not None]
    documents.sort(key=lambda document: document.saved_at, reverse=True)
    ranks: Counter[Path | None] = Counter()
    offered = []
    for document in documents:
        ranks[document.path] += 1
        if _is_saved(document) or _is_expired(document, ranks[document.path]):
            discard(document)
        else:
            offered.append(document)
    return offered


def discard(document: RecoveredDocument) -> None:
    """Remove the journal of a document."""
    journal_id = document.file.name.partition("-")[0]
    _remove(document.file.parent.glob(f"{journal_id}-*.journal"))


def _journals(state_dir: Path) -> Iterator[list[Path]]:
    """Yield the files of each journal, newest first."""
    files = defaultdict(list)
    with suppress(OSError):
        for path in sorted(journal_folder(state_dir).iterdir(), reverse=True):
            if match := FILE_NAME.fullmatch(path.name):
                files[match[1]].append(path)
    yield from files.values()


def _read(files: list[Path]) -> RecoveredDocument | None:
    """Read the newest record of a journal, unless its program is alive."""
    with suppress(OSError, ValueError), ExitStack() as open_files:
        # An empty one may have been created just now, and is yet to be locked by its program.
        written = [path for path in files if path.stat().st_size]
        handles = [open_files.enter_context(open_file(path)) for path in written]
        if not all([try_lock(handle.fileno()) for handle in handles]):
            return None
        for path, handle in zip(written, handles, strict=True):
            record = _newest_record(handle.read(_MAX_READ))
            if record is not None:
                return _recovered(record, path)
        if all(_age(path) > MAX_AGE for path in files):
            _remove(files)
    return None


def _newest_record(data: bytes) -> JournalRecord | None:
    for payload in reversed(deque(iter_payloads(data), _MAX_ATTEMPTS)):
        with suppress(ValueError):
            return parse_payload(payload)
    return None


def _recovered(record: JournalRecord, file: Path) -> RecoveredDocument:
    return RecoveredDocument(
        name=record.path.name if record.path else record.model.name,
        path=record.path,
        saved_at=datetime.fromtimestamp(record.timestamp).astimezone(),
        edits=record.edits,
        model=record.model,
        file=file,
        stamp=record.stamp,
    )


def _is_saved(document: RecoveredDocument) -> bool:
    if document.path is not None:
        with suppress(OSError, ValueError):
            return load(document.path)[0] == document.model
    return False


def _is_expired(document: RecoveredDocument, rank: int) -> bool:
    """Return whether a document need not be offered again.

    The modification time of the journal is set to the time of the first offer.
    """
    with suppress(OSError):
        if document.file.stat().st_mtime > document.saved_at.timestamp() + _OFFER_MARGIN:
            return rank > MAX_OFFERED or _age(document.file) > MAX_AGE
        os.utime(document.file)
    return False


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _remove(files: Iterable[Path]) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()
