"""The entry point of the child process that runs a script of an exported folder.

Of the folder, only ``model.py`` can be imported, and only from its source: neither a ``torch.py``
nor a folder ``model`` nor cached bytecode beside it is ever loaded.

Its standard input is a pipe of which the parent holds the other end, and on which nothing is sent.
The system closes that end when the parent ends, even if it is killed; then a process beside the
script, which needs neither its interpreter nor its signals, kills the whole group.
"""

import os
import runpy
import signal
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from threading import Thread
from types import CodeType

MAX_FILE_SIZE = 8 * 2**30
"""Bytes that a file of the child may have."""


class SourceOnlyLoader(SourceFileLoader):
    """Compiles the source of a module, and ignores cached bytecode."""

    def get_code(self, fullname: str) -> CodeType | None:
        """Compile the source."""
        return self.source_to_code(self.get_data(self.path), self.path)


class ModelFinder:
    """Finds the module ``model``, and no other."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find a module, as the import system requires."""
        if name != "model":
            return None
        loader = SourceOnlyLoader(name, str(self.file))
        return spec_from_file_location(name, self.file, loader=loader)


def end_with_parent() -> None:
    """Kill the process group as soon as the parent ends; give the script an empty input.

    The parent may have ended before this is called: the pipe stays closed.
    """
    pipe = os.dup(0)
    _replace_by_null(0)
    if sys.platform == "win32":
        Thread(target=_wait_and_kill, args=(pipe,), daemon=True).start()
        return
    # As a grandchild, so that a script that waits for its children does not wait for this one.
    child = os.fork()
    if not child:
        if not os.fork():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            _replace_by_null(1, 2)
            _wait_and_kill(pipe)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(pipe)


def _replace_by_null(*handles: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for handle in handles:
        os.dup2(null, handle)
    os.close(null)


def _wait_and_kill(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    if sys.platform == "win32":
        os._exit(1)
    os.killpg(0, signal.SIGKILL)


def set_resource_limits() -> None:
    """Disable core dumps, limit the size of files, and be the first to end if memory is short."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        soft = MAX_FILE_SIZE if hard == resource.RLIM_INFINITY else min(hard, MAX_FILE_SIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


if __name__ == "__main__":
    _, folder, *sys.argv = sys.argv
    sys.meta_path.insert(0, ModelFinder(Path(folder, "model.py")))
    end_with_parent()
    set_resource_limits()
    runpy.run_path(str(Path(folder, sys.argv[0])), run_name="__main__")
