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
from builder.storage.session import Session
from codegen.compile import NotCompiled
from nodes.core.files.atomic_save import Changed, NotConfirmed, NotSaved
from nodes.core.files.model_file import dumps, load
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model
from tests.builder.sessions import Workspace, a_model, die_after, edit, journals, left
from tests.nodes.save_workspace import system


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path)
    yield workspace
    workspace.close()


# Saving


def test_a_session_begins_with_a_document_without_a_file(workspace: Workspace):
    session = workspace.session()
    assert (session.path, session.title, session.dirty) == (None, "untitled", False)
    assert not session.changed_on_disk()


def test_a_document_is_dirty_unless_it_is_the_saved_one(workspace: Workspace):
    session = workspace.opened()
    assert (session.path, session.title, session.dirty) == (workspace.path, "a.json", False)
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


def test_selections_and_previews_do_not_make_the_document_dirty(workspace: Workspace):
    session = workspace.opened()
    session.store.select(Selection.of("tokens"))
    document = session.store.committed
    session.store.preview(replace(document, model=replace(document.model, name="not yet")))
    assert not session.dirty
    assert session.journal.flush()
    assert journals(workspace.state) == []


def test_saving_removes_the_journal(workspace: Workspace):
    session = workspace.opened()
    model = edit(session, "another")
    session.journal.flush()
    assert len(journals(workspace.state)) == 1
    session.save()
    session.journal.flush()
    assert journals(workspace.state) == []
    assert workspace.path.read_bytes() == dumps(model)
    assert load(workspace.path)[0] == session.store.document.model


def test_a_document_belongs_to_the_file_it_was_last_saved_to(workspace: Workspace):
    session, before = workspace.opened(), workspace.path.read_bytes()
    edit(session, "another")
    session.save(workspace.folder / "b.json")
    assert (session.title, session.dirty) == ("b.json", False)
    edit(session, "a third")
    session.save()
    assert workspace.path.read_bytes() == before
    assert load(workspace.folder / "b.json")[0].name == "a third"


def test_a_new_document_replaces_the_old_one_and_not_its_file(workspace: Workspace):
    session, before = workspace.opened(), workspace.path.read_bytes()
    edit(session, "another")
    session.new(a_model("an example"))
    assert (session.path, session.dirty) == (None, False)
    assert session.store.document.model.name == "an example"
    assert len(session.store.history.entries) == 1
    session.journal.flush()
    assert journals(workspace.state) == []
    with pytest.raises(NotSaved, match="has no file yet; choose a folder and a name"):
        session.save()
    assert workspace.path.read_bytes() == before


def test_what_the_window_adds_to_a_file_does_not_make_it_dirty(workspace: Workspace):
    session = workspace.session()
    session.open(workspace.path, lambda model: replace(model, layout={"": {"tokens": (7.0, 7.0)}}))
    assert session.store.document.positions == {"tokens": (7.0, 7.0)}
    assert not session.dirty
    session.save()
    assert load(workspace.path)[0].layout == {"": {"tokens": (7.0, 7.0)}}


@pytest.mark.parametrize("data", [b"", b"{}", b"\x80\x04.", b'{"wireformer": 99}', None])
def test_a_file_that_cannot_be_read_changes_nothing(data: bytes | None, workspace: Workspace):
    session = workspace.opened()
    edit(session, "another")
    history = session.store.history
    wrong = workspace.folder / "wrong.json"
    if data is not None:
        wrong.write_bytes(data)
    with pytest.raises(FileError):
        session.open(wrong)
    assert session.store.history is history
    assert (session.title, session.dirty) == ("a.json", True)


