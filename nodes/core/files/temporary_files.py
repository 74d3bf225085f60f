"""Temporary files beside what they replace, and the order in which they reach the disk.

The name of a temporary file holds the identifier of its program, which also locks it while writing;
so another program can tell whether it is still in use.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from nodes.core.files.file_lock import OPEN_FLAGS, try_lock
from nodes.core.files.file_metadata import FileMetadata, apply_metadata

_NAME = re.compile(r"\.wireformer-([1-9][0-9]{0,8})-[0-9a-f]{16}")
_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP}


def temporary_name() -> str:
    """Return a new name for a temporary file or folder of this program."""
    return f".wireformer-{os.getpid()}-{secrets.token_hex(8)}"


def program_of(name: str) -> int | None:
    """Return the identifier of the program that a temporary file belongs to; None if it is none."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def write_new(path: str, data: bytes, like: FileMetadata | None) -> list[str]:
    """Write a new file, and force its content to the disk.

    Args:
        path: the file; nothing may be there.
        data: the content.
        like: the metadata it gets; by default those of any new file.

    Returns:
        What of the metadata the system refuses.

    Raises:
        OSError: the file is not written, and nothing of it is left.
    """
    # The replacement of a private file is private from its first byte on; a new file has the umask.
    permissions = 0o600 if like else 0o666
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, permissions)
    with _removed_on_failure(path):
        try:
            try_lock(handle)
            rest = memoryview(data)
            while rest:  # Python itself repeats a write that a signal interrupts (PEP 475)
                rest = rest[os.write(handle, rest) :]
            lost = apply_metadata(handle, like) if like else []
            os.fsync(handle)
        finally:
            os.close(handle)
    return lost


def replace_file(path: str, data: bytes, like: FileMetadata | None) -> list[str]:
    """Replace a file in one step; return what of its metadata is not kept.

    Raises:
        OSError: the file is as it was.
    """
    temporary = os.path.join(os.path.dirname(path), temporary_name())
    lost = write_new(temporary, data, like)
    with _removed_on_failure(temporary):
        os.replace(temporary, path)
    return lost


@contextmanager
def _removed_on_failure(path: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise


def sync_folder(folder: str) -> None:
    """Force the names in a folder to the disk, where folders can be synchronized."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | OPEN_FLAGS)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network disks do not support it; such a failure carries no information.
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(handle)
