"""Runs a script of an exported folder; a child process starts with this file, and alone.

Of the folder only ``model.py`` can be imported, and that from its source: neither a ``torch.py``,
nor a folder ``model``, nor a cache of compiled code that lies there too is ever loaded.
"""

import runpy
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

LARGEST_FILE = 8 * 2**30
"""Bytes that one file of the child may have."""


class FromSource(SourceFileLoader):
    """Compiles a module's source each time."""

    def get_code(self, fullname: str) -> object:
        """Compile the source, without a look at what is cached."""
        return self.source_to_code(self.get_data(self.path), self.path)


class ModelFinder:
    """Finds the module ``model``, and no other."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find the module as the import system asks for it."""
        if name != "model":
            return None
        return spec_from_file_location(name, self.file, loader=FromSource(name, str(self.file)))


def limit() -> None:
    """Bound the damage: no core dumps, no endless file, the first to go when memory is short."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        most = LARGEST_FILE if hard == resource.RLIM_INFINITY else min(hard, LARGEST_FILE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))


if __name__ == "__main__":
    _, folder, *sys.argv = sys.argv
    sys.meta_path.insert(0, ModelFinder(Path(folder, "model.py")))
    limit()
    runpy.run_path(str(Path(folder, sys.argv[0])), run_name="__main__")
