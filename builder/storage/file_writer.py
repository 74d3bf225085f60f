"""Writes files atomically; existing files are replaced only on request."""

import secrets
from collections.abc import Mapping
from pathlib import Path


class NotWritten(Exception):
    """A file is in the way, or its folder cannot be written to; no old file was changed."""


class AlreadyExists(NotWritten):
    """A file with other content exists, and may be replaced on request."""


def write_files(files: Mapping[Path, str | bytes], overwrite: bool = False) -> None:
    """Write files, and create their folders; a file with the same content may exist.

    Raises:
        NotWritten: a path is no regular file, or the system refuses.
        AlreadyExists: a file with other content exists, and ``overwrite`` is false.
    """
    path = Path()
    contents = {
        path: content.encode() if isinstance(content, str) else content
        for path, content in files.items()
    }
    try:
        for path, content in contents.items():
            _require_writable(path, content, overwrite)
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace_atomically(path, content)
    except (FileExistsError, NotADirectoryError) as error:
        raise NotWritten(
            f"{repr(str(path))}: expected a folder to write to, but part of the path is a file. "
            "Choose another folder."
        ) from error
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise NotWritten(
            f"{repr(str(path))} cannot be written: {reason}. Choose another folder."
        ) from error


def _require_writable(path: Path, content: bytes, overwrite: bool) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise NotWritten(
            f"{repr(str(path))}: expected a regular file or none, got a folder, a link or a "
            "device. Choose another name."
        )
    if not overwrite and path.exists() and path.read_bytes() != content:
        raise AlreadyExists(
            f"{repr(str(path))}: expected no file, got one with other content. Choose another name."
        )


def _replace_atomically(path: Path, content: bytes) -> None:
    """Write a temporary file beside the target and rename it, so that no partial file is left."""
    temporary = path.with_name(f".wireformer-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
