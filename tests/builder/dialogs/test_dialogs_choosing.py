"""The choice of a file: going about, typing, completing, and what may be replaced."""

import os

import pytest

from builder.dialogs.file_chooser import EXPORT, OPEN, SAVE, Choice, places


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
    listed = names(Choice.begin(OPEN, folder))
    assert listed == ["..", "data", "models", "gpt.json", "gpt_llama.json", "lstm.json"]


def test_for_an_export_only_folders_are_listed(folder):
    assert names(Choice.begin(EXPORT, folder)) == ["..", "data", "models"]


def test_what_is_typed_narrows_the_list(folder):
    choice = Choice.begin(OPEN, folder)
    assert names(choice.typed("gp")) == ["gpt.json", "gpt_llama.json"]
    assert names(choice.typed(f"{folder}{os.sep}LSTM")) == ["lstm.json"]


def test_names_that_begin_so_come_before_those_that_hold_it(folder):
    (folder / "a_lstm.json").write_text("{}")
    assert names(Choice.begin(OPEN, folder).typed("lstm")) == ["lstm.json", "a_lstm.json"]


def test_the_first_that_is_meant_is_chosen_and_nothing_before_one_types(folder):
    choice = Choice.begin(OPEN, folder)
    assert (choice.at, choice.typed("gp").at) == (-1, 0)


def test_a_folder_that_is_typed_is_gone_to(folder):
    choice = Choice.begin(OPEN, folder)
    for text in (f"models{os.sep}", f"{folder}{os.sep}models{os.sep}"):
        assert choice.typed(text).folder == folder / "models"


def test_typing_on_after_a_relative_folder_stays_there(folder):
    choice = Choice.begin(OPEN, folder).typed(f"models{os.sep}").typed(f"models{os.sep}o")
    assert (choice.folder, names(choice)) == (folder / "models", ["old"])


def test_a_folder_that_is_not_there_leaves_one_where_one_was(folder):
    assert Choice.begin(OPEN, folder).typed(f"nothing{os.sep}x").folder == folder


def test_up_leads_to_the_folder_around(folder):
    choice = Choice.begin(OPEN, folder / "models").up()
    assert (choice.folder, choice.text) == (folder, f"{folder}{os.sep}")


def test_there_is_no_way_up_from_the_top(folder):
    top = Choice.begin(OPEN, folder.joinpath(folder.anchor))
    assert ".." not in names(top)
    assert top.up().folder == top.folder


def test_a_tab_goes_to_the_folder_that_is_meant(folder):
    choice = Choice.begin(OPEN, folder).typed("mo").completed()
    assert (choice.folder, choice.text) == (folder / "models", f"{folder / 'models'}{os.sep}")
    assert choice.typed("o").completed().folder == folder / "models" / "old"


@pytest.mark.parametrize("text", ["zebra", "gp", ""])
def test_a_tab_stays_where_no_folder_is_meant(folder, text):
    choice = Choice.begin(OPEN, folder).typed(text)
    assert choice.completed() == choice


def test_a_file_that_is_typed_can_be_opened_and_another_not(folder):
    choice = Choice.begin(OPEN, folder)
    assert choice.typed("gpt.json").objection == ""
    assert choice.typed("gpt.json").path == folder / "gpt.json"
    assert "no file" in choice.typed("gp").objection


def test_a_saved_file_gets_the_ending_of_graphs(folder):
    choice = Choice.begin(SAVE, folder)
    assert choice.named("new").path == folder / "new.json"
    assert choice.named("new.JSON").path == folder / "new.JSON"
    assert choice.named("v1.2").path == folder / "v1.2.json"


def test_a_name_is_needed_and_a_folder_is_none(folder):
    choice = Choice.begin(SAVE, folder)
    (folder / "odd.json").mkdir()
    assert "needs a name" in choice.named("  ").objection
    assert "is a folder" in choice.named("odd").objection
    assert "no folder" in choice.named(f"nothing{os.sep}new").objection
    assert choice.named("new").objection == ""


def test_a_file_is_replaced_only_once_one_agreed_to_that_very_file(folder):
    choice = Choice.begin(SAVE, folder, "gpt.json")
    assert choice.replaces
    assert not choice.agree().replaces
    assert choice.agree().named("lstm.json").replaces
    assert choice.agree().entered(folder).replaces
    assert not choice.named("new.json").replaces


def test_a_new_folder_is_made_and_gone_to(folder):
    choice = Choice.begin(SAVE, folder, "a.json").with_folder("fresh")
    assert (folder / "fresh").is_dir()
    assert choice.path == folder / "fresh" / "a.json"


@pytest.mark.parametrize("name", ["", " ", ".", "..", f"a{os.sep}b", "data", "x" * 300, "a\0b"])
def test_a_folder_that_cannot_be_made_is_explained(folder, name):
    before = sorted(folder.iterdir())
    with pytest.raises(ValueError, match=r"\w"):
        Choice.begin(SAVE, folder).with_folder(name)
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("text", ["", "/", "\0", "~nobody/x", "x" * 400, "a/../../b", "\udcff"])
@pytest.mark.parametrize("purpose", [OPEN, SAVE, EXPORT])
def test_nothing_that_is_typed_is_a_fault(folder, purpose, text):
    choice = Choice.begin(purpose, folder).typed(text).named(text).completed()
    assert isinstance(choice.objection, str)
    assert isinstance(choice.rows, tuple)
    assert isinstance(choice.replaces, bool)


def test_a_folder_that_cannot_be_looked_into_says_so(folder):
    choice = Choice.begin(OPEN, folder / "gone")
    assert "cannot be listed: no such file or directory" in choice.found.error


def test_the_folders_of_recent_files_are_places_once_each(folder):
    recent = [str(folder / "gpt.json"), str(folder / "lstm.json"), str(folder / "gone" / "x.json")]
    assert [path for _, path in places(recent)].count(folder) == 1
    assert folder / "gone" not in dict(places(recent)).values()
