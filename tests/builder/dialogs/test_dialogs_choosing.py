"""The file dialog: navigation, typing, completion, and confirmation."""

import os

import pytest

from builder.dialogs.file_chooser import EXPORT, OPEN, SAVE, FileChooser, bookmarks


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "models" / "old").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    for name in ("gpt.json", "gpt_llama.json", "lstm.json", "notes.txt"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def names(choice):
    return [row.name for row in choice.rows]


def test_folders_come_first_and_only_graphs_are_listed(folder):
    listed = names(FileChooser.begin(OPEN, folder))
    assert listed == ["..", "data", "models", "gpt.json", "gpt_llama.json", "lstm.json"]


def test_for_an_export_only_folders_are_listed(folder):
    assert names(FileChooser.begin(EXPORT, folder)) == ["..", "data", "models"]


def test_the_typed_name_filters_the_list(folder):
    choice = FileChooser.begin(OPEN, folder)
    assert names(choice.with_text("gp")) == ["gpt.json", "gpt_llama.json"]
    assert names(choice.with_text(f"{folder}{os.sep}LSTM")) == ["lstm.json"]


def test_prefix_matches_come_first(folder):
    (folder / "a_lstm.json").write_text("{}")
    assert names(FileChooser.begin(OPEN, folder).with_text("lstm")) == ["lstm.json", "a_lstm.json"]


def test_the_first_match_is_selected_and_nothing_without_a_typed_name(folder):
    choice = FileChooser.begin(OPEN, folder)
    assert (choice.initial_row, choice.with_text("gp").initial_row) == (-1, 0)


def test_a_typed_folder_is_listed(folder):
    choice = FileChooser.begin(OPEN, folder)
    for text in (f"models{os.sep}", f"{folder}{os.sep}models{os.sep}"):
        assert choice.with_text(text).folder == folder / "models"


def test_a_longer_relative_path_keeps_its_folder(folder):
    choice = (
        FileChooser.begin(OPEN, folder).with_text(f"models{os.sep}").with_text(f"models{os.sep}o")
    )
    assert (choice.folder, names(choice)) == (folder / "models", ["old"])


def test_a_missing_folder_keeps_the_listed_one(folder):
    assert FileChooser.begin(OPEN, folder).with_text(f"nothing{os.sep}x").folder == folder


def test_up_goes_to_the_parent_folder(folder):
    choice = FileChooser.begin(OPEN, folder / "models").in_parent_folder()
    assert (choice.folder, choice.text) == (folder, f"{folder}{os.sep}")


def test_the_root_folder_has_no_parent(folder):
    top = FileChooser.begin(OPEN, folder.joinpath(folder.anchor))
    assert ".." not in names(top)
    assert top.in_parent_folder().folder == top.folder


def test_completion_goes_to_the_matching_folder(folder):
    choice = FileChooser.begin(OPEN, folder).with_text("mo").completed()
    assert (choice.folder, choice.text) == (folder / "models", f"{folder / 'models'}{os.sep}")
    assert choice.with_text("o").completed().folder == folder / "models" / "old"


@pytest.mark.parametrize("text", ["zebra", "gp", ""])
def test_completion_without_a_matching_folder_does_nothing(folder, text):
    choice = FileChooser.begin(OPEN, folder).with_text(text)
    assert choice.completed() == choice


def test_only_an_existing_file_can_be_opened(folder):
    choice = FileChooser.begin(OPEN, folder)
    assert choice.with_text("gpt.json").error == ""
    assert choice.with_text("gpt.json").path == folder / "gpt.json"
    assert "no file" in choice.with_text("gp").error


def test_a_saved_file_gets_the_suffix(folder):
    choice = FileChooser.begin(SAVE, folder)
    assert choice.with_name("new").path == folder / "new.json"
    assert choice.with_name("new.JSON").path == folder / "new.JSON"
    assert choice.with_name("v1.2").path == folder / "v1.2.json"


def test_a_file_to_save_needs_a_name_that_is_no_folder(folder):
    choice = FileChooser.begin(SAVE, folder)
    (folder / "odd.json").mkdir()
    assert choice.with_name("  ").error == "enter a name for the file"
    assert "is a folder" in choice.with_name("odd").error
    assert "no folder" in choice.with_name(f"nothing{os.sep}new").error
    assert choice.with_name("new").error == ""


def test_replacing_a_file_needs_confirmation_for_that_file(folder):
    choice = FileChooser.begin(SAVE, folder, "gpt.json")
    assert choice.needs_confirmation
    assert not choice.confirm().needs_confirmation
    assert choice.confirm().with_name("lstm.json").needs_confirmation
    assert choice.confirm().in_folder(folder).needs_confirmation
    assert not choice.with_name("new.json").needs_confirmation


def test_a_new_folder_is_created_and_listed(folder):
    choice = FileChooser.begin(SAVE, folder, "a.json").create_folder("fresh")
    assert (folder / "fresh").is_dir()
    assert choice.path == folder / "fresh" / "a.json"


@pytest.mark.parametrize("name", ["", " ", ".", "..", f"a{os.sep}b", "data", "x" * 300, "a\0b"])
def test_a_folder_that_cannot_be_created_has_an_error(folder, name):
    before = sorted(folder.iterdir())
    with pytest.raises(ValueError, match=r"\w"):
        FileChooser.begin(SAVE, folder).create_folder(name)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("text", ["", "/", "\0", "~nobody/x", "x" * 400, "a/../../b", "\udcff"])
@pytest.mark.parametrize("purpose", [OPEN, SAVE, EXPORT])
def test_no_typed_text_raises(folder, purpose, text):
    choice = FileChooser.begin(purpose, folder).with_text(text).with_name(text).completed()
    assert isinstance(choice.error, str)
    assert isinstance(choice.rows, tuple)
    assert isinstance(choice.needs_confirmation, bool)


def test_a_folder_that_cannot_be_read_has_an_error(folder):
    choice = FileChooser.begin(OPEN, folder / "gone")
    assert "cannot be listed" in choice.listing.error


def test_the_folders_of_recent_files_are_bookmarks_once_each(folder):
    recent = [str(folder / "gpt.json"), str(folder / "lstm.json"), str(folder / "gone" / "x.json")]
    assert [path for _, path in bookmarks(recent)].count(folder) == 1
    assert folder / "gone" not in dict(bookmarks(recent)).values()


def test_a_name_that_no_file_system_takes_is_an_error(tmp_path):
    for name in ("n" * 251, "\u5b57" * 84):
        error = FileChooser.begin(SAVE, tmp_path, name).error
        assert error.startswith("expected a name of at most 255 bytes, got ")
    assert FileChooser.begin(SAVE, tmp_path, "n" * 250).error == ""
