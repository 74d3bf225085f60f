"""The write-ahead journal: unsaved edits reach the disk within a second, written by a thread.

A journal exists only while there are unsaved edits.  Its files are locked as long as its program
runs, so an unlocked one was left by a program that died.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from builder.storage.journal_file import JournalFile, file_name, journal_folder
from builder.storage.journal_records import JournalRecord, dump_payload
from builder.storage.log import LOG
from builder.storage.recovery import RecoveredDocument, discard, recoverable_documents
from nodes.core.files.strict_json import quote
from nodes.core.files.write_errors import reason

_WRITE_INTERVAL, _RETRY_INTERVAL = 0.3, 3.0  # seconds after a record, and after a failed write
_DISK_TIMEOUT = 10.0  # seconds


class Journal:
    """Keeps the newest state of one document on the disk.

    If edits come faster than the disk takes them, only the newest is written.
    """

    def __init__(self, state_dir: Path, warn: Callable[[str], object]) -> None:
        self._folder, self._warn = journal_folder(state_dir), warn
        self._id, self._file_count = secrets.token_hex(16), 0
        self._files: list[JournalFile] = []
        self._changed = threading.Condition()
        self._requested: JournalRecord | None = None
        self._written: JournalRecord | None = None
        self._flushing = self._closing = self._failing = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def put(self, record: JournalRecord | None) -> None:
        """Write a record soon; None if all edits are saved and the journal can be removed."""
        with self._changed:
            self._requested = record
            self._changed.notify_all()

    def flush(self) -> bool:
        """Wait until the last record is written or has failed; return whether it is written."""
        with self._changed:
            self._flushing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closing or not self._flushing, _DISK_TIMEOUT)
            return self._written is self._requested

    def close(self) -> None:
        """Remove the journal, and end its thread."""
        with self._changed:
            self._requested, self._flushing, self._closing = None, True, True
            self._changed.notify_all()
        self._thread.join(_DISK_TIMEOUT)

    # -- on the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        running = True
        while running:
            record = self._next_request()
            done = record is self._written or self._try_write(record)
            running = self._finish_request(record, done)

    def _next_request(self) -> JournalRecord | None:
        with self._changed:
            self._changed.wait_for(lambda: self._flushing or self._requested is not self._written)
            return self._requested

    def _finish_request(self, record: JournalRecord | None, done: bool) -> bool:
        """Notify who waits for a flush, and pause; return False when the journal is closed."""
        with self._changed:
            if done:
                self._written = record
            if record is self._requested:
                self._flushing = False
                self._changed.notify_all()
                if self._closing:
                    return False
            pause = _WRITE_INTERVAL if done else _RETRY_INTERVAL
            self._changed.wait_for(lambda: self._flushing, pause)
            return True

    def _try_write(self, record: JournalRecord | None) -> bool:
        try:
            if record is None:
                self._remove_files()
            else:
                self._write(record)
        except Exception as error:  # noqa: BLE001 (whatever failed, the next edit must be tried)
            if not self._failing:
                LOG.exception("a journal was not written")
                self._warn(_warning(self._folder, error))
            self._failing = True
            return False
        self._failing = False
        return True

    def _write(self, record: JournalRecord) -> None:
        payload = dump_payload(record)
        if self._files and self._files[-1].appendable:
            self._files[-1].append(payload)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / file_name(self._id, self._file_count)
        self._file_count += 1
        self._files.append(JournalFile.create(path, payload))
        # Only now, as the files before held the newest state until here.  One that cannot be
        # removed is removed with the others later; recovery takes the newest.
        with suppress(OSError):
            self._remove_files(keep=1)

    def _remove_files(self, keep: int = 0) -> None:
        """Remove the oldest files but the last ``keep``."""
        while len(self._files) > keep:
            self._files[0].remove()
            del self._files[0]


def _warning(folder: Path, error: Exception) -> str:
    return (
        "unsaved edits would be lost in a crash: the journal cannot be written to "
        f"{quote(str(folder))}: {reason(error)}; until then save often"
    )


__all__ = ["Journal", "RecoveredDocument", "discard", "recoverable_documents"]
