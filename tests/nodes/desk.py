"""Where the tests of saving work: a file, its folder, and a system whose answers they choose."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nodes.core.files.atomic_save import FileStamp, save

OLD, NEW = b"the old file\n" * 1000, b"the new file, which is longer\n" * 1000
CALLS = ("open", "fstat", "access", "scandir", "write", "fchmod", "fsync", "close", "replace")


class Desk:
    """A file, and beside it the folder where locks lie."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state, self.path = (
            folder / "desk",
            folder / "state",
            folder / "desk/a.json",
        )
        self.folder.mkdir()

    def save(self, data: bytes, expected: FileStamp | None, **options) -> FileStamp:
        return save(self.path, data, expected, state_dir=self.state, **options)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@contextmanager
def system(around: Callable[[str, Callable, tuple], object]) -> Iterator[None]:
    """Let the operating system answer through `around`, which is given name, call and arguments."""
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
    """Run `work` in a process of its own; give its result, or minus the signal that ended it."""
    child = os.fork()
    if not child:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(desk: Desk, at: int) -> int:
    """Save, and die at the call of that index, having written half of what it should write."""
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
        desk.save(NEW, FileStamp.of(OLD))
    return 0
