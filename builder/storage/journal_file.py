"""Journal files: append-only, and locked by their program as long as it runs."""

import errno
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from builder.storage.journal_records import encode_record

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MAX_SIZE = 4 * 2**20
"""Bytes in a file after which the journal continues in another one."""

FILE_NAME = re.compile(r"([0-9a-f]{32})-([0-9]{6})\.journal")
"""The identifier of a journal, and the index of the file in it."""

_OPEN_FLAGS = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
_LOCK_OFFSET = 2**30  # beyond any content: on Windows a locked byte cannot be read


def journal_folder(state_dir: Path) -> Path:
    """Return the folder of the journals."""
    return state_dir / "journals"


def try_lock(handle: int) -> bool:
    """Lock a journal file; return False if another program holds the lock."""
    try:
        if sys.platform == "win32":
            os.lseek(handle, _LOCK_OFFSET, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def file_name(journal_id: str, index: int) -> str:
    """Name a file of a journal."""
    return f"{journal_id}-{index:06}.journal"


class JournalFile:
    """A file of a journal, locked as long as it is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _OPEN_FLAGS, 0o600)
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
            _sync_folder(path.parent)
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


def _sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _OPEN_FLAGS)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
