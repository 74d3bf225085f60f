"""The program's own folders, and the listing of folders in which the user opens and saves."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from nodes.core.files.strict_json import quote

SUFFIX = ".json"
MAX_LISTED = 5000
"""The number of entries of a folder that are listed."""


def state_folder() -> Path:
    """Return the folder of journals, locks and the log."""
    return Path(os.environ.get("WIREFORMER_STATE") or platformdirs.user_state_dir("wireformer"))


def config_folder() -> Path:
    """Return the folder of the settings."""
    return Path(os.environ.get("WIREFORMER_CONFIG") or platformdirs.user_config_dir("wireformer"))


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A folder or a file in a folder."""

    name: str
    path: Path
    is_folder: bool


@dataclass(frozen=True, slots=True)
class DirectoryListing:
    """The entries of a folder.

    Attributes:
        folder: the absolute path of the folder.
        entries: folders first, then files, each in alphabetical order.
        error: why entries are missing; empty if the listing is complete.
    """

    folder: Path
    entries: tuple[DirectoryEntry, ...] = ()
    error: str = ""


def list_directory(folder: str | Path, suffix: str = SUFFIX) -> DirectoryListing:
    """List the folders in a folder and the files with a suffix, without hidden ones."""
    path = Path(folder)
    try:
        path = path.absolute()
        found = [entry for entry in _entries(path) if _is_listed(entry, suffix)]
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        message = f"{quote(str(folder))} cannot be listed: {reason}; choose another folder"
        return DirectoryListing(path, error=message)
    found.sort(key=_sort_key)
    message = ""
    if len(found) > MAX_LISTED:
        message = f"only {MAX_LISTED} of {len(found)} names are listed; type the name"
    return DirectoryListing(path, tuple(found[:MAX_LISTED]), message)


def _entries(folder: Path) -> list[DirectoryEntry]:
    with os.scandir(folder) as entries:
        return [
            DirectoryEntry(entry.name, folder / entry.name, _is_folder(entry)) for entry in entries
        ]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symbolic link that leads to itself, say
        return False


def _is_listed(entry: DirectoryEntry, suffix: str) -> bool:
    fits = entry.is_folder or entry.name.lower().endswith(suffix)
    return fits and not entry.name.startswith(".")


def _sort_key(entry: DirectoryEntry) -> tuple[bool, str, str]:
    return not entry.is_folder, entry.name.casefold(), entry.name
