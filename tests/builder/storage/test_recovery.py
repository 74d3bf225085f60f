"""Recovery: what a crash leaves is offered, restored, and removed once it is saved or old."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.document.document import Document
from builder.document.store import Store
from builder.storage.journal import discard, recoverable_documents
from builder.storage.recovery import MAX_AGE, MAX_OFFERED
from builder.storage.session import Session
from nodes.core.files.atomic_save import Changed, FileStamp
from nodes.core.files.model_file import load, save
from tests.builder.sessions import (
    STAMP,
    TOKEN,
    Workspace,
    a_record,
    die_after,
    edit,
    journal_of,
    journals,
    leave,
    left,
)

RECORD = a_record(3)
DATA = journal_of(a_record(1), RECORD)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path)
    yield workspace
    workspace.close()


# Restoring


def test_a_restored_document_is_dirty_and_belongs_to_its_old_file(workspace: Workspace):
    def work(session: Session) -> None:
        session.open(workspace.path)
        edit(session, "one")
        edit(session, "two")

    before = workspace.path.read_bytes()
    die_after(workspace.state, work)
    found, session = left(workspace.state), workspace.session()
    assert (found.path, found.edits, found.stamp) == (workspace.path, 2, FileStamp.of(before))
    session.restore(found)
    assert (session.title, session.dirty) == ("a.json", True)
    assert session.store.document.model.name == "two"
    assert workspace.path.read_bytes() == before
    session.save()
    assert load(workspace.path)[0].name == "two"
    session.journal.flush()
    assert journals(workspace.state) == []


def test_a_restored_document_survives_another_crash(workspace: Workspace):
    die_after(workspace.state, lambda session: [edit(session, name) for name in ("one", "two")])
    found = left(workspace.state)
    die_after(workspace.state, lambda session: session.restore(found))
    again = left(workspace.state)
    assert again.file != found.file
    assert (again.model, again.edits, again.path) == (found.model, 2, None)
    die_after(workspace.state, lambda session: (session.restore(again), edit(session, "three")))
    assert (left(workspace.state).model.name, left(workspace.state).edits) == ("three", 3)


def test_a_journal_is_kept_until_the_restored_document_is_journaled(workspace: Workspace):
    die_after(workspace.state, lambda session: edit(session, "one"))
    found = left(workspace.state)
    session = Session(Store(Document()), workspace.path)
    session.restore(found)
    assert session.store.document.model.name == "one"
    assert found.file.exists()
    session.close()


def test_a_file_that_changed_since_the_crash_is_not_overwritten_unasked(workspace: Workspace):
    def work(session: Session) -> None:
        session.open(workspace.path)
        edit(session, "one")

    die_after(workspace.state, work)
    workspace.rewrite(b"a model", b"b model")
    session = workspace.session()
    session.restore(left(workspace.state))
    assert session.changed_on_disk()
    with pytest.raises(Changed):
        session.save()


def test_nothing_is_recoverable_once_saved_undone_or_closed(workspace: Workspace):
    for end in ("save", "undo", "new", "open", "close"):
        session = workspace.opened()
        edit(session, f"before {end}")
        assert session.journal.flush()
        step = {"undo": session.store.undo, "open": lambda: session.open(workspace.path)}  # noqa: B023
        step.get(end, getattr(session, end, None))()
        session.journal.flush()
        assert journals(workspace.state) == [], end
        assert recoverable_documents(workspace.state) == []


def test_a_file_name_that_is_not_valid_unicode_is_restored(workspace: Workspace):
    path = workspace.folder / os.fsdecode(b"\xff\xe2.json")

    def work(session: Session) -> None:
        edit(session, "one")
        edit(session, "two")
        session.save(path)
        edit(session, "three")

    die_after(workspace.state, work)
    session, found = workspace.session(), left(workspace.state)
    assert found.edits == 1
    session.restore(found)
    session.save()
    assert session.path == path
    assert load(path)[0].name == "three"


# What is offered, and how long


def test_a_document_that_was_saved_since_is_not_offered(tmp_path: Path):
    path = tmp_path / "a.json"
    save(a_record(1).model, path, None, state_dir=tmp_path)
    leave(tmp_path, journal_of(a_record(1, path=path)))
    assert recoverable_documents(tmp_path) == []
    assert journals(tmp_path) == []


@pytest.mark.parametrize("there", [b"", b"{", None])
def test_a_document_that_differs_from_its_file_is_offered(there: bytes | None, tmp_path: Path):
    path = tmp_path / "a.json"
    if there is not None:
        path.write_bytes(there)
    leave(tmp_path, journal_of(a_record(1, path=path)))
    found = left(tmp_path)
    assert (found.path, found.name, found.stamp) == (path, "a.json", STAMP)


def test_the_newest_is_offered_first(tmp_path: Path):
    for number in (2, 3, 1):
        record = a_record(number, path=Path(f"/somewhere/{number}.json"))
        leave(tmp_path, journal_of(record), f"{number:032x}")
    assert [recovered.name for recovered in recoverable_documents(tmp_path)] == [
        "3.json",
        "2.json",
        "1.json",
    ]


def offered_again(state: Path, age: float) -> list[str]:
    """List what is offered again, that long after the first offer."""
    recoverable_documents(state)
    for path in (state / "journals").iterdir():
        os.utime(path, (time.time() - age,) * 2)
    return [recovered.model.name for recovered in recoverable_documents(state)]


def test_a_document_never_offered_before_is_offered_whatever_its_age(tmp_path: Path):
    leave(tmp_path, DATA)
    assert left(tmp_path).model == RECORD.model
    assert left(tmp_path).model == RECORD.model


def test_the_retention_period_begins_with_the_first_offer(tmp_path: Path):
    path, now = leave(tmp_path, DATA), time.time()
    assert recoverable_documents(tmp_path) != []
    assert path.stat().st_mtime > now - 3600


def test_an_offered_document_is_kept_for_the_retention_period(tmp_path: Path):
    leave(tmp_path, DATA)
    assert offered_again(tmp_path, MAX_AGE - 3600) == ["model 3"]
    assert offered_again(tmp_path, MAX_AGE + 3600) == []
    assert journals(tmp_path) == []


def test_only_the_newest_journals_of_one_document_are_kept(tmp_path: Path):
    for number in range(1, MAX_OFFERED + 3):
        leave(tmp_path, journal_of(a_record(number)), f"{number:032x}")
    other = a_record(1, path=Path("/somewhere/else.json"))
    leave(tmp_path, journal_of(other), "f" * 32)
    kept = [f"model {number}" for number in (7, 6, 5, 4, 3, 1)]
    assert len(recoverable_documents(tmp_path)) == MAX_OFFERED + 3
    assert offered_again(tmp_path, 3600) == kept
    assert len(journals(tmp_path)) == MAX_OFFERED + 1


def test_an_unreadable_journal_is_kept_for_the_retention_period(tmp_path: Path):
    path = leave(tmp_path, b"nonsense")
    os.utime(path)
    assert recoverable_documents(tmp_path) == []
    assert path.exists()
    os.utime(path, (time.time() - MAX_AGE - 3600,) * 2)
    assert recoverable_documents(tmp_path) == []
    assert not path.exists()


def test_discarding_removes_one_journal_only(tmp_path: Path):
    leave(tmp_path, DATA)
    leave(tmp_path, DATA, count=1)
    kept = leave(tmp_path, DATA, token=TOKEN[::-1])
    first = next(
        recovered for recovered in recoverable_documents(tmp_path) if recovered.file != kept
    )
    discard(first)
    discard(first)
    assert journals(tmp_path) == [kept.name]
