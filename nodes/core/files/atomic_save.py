"""Atomic replacement of files, refused where the file has changed since it was read.

The new bytes are written to a temporary file beside the old one, forced to the disk, and renamed in
one step.  So the file is at any moment the old one or the new one, never a part of either.
"""

import errno
import hashlib
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import platformdirs

from nodes.core.files.strict_json import LIMITS, Limits, Path, open_file, quote, read_file

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_STALE = 3600.0  # seconds after which the temporary file of a dead program is removed
_TEMPORARY = re.compile(r"\.wireformer-([1-9][0-9]{0,8})-[0-9a-f]{16}")

# Windows lacks all but the last, the others lack the last.
_FLAGS = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP}

_ELSEWHERE = "save under another name or in another folder"
_FREE = "free some space, or save in another folder"
_REASONS = {
    errno.ENAMETOOLONG: ("its name is longer than 255 bytes", "save under a shorter name"),
    errno.ENOENT: ("its folder does not exist", _ELSEWHERE),
    errno.EACCES: ("permission is missing", _ELSEWHERE),
    errno.EROFS: ("its disk can only be read", _ELSEWHERE),
    errno.ENOSPC: ("the disk is full", _FREE),
    errno.EDQUOT: ("your share of the disk is full", _FREE),
}


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
        with _locked(real, state_dir or platformdirs.user_state_dir("wireformer")):
            old = _expected(real, expected)
            if old and warn:
                _warn(old, warn)
            _sweep(os.path.dirname(real))
            _replace(real, data, old and stat.S_IMODE(old.st_mode))
            _confirm(real, stamp)
    except (OSError, ValueError) as error:
        raise _not_saved(path, error) from error
    return stamp


def _read_back(path: Path, data: bytes, verify: Callable[[bytes], object]) -> None:
    try:
        verify(data)
    except ValueError as error:
        reason = f"it would not read back as it is: {error}; undo the last change"
        raise NotSaved(f"{_unsaved(path)}: {reason}") from error


def _not_saved(path: Path, error: OSError | ValueError) -> NotSaved:
    reason, advice = str(error), _ELSEWHERE
    if isinstance(error, OSError) and error.errno:
        reason, advice = _REASONS.get(error.errno, (str(error.strerror).lower(), _ELSEWHERE))
    return NotSaved(f"{_unsaved(path)}: {reason}; {advice}")


def _unsaved(path: Path) -> str:
    return f"{quote(os.fspath(path))} is not saved, and is on the disk as it was"


@contextmanager
def _locked(real: str, state_dir: Path) -> Iterator[None]:
    """Hold the lock of the file, after waiting for another save."""
    key = hashlib.sha256(os.fsencode(real)).hexdigest()[:32]
    lock = os.path.join(state_dir, f"{key}.lock")
    try:
        os.makedirs(state_dir, mode=0o700, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
    except OSError as error:
        advice = "the program needs to write there; change its permissions"
        raise NotSaved(f"{_unsaved(real)}: {quote(lock)} cannot be made; {advice}") from error
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        # Closing unlocks.  A failure here does not concern the saved file.
        with suppress(OSError):
            os.close(handle)


def _expected(real: str, expected: FileStamp | None) -> os.stat_result | None:
    """Return the status of the file to replace, after checking that it is the expected one."""
    old = found = None
    with suppress(FileNotFoundError), open_file(real) as file:
        old = os.fstat(file.fileno())
        found = FileStamp(hashlib.file_digest(file, "sha256").hexdigest())
    if expected not in (found, ANYTHING):
        what = "is no longer there" if not old else "has changed" if expected else "exists already"
        advice = "compare the two, save under another name, or overwrite it"
        raise Changed(f"{quote(real)} {what} on the disk; {advice}", found)
    if old and not os.access(real, os.W_OK):
        raise NotSaved(f"{_unsaved(real)}: it may only be read; {_ELSEWHERE}")
    return old


def _warn(old: os.stat_result, warn: Callable[[str], object]) -> None:
    if old.st_nlink > 1:
        warn("the file has other names (hard links), which keep the old content")
    if hasattr(os, "geteuid") and old.st_uid != os.geteuid():
        warn("the file belongs to someone else; once saved, it belongs to you")


def _sweep(folder: str) -> None:
    """Remove the temporary files that dead programs left in the folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in list(entries):
            name = _TEMPORARY.fullmatch(entry.name)
            if name and _is_old(entry.stat(follow_symlinks=False)) and not _runs(int(name[1])):
                os.unlink(entry.path)


def _is_old(info: os.stat_result) -> bool:
    return stat.S_ISREG(info.st_mode) and info.st_mtime < time.time() - _STALE


def _runs(program: int) -> bool:
    if sys.platform == "win32":  # where signal 0 would end the program
        return True
    try:
        os.kill(program, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True


def _replace(real: str, data: bytes, mode: int | None) -> None:
    """Write a temporary file beside the old one, then rename it in one step."""
    name = f".wireformer-{os.getpid()}-{secrets.token_hex(8)}"
    temporary = os.path.join(os.path.dirname(real), name)
    # The replacement of a private file is private from its first byte on; a new file has the umask.
    permissions = 0o666 if mode is None else 0o600
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, permissions)
    try:
        try:
            _fill(handle, data, mode)
        finally:
            os.close(handle)
        os.replace(temporary, real)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _fill(handle: int, data: bytes, mode: int | None) -> None:
    rest = memoryview(data)
    while rest:  # Python itself repeats a write that a signal interrupts (PEP 475)
        rest = rest[os.write(handle, rest) :]
    if mode is not None and hasattr(os, "fchmod"):
        os.fchmod(handle, mode)
    os.fsync(handle)


def _confirm(real: str, stamp: FileStamp) -> None:
    """Force the new name to the disk, where folders can be synchronized."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    try:
        handle = os.open(os.path.dirname(real), os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        # Some network disks do not support it; such a failure carries no information.
        if error.errno not in _UNSUPPORTED:
            reason = "is saved, but the disk did not confirm it; save again to be sure"
            raise NotConfirmed(f"{quote(real)} {reason}", stamp) from error
