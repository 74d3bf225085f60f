"""The entry point of the child process that runs a script of an exported folder.

Of the folder, only ``model.py`` can be imported, and only from its source: neither a ``torch.py``
nor a folder ``model`` nor cached bytecode beside it is ever loaded.
"""

import runpy
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
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
    set_resource_limits()
    runpy.run_path(str(Path(folder, sys.argv[0])), run_name="__main__")
