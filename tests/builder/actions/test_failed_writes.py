"""The window says why a file could not be written, and what helps."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.actions.file_actions import export_to, save_to
from builder.dialogs.dialog import Question
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR
from tests.builder.editors import an_editor
from tests.nodes.save_workspace import system

REASONS = {
    "ENOSPC": "the disk is full; free some space",
    "EDQUOT": "your share of the disk is full; free some space",
    "EACCES": "permission is missing; change the permissions",
    "EPERM": "the system does not permit it; change the permissions",
    "EROFS": "its disk can only be read; choose a folder on another disk",
    "EIO": "the disk failed; check the disk",
    "EMFILE": "too many files are open; close other programs",
    "ESTALE": "the network disk is gone; check the disk",
}
WRITES = pytest.mark.parametrize("write", [save_to, export_to], ids=["save", "export"])


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return an_editor(tmp_path)


def message_of(editor: Editor) -> str:
    """Return the last message, which is an error; no question is asked."""
    assert editor.dialog is None
    last = editor.view_state.notifications[-1]
    assert last.severity == ERROR
    return last.text


@WRITES
@pytest.mark.parametrize("error", REASONS)
def test_the_cause_is_named(error: str, write: Callable, editor: Editor, tmp_path: Path):
    number = getattr(errno, error)

    def refuse(name: str, call: Callable, args: tuple) -> object:
        is_new = name == "open" and args[1] & os.O_EXCL and ".wireformer-" in str(args[0])
        if is_new:
            raise OSError(number, os.strerror(number))
        return call()

    with system(refuse):
        write(editor, tmp_path / "target")
    assert REASONS[error] in message_of(editor)
    assert not (tmp_path / "target").exists()


@WRITES
def test_a_name_that_is_too_long_is_named_so(write: Callable, editor: Editor, tmp_path: Path):
    write(editor, tmp_path / ("a" * 300))
    assert "the name is too long; choose a shorter one" in message_of(editor)


@WRITES
def test_a_file_in_place_of_a_folder_is_named_so(write: Callable, editor: Editor, tmp_path: Path):
    (tmp_path / "file").touch()
    write(editor, tmp_path / "file" / "target")
    assert "a part of the path is a file, not a folder" in message_of(editor)


def test_a_link_in_place_of_a_file_of_the_export_is_named_so(editor: Editor, tmp_path: Path):
    (tmp_path / "model.py").symlink_to("elsewhere")
    export_to(editor, tmp_path, overwrite=True)
    assert "got a folder, a link or a device" in message_of(editor)


def test_only_files_that_exist_are_asked_about(editor: Editor, tmp_path: Path):
    (tmp_path / "model.py").write_text("mine")
    export_to(editor, tmp_path)
    assert isinstance(editor.dialog, Question)
    assert editor.dialog.title == "Files already exist"
    answers = dict(editor.dialog.answers)
    answers["Replace"]()
    assert editor.dialog is None
    assert "class" in (tmp_path / "model.py").read_text()
    assert editor.view_state.notifications[-1].text.startswith("exported model.py")


@WRITES
def test_what_the_disk_did_not_confirm_is_said(write: Callable, editor: Editor, tmp_path: Path):
    folders: set[object] = set()

    def unconfirmed(name: str, call: Callable, args: tuple) -> object:
        if name == "fsync" and args[0] in folders:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        result = call()
        if name == "open" and args[0] == str(tmp_path):
            folders.add(result)
        return result

    with system(unconfirmed):
        write(editor, tmp_path / "target")
    assert "is saved, but the disk did not confirm it; save again" in message_of(editor)
    assert (tmp_path / "target").exists()


def test_a_training_script_of_another_model_is_pointed_out(editor: Editor, tmp_path: Path):
    (tmp_path / "train.py").write_text("mine")
    export_to(editor, tmp_path)
    editor.tick(0.0)
    texts = [message.text for message in editor.view_state.notifications]
    assert any(text.startswith("train.py was there before, and may not fit") for text in texts)
    assert (tmp_path / "train.py").read_text() == "mine"
