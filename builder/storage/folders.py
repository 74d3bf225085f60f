"""Folders: those the program keeps for itself, and what a person finds in their own."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from nodes.core.files.strict_json import quote

SUFFIX = ".json"
MOST = 5000
"""As many entries of a folder are listed."""


def state_folder() -> Path:
    """Tell where journals, locks and the log lie."""
    return Path(os.environ.get("WIREFORMER_STATE") or platformdirs.user_state_dir("wireformer"))


def config_folder() -> Path:
    """Tell where the settings lie."""
    return Path(os.environ.get("WIREFORMER_CONFIG") or platformdirs.user_config_dir("wireformer"))


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A folder or a file in a folder."""

    name: str
    path: Path
    is_folder: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds.

    Attributes:
        folder: the folder, by its full path.
        entries: folders first, then files, each in the order of their names.
        error: why not all of it is here; empty if it is.
    """

    folder: Path
    entries: tuple[DirectoryEntry, ...] = ()
    error: str = ""


def listing(folder: str | Path, suffix: str = SUFFIX) -> Listing:
    """List the folders in a folder, and the files whose names end so; nothing hidden."""
    path = Path(folder)
    try:
        path = path.absolute()
        found = [one for one in _entries(path) if _is_offered(one, suffix, "")]
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        told = f"{quote(str(folder))} cannot be looked into: {reason}; choose another folder"
        return Listing(path, error=told)
    found.sort(key=_order)
    told = f"only {MOST} of {len(found)} names are listed; type the name" if found[MOST:] else ""
    return Listing(path, tuple(found[:MOST]), told)


def complete(text: str, suffix: str = SUFFIX) -> tuple[str, ...]:
    """Tell how a path may go on that is typed so far: each as it would stand in the field."""
    head, tail = os.path.split(text)
    kept = text[: len(text) - len(tail)]
    try:
        found = _entries(Path(os.path.expanduser(head) or os.curdir))
    except (OSError, ValueError):
        return ()
    fitting = sorted((one for one in found if _is_offered(one, suffix, tail)), key=_order)
    return tuple(f"{kept}{one.name}{os.sep if one.is_folder else ''}" for one in fitting[:MOST])


def _entries(folder: Path) -> list[DirectoryEntry]:
    with os.scandir(folder) as found:
        return [DirectoryEntry(one.name, folder / one.name, _is_folder(one)) for one in found]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle, say
        return False


def _is_offered(entry: DirectoryEntry, suffix: str, begun: str) -> bool:
    hidden = entry.name.startswith(".") and not begun.startswith(".")
    fits = entry.is_folder or entry.name.lower().endswith(suffix)
    return entry.name.startswith(begun) and fits and not hidden


def _order(entry: DirectoryEntry) -> tuple[bool, str, str]:
    return not entry.is_folder, entry.name.casefold(), entry.name
