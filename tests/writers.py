"""Every writer of files that the product has, in versions that can be told from one another.

A writer writes version after version of what it writes, and says of what is on the disk which
version it is; anything else, such as files of different versions side by side, is torn.
"""

import importlib
import importlib.util
import logging
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from builder.storage.export import write_file, write_project
from builder.storage.journal import Journal, discard, recoverable_documents
from builder.storage.journal_records import JournalRecord
from builder.storage.log import LOG
from builder.storage.settings import Settings
from nodes.core.files.atomic_save import ANYTHING, NotConfirmed, NotSaved
from nodes.core.files.model_file import dumps, load, save
from nodes.core.graphs.graph import Model

ROOT = Path(__file__).parents[1]
TORN = -1
NOTES = "what the user keeps beside it"
SAVED, NOT_SAVED, NOT_CONFIRMED = "saved", "not saved", "not confirmed"


def text_of(version: int) -> str:
    return f"{version:09}\n" * 600


def version_of(path: Path) -> int:
    """Return the version of a file; 0 if there is none."""
    if not path.exists():
        return 0
    text = path.read_text()
    version = int(text[:9]) if text[:9].isdigit() else TORN
    return version if text == text_of(version) else TORN


class Writer:
    """Writes versions into a folder in which the user has files of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder / "files", folder / "state"
        for own in (self.folder, self.folder / "out"):
            own.mkdir(parents=True)
            (own / "notes.txt").write_text(NOTES)
        os.environ["WIREFORMER_STATE"] = str(self.state)
        self.prepare()

    def prepare(self) -> None:
        """Write the first version."""
        self.make_ready(1)
        assert self.write(1) == SAVED

    def make_ready(self, version: int) -> None:
        """Do what the user does before a version is written."""

    def write(self, version: int) -> str:
        """Write a version; return what the product says of it."""
        try:
            self.save(version)
        except NotSaved:
            return NOT_SAVED
        except NotConfirmed:
            return NOT_CONFIRMED
        return SAVED

    def save(self, version: int) -> None:
        raise NotImplementedError

    def version(self) -> int:
        """Return the version on the disk; 0 for none, TORN for a mixture."""
        raise NotImplementedError

    def kept(self) -> bool:
        """Return whether the files of the user are as they were."""
        own = [self.folder / "notes.txt", self.folder / "out" / "notes.txt"]
        return all(path.read_text() == NOTES for path in own)

    def leftovers(self) -> list[str]:
        """List the temporary files."""
        return [path.name for path in self.folder.parent.rglob(".wireformer-*")]


class Graphs(Writer):
    """Saves a graph."""

    def save(self, version: int) -> None:
        save(Model(f"{version}"), self.folder / "a.json", ANYTHING, state_dir=self.state)

    def version(self) -> int:
        with suppress(ValueError):
            model, _ = load(self.folder / "a.json")
            written = (self.folder / "a.json").read_bytes()
            return int(model.name) if written == dumps(model) else TORN
        return TORN


class SettingsFiles(Writer):
    """Saves the settings."""

    def write(self, version: int) -> str:
        stored = Settings(folder=self.folder, recent=[f"/{version}.json"] * 12)
        return NOT_SAVED if stored.save() else SAVED

    def version(self) -> int:
        stored = Settings.load(self.folder)
        numbers = {Path(recent).stem for recent in stored.recent}
        return int(numbers.pop()) if len(numbers) == 1 and not stored.warning else TORN


class SingleFiles(Writer):
    """Writes a picture, a file of code or sample data."""

    def save(self, version: int) -> None:
        write_file(self.folder / "model.py", text_of(version), overwrite=True)

    def version(self) -> int:
        return version_of(self.folder / "model.py")


class Projects(Writer):
    """Replaces a project of two files."""

    def save(self, version: int) -> None:
        files = dict.fromkeys(("model.py", "train.py"), text_of(version))
        write_project(files, self.folder, overwrite=True)

    def version(self) -> int:
        return pair_version(self.folder)


def pair_version(folder: Path) -> int:
    versions = {version_of(folder / name) for name in ("model.py", "train.py")}
    return versions.pop() if len(versions) == 1 else TORN


class NewProjects(Writer):
    """Writes each version of a project into a folder of its own."""

    def target(self, version: int) -> Path:
        return self.folder / "build" / f"{version}"

    def save(self, version: int) -> None:
        files = dict.fromkeys(("model.py", "train.py"), text_of(version))
        write_project(files, self.target(version))

    def version(self) -> int:
        """Return the version of the newest folder; remove the others, which were looked at."""
        folders = [path for path in (self.folder / "build").iterdir() if path.name.isdigit()]
        versions = {folder: pair_version(folder) for folder in folders}
        newest = max(versions.values(), default=0)
        for folder, version in versions.items():
            if version not in (0, int(folder.name)):
                return TORN
            if 0 < version < newest:
                shutil.rmtree(folder)
        return newest


class FirstProjects(NewProjects):
    """Writes each version of a project into a folder that the user has made."""

    def make_ready(self, version: int) -> None:
        self.target(version).mkdir(parents=True, exist_ok=True)

    def leftovers(self) -> list[str]:
        """List what is left once each folder has been written to again."""
        for path in self.folder.rglob(".wireformer-*"):
            super().save(int(path.parent.name))
        return super().leftovers()


class Journals(Writer):
    """Appends unsaved edits to a journal."""

    def prepare(self) -> None:
        """Write nothing: a journal belongs to the process that writes it."""
        LOG.addHandler(logging.NullHandler())
        self.journal: Journal | None = None

    def write(self, version: int) -> str:
        if self.journal is None:
            self.journal = Journal(self.state, [].append)
        self.journal.put(JournalRecord(Model(f"{version}"), None, None, version))
        return SAVED if self.journal.flush() else NOT_SAVED

    def version(self) -> int:
        """Return the newest edit of a journal whose process is dead; remove the other journals."""
        documents = recoverable_documents(self.state)
        documents.sort(key=lambda document: int(document.name))
        for document in documents[:-1]:
            discard(document)
        return int(documents[-1].name) if documents else 0


class Checkpoints(Writer):
    """Saves the checkpoints of a training script."""

    def prepare(self) -> None:
        self.script = checkpoint_script()
        super().prepare()

    def write(self, version: int) -> str:
        try:
            weights = self.script.torch.full((5000,), float(version))
            self.script.save({"step": version, "weights": weights}, self.folder / "last.pt")
        except SystemExit:
            return NOT_SAVED
        return SAVED

    def version(self) -> int:
        saved = self.script.load(self.folder / "last.pt", "cpu")
        return saved["step"] if (saved["weights"] == saved["step"]).all() else TORN

    def leftovers(self) -> list[str]:
        return [path.name for path in self.folder.glob("*.part")]


def checkpoint_script() -> ModuleType:
    """Import the part of training scripts that saves; it uses nothing of the other parts."""
    importlib.import_module("torch")  # first, as what is patched is forgotten
    parts = {name: ModuleType(name) for name in ("model", "train")}
    for part in parts.values():
        part.Config = part.Model = part.Codec = object
    path = ROOT / "codegen" / "project" / "training" / "checkpoints.py"
    spec = importlib.util.spec_from_file_location("exported_checkpoints", path)
    script = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, parts):
        spec.loader.exec_module(script)
    return script


FILE_WRITERS: dict[str, Callable[[Path], Writer]] = {
    "graph": Graphs,
    "settings": SettingsFiles,
    "single file": SingleFiles,
    "project": Projects,
    "new project": NewProjects,
    "first project": FirstProjects,
}
"""The writers of whole files, which share one protocol."""

WRITERS = FILE_WRITERS | {"journal": Journals, "checkpoint": Checkpoints}
