"""What programs that died have left: unsaved documents, to be restored or not."""

import os
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from builder.storage.journal_file import LARGEST, NAME, claim, journal_folder
from builder.storage.journal_records import JournalRecord, frames, unpack
from nodes.core.files.atomic_save import FileStamp
from nodes.core.files.model_file import load
from nodes.core.files.strict_json import LIMITS, open_file
from nodes.core.graphs.graph import Model

MOST = 5
"""As many journals of one document are kept once they were offered."""

LONGEST = 7 * 86_400.0
"""As many seconds are they kept."""

_SOON = 60.0  # seconds; a file that is this much younger than its records was offered before
_TRIES = 8  # of the newest records, one may be read back
_LARGEST = LARGEST + 2 * LIMITS.size


@dataclass(frozen=True, slots=True)
class Recovered:
    """A document that was not saved when its program died.

    Attributes:
        name: what to call it.
        path: its file; None if it never had one.
        saved_at: when the journal was written last, in local time.
        edits: how many edits were not saved.
        model: the model as it was then.
        file: the journal's newest file that can be read.
        stamp: which bytes its own file held when it was last read or saved.
    """

    name: str
    path: Path | None
    saved_at: datetime
    edits: int
    model: Model
    file: Path
    stamp: FileStamp | None


def recoverable(state_dir: Path) -> list[Recovered]:
    """List what was left and is not saved, newest first.

    What has been saved since is forgotten, and so is what was offered before and is too old or one
    too many.  Nothing else is: what nobody has been offered is kept however old it is.
    """
    found = [left for files in _journals(state_dir) if (left := _left(files)) is not None]
    found.sort(key=lambda left: left.saved_at, reverse=True)
    seen: Counter[Path | None] = Counter()
    offered = []
    for left in found:
        seen[left.path] += 1
        if _is_saved(left) or _is_spent(left, seen[left.path]):
            discard(left)
        else:
            offered.append(left)
    return offered


def discard(recovered: Recovered) -> None:
    """Forget what was left, for good."""
    token = recovered.file.name.partition("-")[0]
    _remove(recovered.file.parent.glob(f"{token}-*.journal"))


def _journals(state_dir: Path) -> Iterator[list[Path]]:
    """List the files of each journal, newest first."""
    files = defaultdict(list)
    with suppress(OSError):
        for path in sorted(journal_folder(state_dir).iterdir(), reverse=True):
            if name := NAME.fullmatch(path.name):
                files[name[1]].append(path)
    yield from files.values()


def _left(files: list[Path]) -> Recovered | None:
    """Tell what a journal holds, if its program has died."""
    with suppress(OSError, ValueError), ExitStack() as open_files:
        # One that is empty may be about to be locked by whoever has just made it.
        full = [path for path in files if path.stat().st_size]
        handles = [open_files.enter_context(open_file(path)) for path in full]
        if not all([claim(handle.fileno()) for handle in handles]):
            return None
        for path, handle in zip(full, handles, strict=True):
            entry = _newest(handle.read(_LARGEST))
            if entry is not None:
                return _recovered(entry, path)
        if all(_age(path) > LONGEST for path in files):
            _remove(files)
    return None


def _newest(data: bytes) -> JournalRecord | None:
    for record in reversed(deque(frames(data), _TRIES)):
        with suppress(ValueError):
            return unpack(record)
    return None


def _recovered(entry: JournalRecord, path: Path) -> Recovered:
    return Recovered(
        name=entry.path.name if entry.path else entry.model.name,
        path=entry.path,
        saved_at=datetime.fromtimestamp(entry.at).astimezone(),
        edits=entry.edits,
        model=entry.model,
        file=path,
        stamp=entry.stamp,
    )


def _is_saved(left: Recovered) -> bool:
    if left.path is not None:
        with suppress(OSError, ValueError):
            return load(left.path)[0] == left.model
    return False


def _is_spent(left: Recovered, place: int) -> bool:
    """Tell whether it need not be offered again; a file's own time tells when it first was."""
    with suppress(OSError):
        if left.file.stat().st_mtime > left.saved_at.timestamp() + _SOON:
            return place > MOST or _age(left.file) > LONGEST
        os.utime(left.file)
    return False


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def _remove(files: Iterable[Path]) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()
