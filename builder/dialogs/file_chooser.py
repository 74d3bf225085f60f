"""The choice of a file, step by step: where one is, what is typed, and what may be done."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from builder.storage.folders import SUFFIX, DirectoryEntry, DirectoryListing, list_directory
from nodes.core.files.strict_json import quote

OPEN, SAVE, EXPORT = "open", "save", "export"
NO_FILES = os.sep
"""No name ends so: only folders are listed."""


@dataclass(frozen=True)
class Choice:
    """Where the choice of a file stands.

    Attributes:
        purpose: "open", "save" or "export".
        base: the folder that was gone to; what is typed goes on from there.
        folder: the folder that is looked into.
        text: what stands in the field for the path.
        name: what stands in the field for the name of the file to save.
        agreed: the file that may be replaced, as the person has said.
    """

    purpose: str
    base: Path
    folder: Path
    text: str
    name: str = ""
    agreed: Path | None = None

    @classmethod
    def begin(cls, purpose: str, folder: Path, name: str = "") -> Self:
        """Begin in a folder."""
        return cls(purpose, folder, folder, "", name).entered(folder)

    @property
    def suffix(self) -> str:
        """How the names of the files end that are listed."""
        return NO_FILES if self.purpose == EXPORT else SUFFIX

    # -- going about -----------------------------------------------------------------------------

    def entered(self, folder: Path) -> Self:
        """Go to a folder."""
        folder = folder.expanduser().absolute()
        text = str(folder)
        text = text if text.endswith(os.sep) else f"{text}{os.sep}"
        return replace(self, base=folder, folder=folder, text=text, agreed=None)

    def up(self) -> Self:
        """Go to the folder around this one."""
        return self.entered(self.folder.parent)

    def typed(self, text: str) -> Self:
        """Follow what is typed: up to the last separator a folder, the rest the start of a name."""
        folder = self.base / Path(os.path.split(text)[0]).expanduser()
        known = folder if _is_folder(folder) else self.base
        return replace(self, text=text, folder=known, agreed=None)

    def named(self, name: str) -> Self:
        """Give the file to save a name."""
        return replace(self, name=name, agreed=None)

    def completed(self) -> Self:
        """Go to the folder that the name typed so far means, if it means one."""
        first = next(iter(self.rows), None) if self.at == 0 else None
        return self.entered(first.path) if first is not None and first.is_folder else self

    # -- what is there ---------------------------------------------------------------------------

    @cached_property
    def found(self) -> DirectoryListing:
        """What the folder holds."""
        return list_directory(self.folder, self.suffix)

    @cached_property
    def rows(self) -> tuple[DirectoryEntry, ...]:
        """What is listed: the way up, and what the name that is typed may mean."""
        begun = os.path.split(self.text)[1].casefold()
        fitting = [one for one in self.found.entries if begun in one.name.casefold()]
        fitting.sort(key=lambda one: not one.name.casefold().startswith(begun))
        around = self.folder.parent
        up = (
            [] if begun or around == self.folder else [DirectoryEntry("..", around, is_folder=True)]
        )
        return (*up, *fitting)

    @property
    def at(self) -> int:
        """The row that is chosen at first: what the name that is typed means, else none."""
        begun = os.path.split(self.text)[1]
        return 0 if begun and self.rows else -1

    # -- what is chosen --------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """What would be opened, saved to, or exported to."""
        if self.purpose == EXPORT:
            return self._typed_path if _is_folder(self._typed_path) else self.folder
        if self.purpose == OPEN:
            return self._typed_path
        name = self.name.strip()
        path = self.folder / Path(name).expanduser()
        ends = not name or not path.name or path.name.lower().endswith(SUFFIX)
        return path if ends else path.with_name(f"{path.name}{SUFFIX}")

    @property
    def _typed_path(self) -> Path:
        return self.base / Path(self.text).expanduser()

    @property
    def objection(self) -> str:
        """Tell why that cannot be; empty where it can."""
        path = self.path
        if self.purpose == EXPORT:
            return self.found.error
        if self.purpose == OPEN:
            return "" if _holds(path.is_file) else f"{quote(str(path))} is no file; choose one"
        if not self.name.strip():
            return "the file needs a name"
        if _is_folder(path):
            return f"{quote(path.name)} is a folder; choose another name"
        if not _is_folder(path.parent):
            return f"{quote(str(path.parent))} is no folder; choose another, or make it first"
        return ""

    @property
    def replaces(self) -> bool:
        """Tell whether a file is there that is not agreed to be replaced."""
        return self.purpose == SAVE and _holds(self.path.exists) and self.path != self.agreed

    def agree(self) -> Self:
        """Agree that the file is replaced."""
        return replace(self, agreed=self.path)

    # -- new folders -----------------------------------------------------------------------------

    def with_folder(self, name: str) -> Self:
        """Make a folder in this one, and go there.

        Raises:
            ValueError: it cannot be made; the message says why.
        """
        name = name.strip()
        if not name or name in (os.curdir, os.pardir) or Path(name).name != name:
            raise ValueError("a name is expected, without separators")
        path = self.folder / name
        try:
            path.mkdir()
        except FileExistsError:
            raise ValueError(f"{quote(name)} is there already; choose another name") from None
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise ValueError(f"{quote(name)} cannot be made: {reason}") from error
        return self.entered(path)


def _is_folder(path: Path) -> bool:
    return _holds(path.is_dir)


def _holds(question: Callable[[], bool]) -> bool:
    """Ask the disk; what cannot be a path is not there."""
    try:
        return question()
    except (OSError, ValueError):
        return False


def places(recent: Iterable[str]) -> list[tuple[str, Path]]:
    """List folders to go to at once: the home, the present one, and those of recent files."""
    found = {Path.home(): "Home", Path.cwd(): "Here"}
    for one in _folders(recent):
        found.setdefault(one, one.name or str(one))
    return [(title, path) for path, title in found.items()]


def _folders(recent: Iterable[str]) -> Iterator[Path]:
    for one in recent:
        folder = Path(one).parent
        if _is_folder(folder):
            yield folder
