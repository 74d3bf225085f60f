"""The files of journals: each is held locked by its program, which adds records at its end."""

import errno
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from builder.storage.journal_records import frame

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LARGEST = 4 * 2**20
"""Bytes in a file after which another one begins."""

NAME = re.compile(r"([0-9a-f]{32})-([0-9]{6})\.journal")
"""The name of a journal's file: which journal, and how many files it had before."""

_FLAGS = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
_BEHIND = 2**30  # a place that no file reaches: on Windows a locked place cannot be read


def journal_folder(state_dir: Path) -> Path:
    """Tell where journals lie."""
    return state_dir / "journals"


def claim(handle: int) -> bool:
    """Lock a journal's file, unless another program holds it."""
    try:
        if sys.platform == "win32":
            os.lseek(handle, _BEHIND, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def file_name(token: str, count: int) -> str:
    """Name a journal's file."""
    return f"{token}-{count:06}.journal"


class JournalFile:
    """A file of a journal, locked as long as it is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        self._size = self._checksum = 0
        self._whole = True

    @classmethod
    def begun(cls, path: Path, data: bytes) -> "JournalFile":
        """Make a file with a first record, or none at all."""
        made = cls(path)
        try:
            if not claim(made._handle):
                raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
            made.append(data)
            _put_name(path.parent)
        except BaseException:
            with suppress(OSError):
                made.remove()
            raise
        return made

    @property
    def usable(self) -> bool:
        """Tell whether a record at its end would be found again."""
        return self._whole and self._size < LARGEST and os.fstat(self._handle).st_nlink > 0

    def append(self, data: bytes) -> None:
        """Add a record, and see it on the disk."""
        # What is added behind a part of a record is lost, as is what a disk failed to take once.
        self._whole = False
        record, self._checksum = frame(data, self._checksum)
        rest = memoryview(record)
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        _put(self._handle)
        self._size += len(record)
        self._whole = True

    def remove(self) -> None:
        """Remove the file while it is still locked, where the system lets that be done."""
        if sys.platform == "win32":
            self._close()
        self.path.unlink(missing_ok=True)
        self._close()

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _put(handle: int) -> None:
    """Force what was written to the disk; the time it was written at may wait."""
    getattr(os, "fdatasync", os.fsync)(handle)


def _put_name(folder: Path) -> None:
    """Force a new name in a folder to the disk, where folders can be."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
