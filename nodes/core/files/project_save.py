"""Saves the files that a program writes for its user: one, or several that belong together."""

import errno
import os
import pathlib
import stat
from collections.abc import Callable, Mapping

from nodes.core.files.atomic_save import (
    FileStamp,
    NotSaved,
    confirm,
    not_confirmed,
    not_saved,
    open_old,
    report_lost,
    require_writable,
)
from nodes.core.files.file_lock import locked
from nodes.core.files.file_metadata import FileMetadata
from nodes.core.files.leftovers import sweep
from nodes.core.files.project_stage import Staged, Unconfirmed, create_folder, replace_files
from nodes.core.files.strict_json import Path
from nodes.core.files.temporary_files import replace_file

Warn = Callable[[str], object]


class AlreadyExists(NotSaved):
    """A file with other content exists, and may be replaced on request."""


def save_files(
    folder: Path,
    files: Mapping[str, bytes],
    overwrite: bool = False,
    *,
    warn: Warn | None = None,
    state_dir: Path | None = None,
) -> None:
    """Save files in a folder, all or none; whatever else is there stays.

    A file with the same content may exist.  Folders that are missing are made.

    Args:
        folder: the folder.
        files: the content of each file by its name.
        overwrite: replace files with other content.
        warn: called with what of the old files is not kept.
        state_dir: the folder of the lock files, which exclude concurrent saves.

    Raises:
        NotSaved: the folder is as it was; `AlreadyExists` if a file with other content exists.
        NotConfirmed: the files are saved, but the disk did not confirm it.
    """
    path = pathlib.Path(folder, *files if len(files) == 1 else ())
    stamp = FileStamp.of(b"".join(files.values()))
    try:
        real = os.path.realpath(folder)
        with locked(real, state_dir):
            sweep(os.path.dirname(real))
            if os.path.lexists(real):
                sweep(real)
                report_lost(*_replace(real, _changed(folder, files, overwrite)), warn)
            else:
                create_folder(real, {name: (data, None) for name, data in files.items()})
    except Unconfirmed as error:
        raise not_confirmed(path, stamp) from error
    except (OSError, ValueError) as error:
        raise not_saved(path, error) from error


def _changed(folder: Path, files: Mapping[str, bytes], overwrite: bool) -> Staged:
    """Return the files that are not there, or with other content.

    Raises:
        NotSaved: one cannot be replaced.
        AlreadyExists: one must not be replaced.
    """
    if not stat.S_ISDIR(os.stat(folder).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    changed: dict[str, tuple[bytes, FileMetadata | None]] = {}
    for name, data in files.items():
        path = pathlib.Path(folder, name)
        stamp, metadata = _replaceable(path) or (None, None)
        if stamp == FileStamp.of(data):
            continue
        if stamp and not overwrite:
            raise AlreadyExists(
                f"{repr(str(path))}: expected no file, got one with other content. "
                "Choose another name."
            )
        changed[name] = data, metadata
    return changed


def _replaceable(path: pathlib.Path) -> tuple[FileStamp, FileMetadata] | None:
    """Read the file that is to be replaced; None if there is none.

    Raises:
        NotSaved: it is no regular file, or may only be read.
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise NotSaved(
            f"{repr(str(path))}: expected a regular file or none, got a folder, a link or a "
            "device. Choose another name."
        )
    require_writable(path)
    return open_old(path)


def _replace(real: str, staged: Staged) -> tuple[list[str], list[FileMetadata]]:
    """Replace files; return what of their metadata is not kept, and the metadata."""
    old = [metadata for _, metadata in staged.values() if metadata]
    if len(staged) > 1:
        return replace_files(real, staged), old
    lost: list[str] = []
    for name, (data, metadata) in staged.items():
        path = os.path.join(real, name)
        lost = replace_file(path, data, metadata)
        confirm(path, FileStamp.of(data))
    return lost, old
