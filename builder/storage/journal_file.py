"""Journal files: append-only, and locked by their program as long as it runs."""

import errno
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from builder.storage.journal_records import encode_record
from nodes.core.files.file_lock import OPEN_FLAGS, try_lock
from nodes.core.files.temporary_files import sync_folder

MAX_SIZE = 4 * 2**20
"""Bytes in a file after which the journal continues in another one."""

FILE_NAME = re.compile(r"([0-9a-f]{32})-([0-9]{6})\.journal")
"""The identifier of a journal, and the index of the file in it."""


def journal_folder(state_dir: Path) -> Path:
    """Return the folder of the journals."""
    return state_dir / "journals"


def file_name(journal_id: str, index: int) -> str:
    """Name a file of a journal."""
    return f"{journal_id}-{index:06}.journal"


class JournalFile:
    """A file of a journal, locked as long as it is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, 0o600)
        self._size = self._checksum = 0
        self._intact = True

    @classmethod
    def create(cls, path: Path, payload: bytes) -> "JournalFile":
        """Create a file with a first record; if that fails, no file is left."""
        file = cls(path)
        try:
            if not try_lock(file._handle):
                raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
            file.append(payload)
            sync_folder(os.fspath(path.parent))
        except BaseException:
            with suppress(OSError):
                file.remove()
            raise
        return file

    @property
    def appendable(self) -> bool:
        """Whether a record that is appended can be recovered."""
        return self._intact and self._size < MAX_SIZE and os.fstat(self._handle).st_nlink > 0

    def append(self, payload: bytes) -> None:
        """Append a record, and sync it to the disk."""
        # A record behind a torn one is lost, and after a failed sync nothing is certain.
        self._intact = False
        record, self._checksum = encode_record(payload, self._checksum)
        rest = memoryview(record)
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        _sync(self._handle)
        self._size += len(record)
        self._intact = True

    def remove(self) -> None:
        """Remove the file, while it is still locked where the system allows it."""
        if sys.platform == "win32":
            self._close()
        self.path.unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _sync(handle: int) -> None:
    """Force the content of a file to the disk; its modification time may wait."""
    getattr(os, "fdatasync", os.fsync)(handle)
