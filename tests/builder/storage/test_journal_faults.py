"""A journal survives the failure of any system call, and works again afterwards."""

import errno
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.storage import journal_file
from builder.storage.session import Session
from nodes.core.files.strict_json import quote
from tests.builder.sessions import a_session, edit, journals, left
from tests.nodes.save_workspace import in_child

pytestmark = pytest.mark.slow

CALLS = ("open", "fstat", "write", "fdatasync", "fsync", "close", "unlink")
BEGIN = ["open", "write", "fdatasync", "open", "fsync", "close"]


def calls_of(work: Callable[[], object], fail_at: int = -1) -> list[str]:
    """List the system calls of some work; one of them may fail."""
    made, real = [], {name: getattr(os, name) for name in CALLS}

    def wrapped(name: str) -> Callable:
        def call(*args, **options):
            made.append(name)
            if len(made) - 1 == fail_at:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return real[name](*args, **options)

        return call

    for name in CALLS:
        setattr(os, name, wrapped(name))
    try:
        work()
    finally:
        for name in CALLS:
            setattr(os, name, real[name])
    return made


def flushed(session: Session, name: str) -> bool:
    edit(session, name)
    return session.journal.flush()


def test_an_edit_is_synced_and_the_old_file_is_removed_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    session = a_session(tmp_path)
    assert calls_of(lambda: flushed(session, "one")) == BEGIN
    assert calls_of(lambda: flushed(session, "two")) == ["fstat", "write", "fdatasync"]
    monkeypatch.setattr(journal_file, "MAX_SIZE", 1)
    assert calls_of(lambda: flushed(session, "three")) == [*BEGIN, "unlink", "close"]
    assert calls_of(session.close) == ["unlink", "close"]
    assert journals(tmp_path) == []


@pytest.mark.parametrize("max_size", [1, journal_file.MAX_SIZE])
@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("at", range(len(BEGIN) + 3))
def test_whatever_call_fails_the_newest_flushed_edit_is_recovered(
    at: int, more: bool, max_size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_file, "MAX_SIZE", max_size)
    newest = tmp_path / "newest"

    def live() -> int:
        session = a_session(tmp_path)
        assert flushed(session, "1")
        done = []
        calls_of(lambda: done.append(flushed(session, "2")), fail_at=at)
        newest.write_text("2" if done[0] else "1")
        assert len(session.warnings) == 1 - done[0]
        if more:
            assert flushed(session, "3")
            newest.write_text("3")
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(live) == -signal.SIGKILL
    assert left(tmp_path).model.name >= newest.read_text()


def test_a_full_disk_is_one_warning_and_corrupts_nothing(tmp_path: Path):
    def live() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        session = a_session(tmp_path)
        edit(session, "one")
        assert session.journal.flush()
        full = next((tmp_path / "journals").iterdir()).stat().st_size + 100
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, hard))
        for letter in "xy":
            edit(session, letter * 150)
            assert not session.journal.flush()
        assert session.warnings == [
            "unsaved edits would be lost in a crash: the journal cannot be written to "
            f"{quote(str(tmp_path / 'journals'))}: the file is larger than the disk or a limit "
            "allows; free some space, or choose a folder on another disk; until then save often"
        ]
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(live) == -signal.SIGKILL
    assert left(tmp_path).model.name == "one"


def test_once_there_is_space_again_the_newest_edit_is_written(tmp_path: Path):
    def live() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        session = a_session(tmp_path)
        edit(session, "one")
        assert session.journal.flush()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        edit(session, "two")
        assert not session.journal.flush()
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert session.journal.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(live) == -signal.SIGKILL
    assert left(tmp_path).model.name == "two"
    assert len(journals(tmp_path)) == 1


def test_a_file_that_could_not_be_removed_is_removed_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal_file, "MAX_SIZE", 1)
    session = a_session(tmp_path)
    assert flushed(session, "one")
    calls_of(lambda: flushed(session, "two"), fail_at=len(BEGIN))
    assert len(journals(tmp_path)) == 2
    assert flushed(session, "three")
    assert len(journals(tmp_path)) == 1
    session.close()
    assert journals(tmp_path) == []
