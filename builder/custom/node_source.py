"""The files and packages of custom nodes that there are; finding them imports and runs nothing."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, entry_points
from pathlib import Path

from builder.custom.node_problem import Faulty, NodeProblem
from builder.custom.split_source import split
from builder.storage.folders import config_folder, list_directory
from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.strict_json import FileError, Limits, read_file

GROUP = "wireformer.nodes"
"""The group of the entry points of packages."""

SUFFIX = ".py"
LIMITS = Limits(size=2**20)

_CLASS = re.compile(rb"^class ([A-Za-z_]\w*)\(", re.MULTILINE)
"""A class of a file that cannot be parsed."""


@dataclass(frozen=True, slots=True)
class NodeSource:
    """A file or a package of custom nodes.

    Attributes:
        name: the absolute path of the file, or the name of the package.
        identity: what a consent is for: the hash of the content of the file, or the version of the
            package.
        names: the node types that it says it has.
        data: the content of the file; empty for a package.
        modules: the module of each node type, for a package.
        problem: why it cannot be used, if that is known without running it.
    """

    name: str
    identity: str
    names: tuple[str, ...] = ()
    data: bytes = b""
    modules: tuple[tuple[str, str], ...] = ()
    problem: NodeProblem | None = None

    @property
    def is_package(self) -> bool:
        """Whether it is a package."""
        return bool(self.modules)

    @property
    def origin(self) -> str:
        """Where the nodes come from, as shown to users."""
        return f"{self.name} {self.identity}" if self.is_package else self.name

    @property
    def title(self) -> str:
        """A short name: that of the file without its folder, or of the package."""
        return self.origin if self.is_package else Path(self.name).name


def nodes_folder() -> Path:
    """Return the folder of the user's own nodes."""
    return config_folder() / "nodes"


def find_sources(folders: Iterable[Path]) -> tuple[NodeSource, ...]:
    """List the files of custom nodes in folders, and the packages that are installed."""
    found = {source.name: source for folder in folders for source in files_in(folder)}
    found |= {source.name: source for source in packages()}
    return tuple(found.values())


def files_in(folder: Path) -> Iterator[NodeSource]:
    """List the files of a folder; those whose name begins with ``_`` or ``.`` are left out."""
    listing = list_directory(folder, SUFFIX)
    for entry in listing.entries:
        if not entry.is_folder and not entry.name.startswith("_"):
            yield read_source(entry.path)


def folder_stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what differs after a file of a folder was added, changed or removed."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                info = entry.stat()
                found.append((entry.name, info.st_mtime_ns, info.st_size))
    return tuple(sorted(found))


def read_source(path: Path) -> NodeSource:
    """Read a file of custom nodes; it is not run."""
    name = str(path.absolute())
    try:
        data = read_file(path, LIMITS)
    except FileError as error:
        return NodeSource(name, "", problem=NodeProblem(name, error.message))
    identity = f"sha256:{FileStamp.of(data).sha256}"
    try:
        nodes = split(data, name).nodes
    except Faulty as error:
        names = [found.decode() for found in _CLASS.findall(data)]
        return NodeSource(name, identity, tuple(names), data, problem=error.problem)
    return NodeSource(name, identity, tuple(nodes), data)


def packages() -> Iterator[NodeSource]:
    """List the installed packages with custom nodes, by their metadata alone."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for entry in entry_points(group=GROUP):
        if isinstance(entry.dist, Distribution):
            key = entry.dist.name, entry.dist.version
            found.setdefault(key, {})[entry.name] = entry.value
    for (name, version), values in sorted(found.items()):
        yield NodeSource(name, version, tuple(values), modules=tuple(values.items()))
