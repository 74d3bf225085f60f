"""Removes what dead programs have left: temporary files, and stages of projects."""

import os
import stat
import sys
from contextlib import suppress

from nodes.core.files.file_lock import OPEN_FLAGS, try_lock
from nodes.core.files.project_stage import complete, is_stage
from nodes.core.files.temporary_files import program_of

_OPEN_FLAGS = os.O_RDONLY | OPEN_FLAGS | getattr(os, "O_NONBLOCK", 0)


def sweep(folder: str) -> None:
    """Remove the temporary files of dead programs from a folder, and complete its projects."""
    found: list[tuple[str, int]] = []
    with suppress(OSError), os.scandir(folder) as entries:
        names = ((entry.path, program_of(entry.name)) for entry in entries)
        found = [(path, program) for path, program in names if program is not None]
    for path, program in found:
        with suppress(OSError):
            _remove(path, program)


def _remove(path: str, program: int) -> None:
    status = os.lstat(path)
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        return  # someone else may have made it, to have other files moved or removed
    is_folder = stat.S_ISDIR(status.st_mode) and is_stage(path)
    own = program == os.getpid() and is_folder  # one that could not be completed before
    if not (stat.S_ISREG(status.st_mode) or is_folder) or (_runs(program) and not own):
        return
    handle = os.open(path, _OPEN_FLAGS)
    try:
        # A program in another container may write it, although its identifier is free in this one.
        if not try_lock(handle):
            return
        if is_folder:
            complete(path)
        else:
            os.unlink(path)
    finally:
        os.close(handle)


def _runs(program: int) -> bool:
    if sys.platform == "win32":  # where signal 0 would end the program
        return True
    try:
        os.kill(program, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True
