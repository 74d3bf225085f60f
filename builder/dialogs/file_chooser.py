"""The view model of the file dialog: the folder, what is typed, and the path that it selects."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from builder.storage.folders import SUFFIX, DirectoryEntry, DirectoryListing, list_directory
from nodes.core.files.strict_json import quote
from nodes.core.files.write_errors import reason

OPEN, SAVE, EXPORT = "open", "save", "export"
LONGEST_FILE_NAME = 255
"""The most bytes in the name of a file on the usual file systems."""
NO_FILES = os.sep
"""A suffix that no file name has, so that only folders are listed."""


@dataclass(frozen=True)
class FileChooser:
    """The state of a file dialog.

    Attributes:
        purpose: "open", "save" or "export".
        base: the folder that typed paths are relative to.
        folder: the folder that is listed.
        text: the text of the path field.
        name: the text of the field for the name of the file to save.
        confirmed: the existing file that the user has agreed to replace.
    """

    purpose: str
    base: Path
    folder: Path
    text: str
    name: str = ""
    confirmed: Path | None = None

    @classmethod
    def begin(cls, purpose: str, folder: Path, name: str = "") -> Self:
        """Start in a folder."""
        return cls(purpose, folder, folder, "", name).in_folder(folder)

    @property
    def suffix(self) -> str:
        """The suffix of the files that are listed."""
        return NO_FILES if self.purpose == EXPORT else SUFFIX

    # -- navigation ------------------------------------------------------------------------------

    def in_folder(self, folder: Path) -> Self:
        """Go to a folder."""
        folder = folder.expanduser().absolute()
        text = str(folder)
        text = text if text.endswith(os.sep) else f"{text}{os.sep}"
        return replace(self, base=folder, folder=folder, text=text, confirmed=None)

    def in_parent_folder(self) -> Self:
        """Go to the parent folder."""
        return self.in_folder(self.folder.parent)

    def with_text(self, text: str) -> Self:
        """Set the path field: a folder up to the last separator, then the start of a name."""
        typed = self.base / Path(os.path.split(text)[0]).expanduser()
        folder = typed if _is_folder(typed) else self.base
        return replace(self, text=text, folder=folder, confirmed=None)

    def with_name(self, name: str) -> Self:
        """Set the name of the file to save."""
        return replace(self, name=name, confirmed=None)

    def completed(self) -> Self:
        """Go to the folder that the typed name completes to, if there is one."""
        first = next(iter(self.rows), None) if self.initial_row == 0 else None
        return self.in_folder(first.path) if first is not None and first.is_folder else self

    # -- the list --------------------------------------------------------------------------------

    @cached_property
    def listing(self) -> DirectoryListing:
        """The entries of the folder."""
        return list_directory(self.folder, self.suffix)

    @cached_property
    def rows(self) -> tuple[DirectoryEntry, ...]:
        """The parent folder, and the entries that match the typed name."""
        typed = self._typed_name.casefold()
        matching = [entry for entry in self.listing.entries if typed in entry.name.casefold()]
        matching.sort(key=lambda entry: not entry.name.casefold().startswith(typed))
        parent = self.folder.parent
        if typed or parent == self.folder:
            return tuple(matching)
        return (DirectoryEntry("..", parent, is_folder=True), *matching)

    @property
    def initial_row(self) -> int:
        """The row that is selected: the first match of the typed name, else -1."""
        return 0 if self._typed_name and self.rows else -1

    @property
    def _typed_name(self) -> str:
        return os.path.split(self.text)[1]

    # -- the selected path -----------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The path to open, to save to, or to export to."""
        if self.purpose == EXPORT:
            return self._typed_path if _is_folder(self._typed_path) else self.folder
        if self.purpose == OPEN:
            return self._typed_path
        name = self.name.strip()
        path = self.folder / Path(name).expanduser()
        complete = not name or not path.name or path.name.lower().endswith(SUFFIX)
        return path if complete else path.with_name(f"{path.name}{SUFFIX}")

    @property
    def _typed_path(self) -> Path:
        return self.base / Path(self.text).expanduser()

    @property
    def error(self) -> str:
        """Why the path cannot be used; empty if it can."""
        path = self.path
        if self.purpose == EXPORT:
            return self.listing.error
        if self.purpose == OPEN:
            return "" if _succeeds(path.is_file) else f"{quote(str(path))} is no file; choose one"
        return self._error_of_name(path)

    def _error_of_name(self, path: Path) -> str:
        """Why a file cannot be saved at a path; empty if it can."""
        if not self.name.strip():
            return "enter a name for the file"
        if (length := len(os.fsencode(path.name))) > LONGEST_FILE_NAME:
            expected = f"expected a name of at most {LONGEST_FILE_NAME} bytes"
            return f"{expected}, got {length}; choose a shorter one"
        if _is_folder(path):
            return f"{quote(path.name)} is a folder; choose another name"
        if not _is_folder(path.parent):
            return f"{quote(str(path.parent))} is no folder; choose another, or create it first"
        return ""

    @property
    def needs_confirmation(self) -> bool:
        """Whether saving replaces a file, and the user has not agreed to it."""
        exists = self.purpose == SAVE and _succeeds(self.path.exists)
        return exists and self.path != self.confirmed

    def confirm(self) -> Self:
        """Agree to replace the file."""
        return replace(self, confirmed=self.path)

    # -- new folders -----------------------------------------------------------------------------

    def create_folder(self, name: str) -> Self:
        """Create a folder in this one, and go there.

        Raises:
            ValueError: the folder cannot be created; the message says why.
        """
        name = name.strip()
        if not name or name in (os.curdir, os.pardir) or Path(name).name != name:
            raise ValueError("enter a name without separators")
        path = self.folder / name
        try:
            path.mkdir()
        except FileExistsError:
            raise ValueError(f"{quote(name)} already exists; choose another name") from None
        except (OSError, ValueError) as error:
            raise ValueError(f"{quote(name)} cannot be created: {reason(error)}") from error
        return self.in_folder(path)


def _is_folder(path: Path) -> bool:
    return _succeeds(path.is_dir)


def _succeeds(query: Callable[[], bool]) -> bool:
    """Query the disk; an invalid path does not exist."""
    try:
        return query()
    except (OSError, ValueError):
        return False


def bookmarks(recent: Iterable[str]) -> list[tuple[str, Path]]:
    """List titles and paths of the home folder, the current folder, and those of recent files."""
    titles = {Path.home(): "Home", Path.cwd(): "Current folder"}
    for folder in _folders(recent):
        titles.setdefault(folder, folder.name or str(folder))
    return [(title, path) for path, title in titles.items()]


def _folders(recent: Iterable[str]) -> Iterator[Path]:
    for file in recent:
        folder = Path(file).parent
        if _is_folder(folder):
            yield folder
