"""A model of a disk that loses power: what was not synced may be there or not, in any combination.

A file has the content of its last `fsync`; without one, or written to since, its content is lost.
Names come to a folder, and go from it, with the `fsync` of the folder; until then each of them may
have, and may have not, whatever came before and after it.  File systems keep more; none keeps less.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

LOST = b"lost"


@dataclass(eq=False)
class File:
    """A file: what is on the disk of it, and what has been written."""

    synced: bytes = LOST
    written: bytes = b""


@dataclass(eq=False)
class Folder:
    """A folder: the names that are on the disk, all names, and the changes between the two."""

    synced: "dict[str, Node]" = field(default_factory=dict)
    names: "dict[str, Node]" = field(default_factory=dict)
    changes: "list[tuple[str, Node | None]]" = field(default_factory=list)

    def set(self, name: str, node: "Node | None") -> None:
        apply_change(self.names, name, node)
        self.changes.append((name, node))

    def sync(self) -> None:
        self.synced, self.changes = dict(self.names), []

    def after_power_loss(self, random: Random, share: float) -> "dict[str, Node]":
        """Return the names after a loss of power that keeps a share of the changes."""
        kept = dict(self.synced)
        for name, node in self.changes:
            if random.random() < share:
                apply_change(kept, name, node)
        return kept


Node = File | Folder | str
"""A file, a folder, or the text of a symbolic link."""


def apply_change(names: "dict[str, Node]", name: str, node: "Node | None") -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


class Disk:
    """Follows the system calls below a folder; the names of the calls are those of `os`."""

    def __init__(self, root: Path) -> None:
        self.root, self.tree = root, read_tree(root)
        self.handles: dict[int, Node] = {}
        self.at_each_call: Callable[[], object] = bool

    def __call__(self, name: str, call: Callable, args: tuple) -> object:
        result = call()
        follow = getattr(self, f"_{name}", None)
        if follow and any(a in self.handles or self._is_inside(a) for a in args):
            follow(result, *args)
            self.at_each_call()
        return result

    def _is_inside(self, path: object) -> bool:
        """Return whether an argument is a path in the folder.

        What `shutil.rmtree` removes is none, as it goes by handles; it removes the stage only.
        """
        return isinstance(path, str | Path) and Path(path).is_relative_to(self.root)

    def _place(self, path: str) -> tuple[Folder, str]:
        folder, name = os.path.split(path)
        return self._node(folder), name

    def _node(self, path: str) -> Node:
        node: Node = self.tree
        for name in Path(path).relative_to(self.root).parts:
            node = node.names[name]
        return node

    def _open(self, handle: int, path: str, flags: int, _mode: int = 0) -> None:
        if flags & os.O_CREAT:
            folder, name = self._place(path)
            folder.set(name, File())
        self.handles[handle] = self._node(path)

    def _write(self, count: int, handle: int, data: bytes) -> None:
        if handle in self.handles:
            self.handles[handle].written += bytes(data[:count])
            self.handles[handle].synced = LOST

    def _fsync(self, _: None, handle: int) -> None:
        node = self.handles.get(handle)
        if isinstance(node, File):
            node.synced = node.written
        elif node is not None:
            node.sync()

    def _close(self, _: None, handle: int) -> None:
        self.handles.pop(handle, None)

    def _mkdir(self, _: None, path: str, _mode: int = 0) -> None:
        folder, name = self._place(path)
        folder.set(name, Folder())

    def _symlink(self, _: None, text: str, path: str) -> None:
        folder, name = self._place(path)
        folder.set(name, text)

    def _link(self, _: None, source: str, path: str) -> None:
        folder, name = self._place(path)
        folder.set(name, self._node(source))

    def _unlink(self, _: None, path: str) -> None:
        folder, name = self._place(path)
        folder.set(name, None)

    def _replace(self, _: None, source: str, path: str) -> None:
        folder, name = self._place(path)
        folder.set(name, self._node(source))
        self._unlink(None, source)

    _rename, _rmdir = _replace, _unlink

    def lose_power(self, target: Path, random: Random, share: float) -> None:
        """Write into a folder what is there after a loss of power."""
        _write_tree(self.tree, target, random, share)


def read_tree(path: Path) -> Folder:
    """Read a folder whose content has long been on the disk."""
    folder = Folder()
    for entry in path.iterdir():
        if entry.is_dir():
            folder.names[entry.name] = read_tree(entry)
        else:
            folder.names[entry.name] = File(entry.read_bytes(), entry.read_bytes())
    folder.sync()
    return folder


def _write_tree(folder: Folder, target: Path, random: Random, share: float) -> None:
    target.mkdir()
    for name, node in folder.after_power_loss(random, share).items():
        if isinstance(node, Folder):
            _write_tree(node, target / name, random, share)
        elif isinstance(node, File):
            (target / name).write_bytes(node.synced)
        else:
            (target / name).symlink_to(node)
