"""Writes files; what is there already is kept unless told otherwise."""

import secrets
from collections.abc import Mapping
from pathlib import Path


class NotWritten(Exception):
    """A file is in the way, or its folder cannot be written to; no old file was changed."""


def write_files(files: Mapping[Path, str | bytes], overwrite: bool = False) -> None:
    """Write files, and the folders they lie in; the same content may be written again.

    Raises:
        NotWritten: something else is there already, or the system refuses.
    """
    path = Path()
    contents = {
        path: content.encode() if isinstance(content, str) else content
        for path, content in files.items()
    }
    try:
        for path, content in contents.items():
            _see_that_it_is_free(path, content, overwrite)
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content)
    except (FileExistsError, NotADirectoryError) as error:
        raise NotWritten(
            f"{ascii(str(path))} cannot be written: what should be its folder is a file. "
            "Choose another folder."
        ) from error
    except OSError as error:
        reason = (error.strerror or "the disk failed").lower()
        raise NotWritten(
            f"{ascii(str(path))} cannot be written: {reason}. Choose another place."
        ) from error


def _see_that_it_is_free(path: Path, content: bytes, overwrite: bool) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise NotWritten(
            f"{ascii(str(path))}: a file is expected, but it is a folder, a link or a device. "
            "Choose another name."
        )
    if not overwrite and path.exists() and path.read_bytes() != content:
        raise NotWritten(
            f"{ascii(str(path))}: a new file is expected without --force, but there is one with "
            "other content. Choose another name."
        )


def _replace(path: Path, content: bytes) -> None:
    """Write beside the old file and give it the name in one step, so that no half file is left."""
    part = path.with_name(f".wireformer-{secrets.token_hex(8)}")
    try:
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
