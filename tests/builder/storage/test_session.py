"""Sessions: dirty state, saving, journaling, and changes by other programs."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builder.document.document import Document, Selection
from builder.document.store import Store
from builder.storage.file_writer import NotWritten
from builder.storage.session import Session
from codegen.compile import NotCompiled
from nodes.core.files.atomic_save import Changed, NotConfirmed, NotSaved
from nodes.core.files.model_file import dumps, load
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model
from tests.builder.sessions import Desk, a_model, die_after, edit, journals, left
from tests.nodes.desk import system


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


# Saving


def test_a_session_begins_with_a_document_without_a_file(desk: Desk):
    session = desk.session()
    assert (session.path, session.title, session.dirty) == (None, "untitled", False)
    assert not session.changed_on_disk()


def test_a_document_is_dirty_unless_it_is_the_saved_one(desk: Desk):
    session = desk.opened()
    assert (session.path, session.title, session.dirty) == (desk.path, "a.json", False)
    edit(session, "another")
    assert session.dirty
    session.store.undo()
    assert not session.dirty
    session.store.redo()
    assert session.dirty
    session.save()
    assert not session.dirty
    session.store.undo()
    assert session.dirty


def test_selections_and_previews_do_not_make_the_document_dirty(desk: Desk):
    session = desk.opened()
    session.store.select(Selection.of("tokens"))
    document = session.store.committed
    session.store.preview(replace(document, model=replace(document.model, name="not yet")))
    assert not session.dirty
    assert session.journal.flush()
    assert journals(desk.state) == []


def test_saving_removes_the_journal(desk: Desk):
    session = desk.opened()
    model = edit(session, "another")
    session.journal.flush()
    assert len(journals(desk.state)) == 1
    session.save()
    session.journal.flush()
    assert journals(desk.state) == []
    assert desk.path.read_bytes() == dumps(model)
    assert load(desk.path)[0] == session.store.document.model


def test_a_document_belongs_to_the_file_it_was_last_saved_to(desk: Desk):
    session, before = desk.opened(), desk.path.read_bytes()
    edit(session, "another")
    session.save(desk.folder / "b.json")
    assert (session.title, session.dirty) == ("b.json", False)
    edit(session, "a third")
    session.save()
    assert desk.path.read_bytes() == before
    assert load(desk.folder / "b.json")[0].name == "a third"


def test_a_new_document_replaces_the_old_one_and_not_its_file(desk: Desk):
    session, before = desk.opened(), desk.path.read_bytes()
    edit(session, "another")
    session.new(a_model("an example"))
    assert (session.path, session.dirty) == (None, False)
    assert session.store.document.model.name == "an example"
    assert len(session.store.history.entries) == 1
    session.journal.flush()
    assert journals(desk.state) == []
    with pytest.raises(NotSaved, match="has no file yet; choose a folder and a name"):
        session.save()
    assert desk.path.read_bytes() == before


def test_what_the_window_adds_to_a_file_does_not_make_it_dirty(desk: Desk):
    session = desk.session()
    session.open(desk.path, lambda model: replace(model, layout={"": {"tokens": (7.0, 7.0)}}))
    assert session.store.document.positions == {"tokens": (7.0, 7.0)}
    assert not session.dirty
    session.save()
    assert load(desk.path)[0].layout == {"": {"tokens": (7.0, 7.0)}}


@pytest.mark.parametrize("data", [b"", b"{}", b"\x80\x04.", b'{"wireformer": 99}', None])
def test_a_file_that_cannot_be_read_changes_nothing(data: bytes | None, desk: Desk):
    session = desk.opened()
    edit(session, "another")
    history = session.store.history
    wrong = desk.folder / "wrong.json"
    if data is not None:
        wrong.write_bytes(data)
    with pytest.raises(FileError):
        session.open(wrong)
    assert session.store.history is history
    assert (session.title, session.dirty) == ("a.json", True)


def test_a_relative_path_does_not_depend_on_the_later_working_directory(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(desk.folder)
    session = desk.session()
    session.open(Path("a.json"))
    monkeypatch.chdir("/")
    edit(session, "another")
    session.save()
    assert session.path == desk.path
    assert load(desk.path)[0].name == "another"


def test_saving_keeps_a_symbolic_link(desk: Desk):
    link = desk.folder / "link.json"
    link.symlink_to("a.json")
    session = desk.session()
    session.open(link)
    edit(session, "another")
    session.save()
    session.save(desk.path)
    assert link.is_symlink()
    assert load(desk.path)[0].name == "another"


def test_a_preview_that_is_committed_unchanged_is_journaled(desk: Desk):
    session = desk.session()
    document = session.store.committed
    document = replace(document, model=replace(document.model, name="dragged"))
    session.store.preview(document)
    session.store.commit("Drag", document)
    session.update()
    assert session.journal.flush()
    assert len(journals(desk.state)) == 1


# Changes by other programs


def test_a_change_by_another_program_is_detected_by_content(desk: Desk):
    session, before = desk.opened(), desk.path.read_bytes()
    assert not session.changed_on_disk()
    desk.rewrite(b"a model", b"b model")
    assert session.changed_on_disk()
    desk.path.write_bytes(before)
    assert not session.changed_on_disk()
    os.utime(desk.path, (1e9, 1e9))
    assert not session.changed_on_disk()
    desk.path.unlink()
    assert session.changed_on_disk()
    desk.path.mkdir()
    assert session.changed_on_disk()


def test_a_file_checked_long_after_its_last_write_is_not_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    session = desk.opened()
    assert not session.changed_on_disk()
    monkeypatch.setattr("time.time_ns", lambda: desk.path.stat().st_ctime_ns + 10**10)
    assert not session.changed_on_disk()
    read = []
    with system(lambda name, call, args: (read.append(name), call())[1]):
        assert not session.changed_on_disk()
    assert read == []
    desk.rewrite(b"a model", b"b model")
    assert session.changed_on_disk()
    assert session.changed_on_disk()


def test_a_file_checked_just_after_its_last_write_is_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    session, young = desk.opened(), desk.path.stat()
    # A clock too coarse to tell the two writings apart.
    with monkeypatch.context() as clock:
        clock.setattr(os, "stat", lambda path: young)
        before = session.changed_on_disk()
        desk.path.write_bytes(desk.path.read_bytes().replace(b"a model", b"b model"))
        after = session.changed_on_disk()
    assert (before, after) == (False, True)


def test_overwriting_ends_a_conflict(desk: Desk):
    session = desk.opened()
    desk.rewrite(b"a model", b"b model")
    with pytest.raises(Changed, match="has changed on the disk"):
        session.save()
    session.save(overwrite=True)
    assert not session.changed_on_disk()
    assert load(desk.path)[0].name == "a model"


def test_two_sessions_on_one_file_conflict(desk: Desk):
    mine, yours = desk.opened(), desk.opened()
    edit(mine, "mine")
    edit(yours, "yours")
    mine.save()
    assert yours.changed_on_disk()
    with pytest.raises(Changed):
        yours.save()
    assert load(desk.path)[0].name == "mine"
    assert (yours.title, yours.dirty) == ("a.json", True)
    yours.save(overwrite=True)
    with pytest.raises(Changed):
        mine.save()
    assert load(desk.path)[0].name == "yours"


def test_an_existing_file_is_replaced_on_request_only(desk: Desk):
    session, before = desk.session(), desk.path.read_bytes()
    with pytest.raises(Changed, match="exists already"):
        session.save(desk.path)
    assert desk.path.read_bytes() == before
    assert session.path is None
    session.save(desk.path, overwrite=True)
    assert load(desk.path)[0] == Model()


# Failures


@pytest.mark.parametrize("name", ["none/a.json", "a.json/b.json", "", "a\0b", "x" * 300])
def test_a_document_that_cannot_be_saved_stays_dirty_and_in_the_journal(name: str, desk: Desk):
    session = desk.opened()
    edit(session, "another")
    with pytest.raises(NotSaved, match="is not saved, and is on the disk as it was"):
        session.save(desk.folder / name)
    assert (session.title, session.dirty) == ("a.json", True)
    assert session.journal.flush()
    assert len(journals(desk.state)) == 1


def test_a_missing_state_folder_is_reported(desk: Desk):
    session = Session(Store(Document()), desk.path / "state")
    session.open(desk.path)
    edit(session, "another")
    session.journal.flush()
    (warning,) = session.warnings
    assert warning.startswith("unsaved edits would be lost in a crash: ")
    with pytest.raises(NotSaved, match="cannot be made; the program needs to write there"):
        session.save()
    assert session.dirty
    session.close()


def unconfirmed(name: str, call: Callable, args: tuple) -> object:
    """Fail to sync folders."""
    if name == "fsync" and stat.S_ISDIR(os.fstat(args[0]).st_mode):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return call()


def test_an_unconfirmed_save_leaves_the_document_dirty(desk: Desk):
    session = desk.opened()
    first = session.store.committed.model
    edit(session, "another")
    session.journal.flush()
    with system(unconfirmed), pytest.raises(NotConfirmed):
        session.save()
    assert load(desk.path)[0].name == "another"
    assert session.dirty
    assert not session.changed_on_disk()
    session.store.undo()
    assert session.store.committed.model is first
    assert session.dirty
    session.store.redo()
    session.save()
    assert not session.dirty


def test_an_unconfirmed_save_leaves_the_document_in_the_journal(desk: Desk):
    def work(session: Session) -> None:
        with system(unconfirmed), pytest.raises(NotConfirmed):
            session.save(desk.folder / "b.json")
        (desk.folder / "b.json").unlink()

    die_after(desk.state, work)
    assert (left(desk.state).name, left(desk.state).edits) == ("b.json", 1)


def test_a_save_that_breaks_a_hard_link_is_a_warning(desk: Desk):
    session = desk.opened()
    os.link(desk.path, desk.folder / "b.json")
    session.save()
    assert session.warnings == ["the file has other names (hard links), which keep the old content"]


# Exporting


def test_the_exported_code_is_that_of_the_unsaved_document(desk: Desk):
    session = desk.opened()
    edit(session, "another")
    paths = session.export(desk.folder / "code")
    assert paths == [desk.folder / "code" / "model.py"]
    assert "class Another" in paths[0].read_text()
    assert session.dirty
    paths[0].write_text("mine")
    with pytest.raises(NotWritten):
        session.export(desk.folder / "code")
    session.export(desk.folder / "code", overwrite=True)
    assert "class Another" in paths[0].read_text()
    with pytest.raises(NotCompiled):
        desk.session().export(desk.folder / "code")