def test_a_relative_path_does_not_depend_on_the_later_working_directory(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(workspace.folder)
    session = workspace.session()
    session.open(Path("a.json"))
    monkeypatch.chdir("/")
    edit(session, "another")
    session.save()
    assert session.path == workspace.path
    assert load(workspace.path)[0].name == "another"


def test_saving_keeps_a_symbolic_link(workspace: Workspace):
    link = workspace.folder / "link.json"
    link.symlink_to("a.json")
    session = workspace.session()
    session.open(link)
    edit(session, "another")
    session.save()
    session.save(workspace.path)
    assert link.is_symlink()
    assert load(workspace.path)[0].name == "another"


def test_a_preview_that_is_committed_unchanged_is_journaled(workspace: Workspace):
    session = workspace.session()
    document = session.store.committed
    document = replace(document, model=replace(document.model, name="dragged"))
    session.store.preview(document)
    session.store.commit("Drag", document)
    session.update()
    assert session.journal.flush()
    assert len(journals(workspace.state)) == 1


# Changes by other programs


def test_a_change_by_another_program_is_detected_by_content(workspace: Workspace):
    session, before = workspace.opened(), workspace.path.read_bytes()
    assert not session.changed_on_disk()
    workspace.rewrite(b"a model", b"b model")
    assert session.changed_on_disk()
    workspace.path.write_bytes(before)
    assert not session.changed_on_disk()
    os.utime(workspace.path, (1e9, 1e9))
    assert not session.changed_on_disk()
    workspace.path.unlink()
    assert session.changed_on_disk()
    workspace.path.mkdir()
    assert session.changed_on_disk()


def test_a_file_checked_long_after_its_last_write_is_not_read_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    session = workspace.opened()
    assert not session.changed_on_disk()
    monkeypatch.setattr("time.time_ns", lambda: workspace.path.stat().st_ctime_ns + 10**10)
    assert not session.changed_on_disk()
    read = []
    with system(lambda name, call, args: (read.append(name), call())[1]):
        assert not session.changed_on_disk()
    assert read == []
    workspace.rewrite(b"a model", b"b model")
    assert session.changed_on_disk()
    assert session.changed_on_disk()


def test_a_file_checked_just_after_its_last_write_is_read_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    session, young = workspace.opened(), workspace.path.stat()
    # The resolution of the clock is too coarse to distinguish the two writes.
    with monkeypatch.context() as clock:
        clock.setattr(os, "stat", lambda path: young)
        before = session.changed_on_disk()
        workspace.path.write_bytes(workspace.path.read_bytes().replace(b"a model", b"b model"))
        after = session.changed_on_disk()
    assert (before, after) == (False, True)


def test_overwriting_ends_a_conflict(workspace: Workspace):
    session = workspace.opened()
    workspace.rewrite(b"a model", b"b model")
    with pytest.raises(Changed, match="has changed on the disk"):
        session.save()
    session.save(overwrite=True)
    assert not session.changed_on_disk()
    assert load(workspace.path)[0].name == "a model"


def test_two_sessions_on_one_file_conflict(workspace: Workspace):
    mine, yours = workspace.opened(), workspace.opened()
    edit(mine, "mine")
    edit(yours, "yours")
    mine.save()
    assert yours.changed_on_disk()
    with pytest.raises(Changed):
        yours.save()
    assert load(workspace.path)[0].name == "mine"
    assert (yours.title, yours.dirty) == ("a.json", True)
    yours.save(overwrite=True)
    with pytest.raises(Changed):
        mine.save()
    assert load(workspace.path)[0].name == "yours"


def test_an_existing_file_is_replaced_on_request_only(workspace: Workspace):
    session, before = workspace.session(), workspace.path.read_bytes()
    with pytest.raises(Changed, match="exists already"):
        session.save(workspace.path)
    assert workspace.path.read_bytes() == before
    assert session.path is None
    session.save(workspace.path, overwrite=True)
    assert load(workspace.path)[0] == Model()


# Failures


@pytest.mark.parametrize("name", ["none/a.json", "a.json/b.json", "", "a\0b", "x" * 300])
def test_a_document_that_cannot_be_saved_stays_dirty_and_in_the_journal(
    name: str, workspace: Workspace
):
    session = workspace.opened()
    edit(session, "another")
    with pytest.raises(NotSaved, match="is not saved, and is on the disk as it was"):
        session.save(workspace.folder / name)
    assert (session.title, session.dirty) == ("a.json", True)
    assert session.journal.flush()
    assert len(journals(workspace.state)) == 1


def test_without_a_state_folder_the_journal_is_missed_but_the_model_is_saved(workspace: Workspace):
    session = Session(Store(Document()), workspace.path / "state")
    session.open(workspace.path)
    edit(session, "another")
    session.journal.flush()
    (warning,) = session.warnings
    assert warning.startswith("unsaved edits would be lost in a crash: ")
    session.save()
    assert not session.dirty
    session.close()


def unconfirmed(name: str, call: Callable, args: tuple) -> object:
    """Fail to sync folders."""
    if name == "fsync" and stat.S_ISDIR(os.fstat(args[0]).st_mode):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return call()


def test_an_unconfirmed_save_leaves_the_document_dirty(workspace: Workspace):
    session = workspace.opened()
    first = session.store.committed.model
    edit(session, "another")
    session.journal.flush()
    with system(unconfirmed), pytest.raises(NotConfirmed):
        session.save()
    assert load(workspace.path)[0].name == "another"
    assert session.dirty
    assert not session.changed_on_disk()
    session.store.undo()
    assert session.store.committed.model is first
    assert session.dirty
    session.store.redo()
    session.save()
    assert not session.dirty


def test_an_unconfirmed_save_leaves_the_document_in_the_journal(workspace: Workspace):
    def work(session: Session) -> None:
        with system(unconfirmed), pytest.raises(NotConfirmed):
            session.save(workspace.folder / "b.json")
        (workspace.folder / "b.json").unlink()

    die_after(workspace.state, work)
    assert (left(workspace.state).name, left(workspace.state).edits) == ("b.json", 1)


def test_a_save_that_breaks_a_hard_link_is_a_warning(workspace: Workspace):
    session = workspace.opened()
    os.link(workspace.path, workspace.folder / "b.json")
    session.save()
    assert session.warnings == ["the file has other names (hard links), which keep the old content"]


# Exporting


def test_the_exported_code_is_that_of_the_unsaved_document(workspace: Workspace):
    session = workspace.opened()
    edit(session, "another")
    paths = session.export(workspace.folder / "code")
    assert paths == [workspace.folder / "code" / "model.py"]
    assert "class Another" in paths[0].read_text()
    assert session.dirty
    paths[0].write_text("mine")
    with pytest.raises(NotSaved):
        session.export(workspace.folder / "code")
    session.export(workspace.folder / "code", overwrite=True)
    assert "class Another" in paths[0].read_text()
    with pytest.raises(NotCompiled):
        workspace.session().export(workspace.folder / "code")
