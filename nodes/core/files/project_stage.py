"""Replaces several files of a folder by one system call, whatever else the folder holds.

A rename replaces one file.  So that one rename replaces several, each is for a moment a symbolic
link through a link that they share:

    model.py -> .wireformer-1-0/current/model.py      .wireformer-1-0/current -> old
    train.py -> .wireformer-1-0/current/train.py      .wireformer-1-0/old/ and new/: the files

1. The stage, a hidden folder, gets the old files (as hard links) and the new ones.
2. Each file is replaced by its link: what is read through it is still the old file.
3. ``current`` is replaced by a link to ``new``: this is the step that counts.
4. Each link is replaced by the file that it leads to, and the stage is removed.

Each step is on the disk before the next begins, so a crash or a power failure leaves a state of
which every file can be read, all of them old or all new; `complete` finishes any such state.
The folder itself stays, so programs that run in it are not disturbed.

Where links are not supported (FAT, Windows), the files are replaced one after
the other, and put back if one fails; there, a crash between two of them leaves a mixture.
"""

import errno
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from nodes.core.files.file_lock import OPEN_FLAGS, try_lock
from nodes.core.files.file_metadata import FileMetadata
from nodes.core.files.temporary_files import sync_folder, temporary_name, write_new

_OLD, _NEW, _CURRENT, _NEXT = "old", "new", "current", "next"
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}

Staged = Mapping[str, tuple[bytes, FileMetadata | None]]
"""The new content of each file, and the metadata of the old one; None if there is none."""


class Unconfirmed(Exception):
    """The new files are in place, but the disk did not confirm it."""


def create_folder(folder: str, files: Staged) -> None:
    """Create a folder with its files in one step.

    Raises:
        OSError: there is no such folder; those above it may have been made.
        Unconfirmed: the disk did not confirm the folder.
    """
    parent = os.path.dirname(folder)
    _make_folders(parent)
    with _stage(parent) as stage:
        _write(stage, files)
        sync_folder(os.path.join(stage, _NEW))
        os.rename(os.path.join(stage, _NEW), folder)
    _confirm(parent)


def replace_files(folder: str, files: Staged) -> list[str]:
    """Replace files of a folder in one step; return what of their metadata is not kept.

    Raises:
        OSError: all files are as they were.
        Unconfirmed: the disk did not confirm the files.
    """
    with _stage(folder) as stage:
        lost = _write(stage, files)
        _keep_old(folder, stage, files)
        if _make_current(stage):
            _switch(folder, stage, files)
        else:
            _replace_in_turn(folder, stage, files)
    _confirm(folder)
    return lost


def is_stage(folder: str) -> bool:
    """Return whether a folder holds nothing but what a stage does."""
    return {*os.listdir(folder)} <= {_OLD, _NEW, _CURRENT, _NEXT}


def complete(stage: str) -> None:
    """Put the files in place that the links into a stage lead to, and remove the stage.

    Raises:
        OSError: some files are still links, which lead to the same files as before.
    """
    folder = os.path.dirname(stage)
    version = _link_text(os.path.join(stage, _CURRENT))
    if version in (_OLD, _NEW):
        sync_folder(stage)
        for name in _names(os.path.join(stage, _NEW)):
            target = os.path.join(folder, name)
            if _link_text(target) == _link_to(stage, name):
                _put(_spare(os.path.join(stage, version, name), stage), target)
        sync_folder(folder)
    # What cannot be removed now is removed when the next file is saved here.
    shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _stage(folder: str) -> Iterator[str]:
    """Make a stage, and complete it in the end, whatever happens."""
    stage = os.path.join(folder, temporary_name())
    os.mkdir(stage)
    handle = -1
    try:
        with suppress(OSError):  # Windows opens no folders
            handle = os.open(stage, os.O_RDONLY | OPEN_FLAGS)
            try_lock(handle)
        yield stage
    except BaseException:
        with suppress(OSError):
            complete(stage)
        raise
    else:
        try:
            complete(stage)
        except OSError as error:
            raise Unconfirmed from error
    finally:
        if handle >= 0:
            with suppress(OSError):
                os.close(handle)


