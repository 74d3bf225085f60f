"""Locks between programs, which the system releases when their holder ends, however it ends."""

import errno
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import platformdirs

from nodes.core.files.strict_json import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# Windows lacks all but the last, the others lack the last.
OPEN_FLAGS = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
"""Flags of every file that is opened to be locked or written."""

_OFFSET = 2**30  # beyond any content: on Windows a locked byte cannot be read


def try_lock(handle: int) -> bool:
    """Lock an open file; return False if another program holds the lock."""
    try:
        if sys.platform == "win32":
            os.lseek(handle, _OFFSET, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class NoLock(OSError):
    """The lock file, which `filename` names, cannot be made."""


@contextmanager
def locked(real: str, state_dir: Path | None) -> Iterator[None]:
    """Hold the lock of a path, after waiting for another program that writes there.

    Args:
        real: the path, without symbolic links.
        state_dir: the folder of the lock files; by default the state folder of the program.

    Raises:
        NoLock: the lock file cannot be made or locked.
    """
    name = f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:32]}.lock"
    path, handle = _lock_file(name, state_dir)
    try:
        yield
    finally:
        # A failure here does not concern what was written; closing unlocks.
        with suppress(OSError):
            if sys.platform != "win32":  # where an open file cannot be removed
                os.unlink(path)
        with suppress(OSError):
            os.close(handle)


def _lock_file(name: str, state_dir: Path | None) -> tuple[str, int]:
    """Lock a lock file; where the state folder cannot be written to, one of temporary files."""
    path = os.path.join(state_dir or platformdirs.user_state_dir("wireformer"), name)
    try:
        return path, _locked_file(path)
    except OSError as error:
        with suppress(OSError):
            spare = os.path.join(_folder_of_temporary_files(), name)
            return spare, _locked_file(spare)
        raise NoLock(error.errno, error.strerror, path) from error


def _locked_file(path: str) -> int:
    """Open a file and lock it."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | OPEN_FLAGS, 0o600)
        try:
            if _lock(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int, path: str) -> bool:
    """Wait for the lock; return False if the file is gone, as the last holder has removed it."""
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        return True
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


def _folder_of_temporary_files() -> str:
    """Return a folder that only this user can write to.

    Raises:
        OSError: there is none; someone else has made one of its name, say.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = os.path.join(tempfile.gettempdir(), f"wireformer-{user}")
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
    return folder
