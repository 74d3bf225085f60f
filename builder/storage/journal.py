"""The journal: unsaved edits on the disk within a second, written by a thread of its own.

There is a journal only while something is not saved.  It is a file that its program holds locked,
so one that nobody holds was left by a program that died.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from builder.storage.journal_file import JournalFile, file_name, journal_folder
from builder.storage.journal_records import JournalRecord, pack
from builder.storage.log import LOG
from builder.storage.recovery import Recovered, discard, recoverable
from nodes.core.files.strict_json import quote

_PAUSE, _RETRY = 0.3, 3.0  # seconds between two records, and after one that could not be written
_PATIENCE = 10.0  # seconds to wait for a disk that does not answer


class Journal:
    """Keeps the newest state of one document on the disk.

    Edits that come faster than the disk takes them are kept together, the newest of them.
    """

    def __init__(self, state_dir: Path, warn: Callable[[str], object]) -> None:
        self._folder, self._warn = journal_folder(state_dir), warn
        self._token, self._count = secrets.token_hex(16), 0
        self._files: list[JournalFile] = []
        self._changed = threading.Condition()
        self._wanted: JournalRecord | None = None
        self._kept: JournalRecord | None = None
        self._urgent = self._ending = self._failing = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def keep(self, entry: JournalRecord | None) -> None:
        """Have an entry on the disk soon; None if all is saved, and nothing is to be kept."""
        with self._changed:
            self._wanted = entry
            self._changed.notify_all()

    def flush(self) -> bool:
        """Wait until the disk has what was given last, or cannot take it; tell which."""
        with self._changed:
            self._urgent = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._ending or not self._urgent, _PATIENCE)
            return self._kept is self._wanted

    def close(self) -> None:
        """Forget what is kept, and end."""
        with self._changed:
            self._wanted, self._urgent, self._ending = None, True, True
            self._changed.notify_all()
        self._thread.join(_PATIENCE)

    # -- on the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        going = True
        while going:
            entry = self._awaited()
            going = self._noted(entry, entry is self._kept or self._try(entry))

    def _awaited(self) -> JournalRecord | None:
        with self._changed:
            self._changed.wait_for(lambda: self._urgent or self._wanted is not self._kept)
            return self._wanted

    def _noted(self, entry: JournalRecord | None, done: bool) -> bool:
        """Tell who waits, and rest; tell whether there may be more to do."""
        with self._changed:
            if done:
                self._kept = entry
            if entry is self._wanted:
                self._urgent = False
                self._changed.notify_all()
                if self._ending:
                    return False
            self._changed.wait_for(lambda: self._urgent, _PAUSE if done else _RETRY)
            return True

    def _try(self, entry: JournalRecord | None) -> bool:
        """Bring the disk up to date; tell whether that could be done."""
        try:
            if entry is None:
                self._remove_files()
            else:
                self._write(entry)
        except Exception as error:  # noqa: BLE001 (whatever it is, the next edit is to be kept)
            if not self._failing:
                LOG.exception("a journal was not written")
                self._warn(_trouble(self._folder, error))
            self._failing = True
            return False
        self._failing = False
        return True

    def _write(self, entry: JournalRecord) -> None:
        data = pack(entry)
        if self._files and self._files[-1].usable:
            self._files[-1].append(data)
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / file_name(self._token, self._count)
        self._count += 1
        self._files.append(JournalFile.begun(path, data))
        # Only now: until here an earlier one held the newest state that there was.  If one cannot
        # be removed, it will be with the others; the newest is what counts.
        with suppress(OSError):
            self._remove_files(but=1)

    def _remove_files(self, but: int = 0) -> None:
        while len(self._files) > but:
            self._files[0].remove()
            del self._files[0]


def _trouble(folder: Path, error: Exception) -> str:
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    told = f"{quote(str(folder))} does not take them: {reason}; save often"
    return f"unsaved edits would be lost in a crash: {told}"


__all__ = ["Journal", "Recovered", "discard", "recoverable"]