def _write(stage: str, files: Staged) -> list[str]:
    """Write the new files into a stage; return what of the metadata of the old is not kept."""
    os.mkdir(os.path.join(stage, _NEW))
    lost = {
        reason: None
        for name, (data, like) in files.items()
        for reason in write_new(os.path.join(stage, _NEW, name), data, like)
    }
    return [*lost]


def _keep_old(folder: str, stage: str, files: Staged) -> None:
    """Keep the old files in a stage: as hard links, or where there are none, as copies."""
    os.mkdir(os.path.join(stage, _OLD))
    for name, (_, metadata) in files.items():
        if metadata is None:
            continue
        original, kept = os.path.join(folder, name), os.path.join(stage, _OLD, name)
        try:
            os.link(original, kept)
        except OSError:
            with open(original, "rb") as file:
                write_new(kept, file.read(), metadata)


def _make_current(stage: str) -> bool:
    """Make the link that the others lead through; return False where links are not supported."""
    if sys.platform == "win32":  # where only administrators may make them
        return False
    try:
        os.symlink(_OLD, os.path.join(stage, _CURRENT))
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _switch(folder: str, stage: str, files: Staged) -> None:
    for written in (os.path.join(stage, _OLD), os.path.join(stage, _NEW), stage, folder):
        sync_folder(written)
    for name in files:
        _replace_by_link(os.path.join(folder, name), stage, _link_to(stage, name))
    sync_folder(folder)
    _replace_by_link(os.path.join(stage, _CURRENT), stage, _NEW)


def _replace_by_link(path: str, stage: str, text: str) -> None:
    link = os.path.join(stage, _NEXT)
    os.symlink(text, link)
    os.replace(link, path)


def _replace_in_turn(folder: str, stage: str, files: Staged) -> None:
    """Replace one file after the other; if one fails, put back those before it."""
    replaced: list[str] = []
    try:
        for name in files:
            os.replace(os.path.join(stage, _NEW, name), os.path.join(folder, name))
            replaced.append(name)
    except BaseException:
        for name in replaced:
            with suppress(OSError):
                _put(os.path.join(stage, _OLD, name), os.path.join(folder, name))
        raise


def _spare(path: str, stage: str) -> str:
    """Return another name of a file, so that the file stays when that name is moved.

    The disk may hear of the name that goes before it hears of the one that comes.
    """
    spare = os.path.join(stage, _NEXT)
    with suppress(FileNotFoundError):
        os.unlink(spare)
    try:
        os.link(path, spare)
    except OSError:  # there is no such file, or the disk has no hard links
        return path
    return spare


def _put(source: str, target: str) -> None:
    """Replace a file by another; if there is no other, remove it."""
    try:
        os.replace(source, target)
    except FileNotFoundError:
        os.unlink(target)


def _link_to(stage: str, name: str) -> str:
    """Return the text of the link that a file is replaced by."""
    return f"{os.path.basename(stage)}/{_CURRENT}/{name}"


def _link_text(path: str) -> str:
    """Return the text of a symbolic link; empty if there is none."""
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""
    except OSError as error:
        if error.errno != errno.EINVAL:  # it is no link
            raise
        return ""


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:  # the stage is half removed
        return []


def _make_folders(folder: str) -> None:
    """Make a folder and those above it."""
    if os.path.isdir(folder):
        return
    if os.path.lexists(folder):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
    _make_folders(os.path.dirname(folder))
    os.mkdir(folder)
    sync_folder(os.path.dirname(folder))


def _confirm(folder: str) -> None:
    try:
        sync_folder(folder)
    except OSError as error:
        raise Unconfirmed from error
