"""The workspace of the save tests: a file, its folder, and intercepted system calls."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nodes.core.files.atomic_save import FileStamp, save

OLD, NEW = b"the old file\n" * 1000, b"the new file, which is longer\n" * 1000
CALLS = (
    *("open", "fstat", "lstat", "access", "scandir", "listdir", "write", "fsync", "close"),
    *("fchmod", "fchown", "listxattr", "getxattr", "setxattr", "removexattr", "replace", "rename"),
    *("mkdir", "rmdir", "link", "symlink", "readlink", "unlink"),
)
"""The functions of `os` by which files are read and written."""


class Workspace:
    """A file in its folder, and beside it the folder of the locks."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state, self.path = (
            folder / "files",
            folder / "state",
            folder / "files/a.json",
        )
        self.folder.mkdir()

    def save(self, data: bytes, expected: FileStamp | None, **options) -> FileStamp:
        return save(self.path, data, expected, state_dir=self.state, **options)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@contextmanager
def system(around: Callable[[str, Callable, tuple], object]) -> Iterator[None]:
    """Intercept system calls: `around` gets the name, the call and its arguments."""
    real = {name: getattr(os, name) for name in CALLS}

    def wrapped(name: str) -> Callable:
        return lambda *args, **options: around(name, lambda: real[name](*args, **options), args)

    for name in CALLS:
        setattr(os, name, wrapped(name))
    try:
        yield
    finally:
        for name in CALLS:
            setattr(os, name, real[name])


def calls_of(saving: Callable[[], object]) -> list[tuple[str, tuple]]:
    """List the system calls of a save in their order."""
    made = []

    def note(name: str, call: Callable, args: tuple) -> object:
        made.append((name, args))
        return call()

    with system(note):
        saving()
    return made


def in_child(work: Callable[[], int]) -> int:
    """Run `work` in a child process; return its exit code, or minus the signal that ended it."""
    child = os.fork()
    if not child:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(workspace: Workspace, at: int) -> int:
    """Save, and end the process at the call with an index, after half of a write."""
    made = []

    def around(name: str, call: Callable, args: tuple) -> object:
        made.append(name)
        if len(made) - 1 == at:
            if name == "write":
                write(args[0], args[1][: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return call()

    write = os.write
    with system(around):
        workspace.save(NEW, FileStamp.of(OLD))
    return 0
