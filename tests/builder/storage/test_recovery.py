"""What a crash leaves is offered, restored, and forgotten only once nobody needs it."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.document.document import Document
from builder.document.store import Store
from builder.storage.journal import discard, recoverable
from builder.storage.recovery import LONGEST, MOST
from builder.storage.session import Session
from nodes.core.files.atomic_save import Changed, FileStamp
from nodes.core.files.model_file import load, save
from tests.builder.sessions import (
    STAMP,
    TOKEN,
    Desk,
    an_entry,
    die_after,
    edit,
    journal_of,
    journals,
    leave,
    left,
)

ENTRY = an_entry(3)
DATA = journal_of(an_entry(1), ENTRY)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


# Restored


def test_what_was_restored_is_unsaved_work_on_its_old_file(desk: Desk):
    def work(session: Session) -> None:
        session.open(desk.path)
        edit(session, "one")
        edit(session, "two")

    before = desk.path.read_bytes()
    die_after(desk.state, work)
    found, session = left(desk.state), desk.session()
    assert (found.path, found.edits, found.stamp) == (desk.path, 2, FileStamp.of(before))
    session.restore(found)
    assert (session.title, session.dirty) == ("a.json", True)
    assert session.store.document.model.name == "two"
    assert desk.path.read_bytes() == before
    session.save()
    assert load(desk.path)[0].name == "two"
    session.journal.flush()
    assert journals(desk.state) == []


def test_what_was_restored_survives_another_crash(desk: Desk):
    die_after(desk.state, lambda session: [edit(session, name) for name in ("one", "two")])
    found = left(desk.state)
    die_after(desk.state, lambda session: session.restore(found))
    again = left(desk.state)
    assert again.file != found.file
    assert (again.model, again.edits, again.path) == (found.model, 2, None)
    die_after(desk.state, lambda session: (session.restore(again), edit(session, "three")))
    assert (left(desk.state).model.name, left(desk.state).edits) == ("three", 3)


def test_what_was_left_stays_until_it_is_on_the_disk_anew(desk: Desk):
    die_after(desk.state, lambda session: edit(session, "one"))
    found = left(desk.state)
    session = Session(Store(Document()), desk.path)
    session.restore(found)
    assert session.store.document.model.name == "one"
    assert found.file.exists()
    session.close()


def test_a_file_that_changed_since_the_crash_is_not_overwritten_unasked(desk: Desk):
    def work(session: Session) -> None:
        session.open(desk.path)
        edit(session, "one")

    die_after(desk.state, work)
    desk.rewrite(b"a model", b"b model")
    session = desk.session()
    session.restore(left(desk.state))
    assert session.changed_on_disk()
    with pytest.raises(Changed):
        session.save()


def test_saved_undone_or_closed_well_nothing_is_left_to_recover(desk: Desk):
    for end in ("save", "undo", "new", "open", "close"):
        session = desk.opened()
        edit(session, f"before {end}")
        assert session.journal.flush()
        step = {"undo": session.store.undo, "open": lambda: session.open(desk.path)}  # noqa: B023
        step.get(end, getattr(session, end, None))()
        session.journal.flush()
        assert journals(desk.state) == [], end
        assert recoverable(desk.state) == []


def test_a_file_name_that_is_no_text_is_a_name_like_others(desk: Desk):
    path = desk.folder / os.fsdecode(b"\xff\xe2.json")

    def work(session: Session) -> None:
        edit(session, "one")
        edit(session, "two")
        session.save(path)
        edit(session, "three")

    die_after(desk.state, work)
    session, found = desk.session(), left(desk.state)
    assert found.edits == 1
    session.restore(found)
    session.save()
    assert session.path == path
    assert load(path)[0].name == "three"


# What is offered, and for how long


def test_what_has_been_saved_since_is_not_offered(tmp_path: Path):
    path = tmp_path / "a.json"
    save(an_entry(1).model, path, None, state_dir=tmp_path)
    leave(tmp_path, journal_of(an_entry(1, path=path)))
    assert recoverable(tmp_path) == []
    assert journals(tmp_path) == []


@pytest.mark.parametrize("there", [b"", b"{", None])
def test_what_its_file_does_not_hold_is_offered(there: bytes | None, tmp_path: Path):
    path = tmp_path / "a.json"
    if there is not None:
        path.write_bytes(there)
    leave(tmp_path, journal_of(an_entry(1, path=path)))
    found = left(tmp_path)
    assert (found.path, found.name, found.stamp) == (path, "a.json", STAMP)


def test_the_newest_is_offered_first(tmp_path: Path):
    for number in (2, 3, 1):
        entry = an_entry(number, path=Path(f"/somewhere/{number}.json"))
        leave(tmp_path, journal_of(entry), f"{number:032x}")
    assert [one.name for one in recoverable(tmp_path)] == ["3.json", "2.json", "1.json"]


def offered_again(state: Path, age: float) -> list[str]:
    """Tell what is offered to one who was offered it before, that long ago."""
    recoverable(state)
    for path in (state / "journals").iterdir():
        os.utime(path, (time.time() - age,) * 2)
    return [one.model.name for one in recoverable(state)]


def test_what_nobody_has_seen_is_offered_however_old_it_is(tmp_path: Path):
    leave(tmp_path, DATA)
    assert left(tmp_path).model == ENTRY.model
    assert left(tmp_path).model == ENTRY.model


def test_the_week_begins_with_the_first_offer(tmp_path: Path):
    path, now = leave(tmp_path, DATA), time.time()
    assert recoverable(tmp_path) != []
    assert path.stat().st_mtime > now - 3600


def test_what_was_offered_is_kept_for_a_week(tmp_path: Path):
    leave(tmp_path, DATA)
    assert offered_again(tmp_path, LONGEST - 3600) == ["model 3"]
    assert offered_again(tmp_path, LONGEST + 3600) == []
    assert journals(tmp_path) == []


def test_of_one_document_the_newest_are_kept(tmp_path: Path):
    for number in range(1, MOST + 3):
        leave(tmp_path, journal_of(an_entry(number)), f"{number:032x}")
    other = an_entry(1, path=Path("/somewhere/else.json"))
    leave(tmp_path, journal_of(other), "f" * 32)
    kept = [f"model {number}" for number in (7, 6, 5, 4, 3, 1)]
    assert len(recoverable(tmp_path)) == MOST + 3
    assert offered_again(tmp_path, 3600) == kept
    assert len(journals(tmp_path)) == MOST + 1


def test_what_cannot_be_read_is_kept_for_a_week(tmp_path: Path):
    path = leave(tmp_path, b"nonsense")
    os.utime(path)
    assert recoverable(tmp_path) == []
    assert path.exists()
    os.utime(path, (time.time() - LONGEST - 3600,) * 2)
    assert recoverable(tmp_path) == []
    assert not path.exists()


def test_what_is_discarded_is_gone_and_nothing_else(tmp_path: Path):
    leave(tmp_path, DATA)
    leave(tmp_path, DATA, count=1)
    kept = leave(tmp_path, DATA, token=TOKEN[::-1])
    first = next(one for one in recoverable(tmp_path) if one.file != kept)
    discard(first)
    discard(first)
    assert journals(tmp_path) == [kept.name]
