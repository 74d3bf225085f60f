"""Atomic replacement of files, refused where the file has changed since it was read.

The new bytes are written to a temporary file beside the old one, forced to the disk, and renamed in
one step.  So the file is at any moment the old one or the new one, never a part of either.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from nodes.core.files.file_lock import NoLock, locked
from nodes.core.files.file_metadata import FileMetadata, read_metadata
from nodes.core.files.leftovers import sweep
from nodes.core.files.strict_json import LIMITS, Limits, Path, open_file, quote, read_file
from nodes.core.files.temporary_files import replace_file, sync_folder
from nodes.core.files.write_errors import ELSEWHERE, explain


@dataclass(frozen=True, slots=True)
class FileStamp:
    """The identity of the bytes of a file; None stands for no file."""

    sha256: str

    @classmethod
    def of(cls, data: bytes) -> "FileStamp":
        """Return the stamp of bytes."""
        return cls(hashlib.sha256(data).hexdigest())


ANYTHING = FileStamp("anything")
"""The stamp for `save` to expect where the user has agreed to overwrite any file."""


class NotSaved(Exception):
    """A file was not saved; the one on disk is unchanged."""


class Changed(NotSaved):
    """The file on disk is not the one that was read or saved last.

    Attributes:
        found: its stamp, to be expected if it is to be overwritten.
    """

    def __init__(self, message: str, found: FileStamp | None) -> None:
        super().__init__(message)
        self.found = found


class NotConfirmed(Exception):
    """A file was saved, but the disk did not confirm it.

    Attributes:
        stamp: the stamp of the saved file.
    """

    def __init__(self, message: str, stamp: FileStamp) -> None:
        super().__init__(message)
        self.stamp = stamp


def read(path: Path, limits: Limits = LIMITS) -> tuple[bytes, FileStamp]:
    """Read a file, with its stamp.

    Raises:
        FileError: the file cannot be read.
    """
    data = read_file(path, limits)
    return data, FileStamp.of(data)


def save(
    path: Path,
    data: bytes,
    expected: FileStamp | None,
    *,
    verify: Callable[[bytes], object] | None = None,
    warn: Callable[[str], object] | None = None,
    state_dir: Path | None = None,
) -> FileStamp:
    """Replace a file, if it is the expected one.

    Args:
        path: the file; for a symbolic link, its target is replaced.
        data: the new content.
        expected: the stamp of the file as last read or saved, None for no file, or `ANYTHING`.
        verify: called with the content before anything is written; a ValueError stops the save.
        warn: called with what of the old file is not kept.
        state_dir: the folder of the lock files, which exclude concurrent saves.

    Raises:
        NotSaved: the file on disk is unchanged; `Changed` if it is not the expected one.
        NotConfirmed: the file is saved, but the disk did not confirm it.
    """
    if verify:
        _read_back(path, data, verify)
    stamp = FileStamp.of(data)
    try:
        real = os.path.realpath(path)
        with locked(real, state_dir):
            old = _expected(real, expected)
            sweep(os.path.dirname(real))
            lost = replace_file(real, data, old)
            report_lost(lost, [old] if old else [], warn)
            confirm(real, stamp)
    except (OSError, ValueError) as error:
        raise not_saved(path, error) from error
    return stamp


def not_saved(path: Path, error: OSError | ValueError) -> NotSaved:
    """Return the error that says why a path is not saved, and what to do."""
    reason, advice = explain(error)
    if isinstance(error, NoLock):
        lock = quote(os.fspath(error.filename))
        reason, advice = f"{lock} cannot be made: {reason}", "the program needs to write there"
    return NotSaved(f"{unsaved(path)}: {reason}; {advice}")


def unsaved(path: Path) -> str:
    """Return the beginning of a message about a path that was not saved."""
    return f"{quote(os.fspath(path))} is not saved, and is on the disk as it was"


def open_old(path: Path) -> tuple[FileStamp, FileMetadata] | None:
    """Read the file that is to be replaced; None if there is none.

    Raises:
        NotSaved: it may only be read.
        OSError: it cannot be read.
        FileError: it is no ordinary file.
    """
    with suppress(FileNotFoundError), open_file(path) as file:
        metadata = read_metadata(file.fileno())
        stamp = FileStamp(hashlib.file_digest(file, "sha256").hexdigest())
        return stamp, metadata
    return None


def require_writable(path: Path) -> None:
    """Refuse to replace a file that is protected against writing.

    Raises:
        NotSaved: it may only be read.
        OSError: its disk may only be read.
    """
    if os.access(path, os.W_OK):
        return
    if hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    raise NotSaved(f"{unsaved(path)}: it may only be read; {ELSEWHERE}")


def report_lost(
    lost: list[str], old: list[FileMetadata], warn: Callable[[str], object] | None
) -> None:
    """Warn of what replaced files had and their replacements lack."""
    if warn is None:
        return
    if any(metadata.status.st_nlink > 1 for metadata in old):
        warn("the file has other names (hard links), which keep the old content")
    if lost:
        warn(f"the system does not permit to keep {', '.join(lost)}; set it again if it matters")


def confirm(path: str, stamp: FileStamp) -> None:
    """Force the name of a saved file to the disk.

    Raises:
        NotConfirmed: the disk did not confirm it.
    """
    try:
        sync_folder(os.path.dirname(path))
    except OSError as error:
        raise not_confirmed(path, stamp) from error


def not_confirmed(path: Path, stamp: FileStamp) -> NotConfirmed:
    """Return the error that says that a saved path is not confirmed."""
    reason = "is saved, but the disk did not confirm it; save again to be sure"
    return NotConfirmed(f"{quote(os.fspath(path))} {reason}", stamp)


def _read_back(path: Path, data: bytes, verify: Callable[[bytes], object]) -> None:
    try:
        verify(data)
    except ValueError as error:
        reason = f"it would not read back as it is: {error}; undo the last change"
        raise NotSaved(f"{unsaved(path)}: {reason}") from error


def _expected(real: str, expected: FileStamp | None) -> FileMetadata | None:
    """Return the metadata of the file to replace, after checking that it is the expected one."""
    old = open_old(real)
    found, metadata = old or (None, None)
    if expected not in (found, ANYTHING):
        what = "is no longer there" if not old else "has changed" if expected else "exists already"
        advice = "compare the two, save under another name, or overwrite it"
        raise Changed(f"{quote(real)} {what} on the disk; {advice}", found)
    if old:
        require_writable(real)
    return metadata
