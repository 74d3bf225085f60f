"""Settings: they persist, and no content of their file stops the program."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builder.storage.folders import config_folder, state_folder
from builder.storage.settings import MAX_RECENT, NAME, Settings
from nodes.core.files.strict_json import quote

CHANGED = {
    "theme": "contrast",
    "scale": 1.5,
    "recent": ["/somewhere/a.json", "/somewhere/€.json"],
    "window": (1920, 1080),
    "left": 300,
    "right": 400,
    "minimap": False,
    "shapes_on_edges": False,
    "snap": False,
}


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREFORMER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("WIREFORMER_CONFIG", str(tmp_path / "config"))


def write(data: bytes) -> Path:
    path = config_folder() / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def test_without_a_file_the_defaults_are_used():
    found = Settings.load()
    assert found == Settings()
    assert found.warning == ""
    assert not config_folder().exists()


def test_what_is_saved_is_loaded_again():
    changed = Settings.load().model_copy(update=CHANGED)
    assert changed.save() == ""
    assert Settings.load() == Settings(**CHANGED)
    before = (config_folder() / NAME).read_bytes()
    assert Settings.load().save() == ""
    assert (config_folder() / NAME).read_bytes() == before
    assert os.listdir(config_folder()) == [NAME]


def test_settings_go_back_to_the_folder_they_came_from(tmp_path: Path):
    found = Settings.load(tmp_path / "elsewhere").model_copy(update={"theme": "light"})
    assert found.save() == ""
    assert Settings.load(tmp_path / "elsewhere").theme == "light"
    assert Settings.load().theme == "dark"


def test_missing_entries_have_defaults_and_unknown_ones_are_ignored():
    write(b'{"theme": "light", "from_a_later_version": 1, "warning": "x", "folder": "/"}')
    found = Settings.load()
    assert found == Settings(theme="light")
    assert found.warning == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"theme": "pink"}', "theme: input should be 'dark', 'light' or 'contrast'"),
        (b'{"scale": 2.6}', "scale: input should be less than or equal to 2.5"),
        (b'{"scale": NaN}', "/scale (line 1, column 11): expected a value, got 'NaN'"),
        (b'{"window": [1280]}', "window: field required"),
        (b'{"window": [1, 1]}', "window: input should be greater than or equal to 100"),
        (b'{"recent": "a.json"}', "recent: input should be a valid list"),
        (b"[]", "expected an object in curly brackets"),
        (b"", "expected a value, got the end of the file"),
    ],
)
def test_a_file_that_cannot_be_used_is_ignored_with_a_warning(data: bytes, reason: str):
    path = write(data)
    found = Settings.load()
    assert found == Settings(warning=found.warning)
    prefix = f"the default settings are used, as {quote(str(path))} cannot be used: "
    assert found.warning.startswith(prefix)
    assert f"{reason}; " in found.warning
    assert found.warning.endswith("; correct or remove the file")
    assert path.read_bytes() == data


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.integers(0, 400), piece=st.binary(max_size=5), whole=st.binary(max_size=50))
def test_no_file_whatever_it_holds_raises_anything(at, piece, whole):
    Settings(**CHANGED).save()
    data = (config_folder() / NAME).read_bytes()
    for spoiled in (data[:at] + piece + data[at + len(piece) :], whole):
        write(spoiled)
        assert isinstance(Settings.load(), Settings)


def test_a_folder_or_a_pipe_in_place_of_the_file_is_ignored_with_a_warning():
    folder = config_folder() / NAME
    folder.mkdir(parents=True)
    assert "got a folder" in Settings.load().warning
    folder.rmdir()
    os.mkfifo(folder)
    assert "got a pipe" in Settings.load().warning


def test_settings_that_cannot_be_saved_are_reported(monkeypatch: pytest.MonkeyPatch):
    write(b"{}")
    monkeypatch.setenv("WIREFORMER_CONFIG", str(config_folder() / NAME / "config"))
    assert Settings().save() == (
        "the settings are not saved: a part of the path is a file, not a folder; choose another "
        "folder"
    )
    (state_folder().parent / "state").touch()
    monkeypatch.setenv("WIREFORMER_CONFIG", str(state_folder().parent / "config"))
    assert Settings().save() == ""


def test_only_the_newest_files_with_unicode_names_are_saved():
    names = [f"/somewhere/{number}.json" for number in range(40)]
    found = Settings(recent=["/somewhere/\udcff.json", *names])
    assert found.save() == ""
    assert Settings.load().recent == names[:MAX_RECENT]


def test_settings_are_immutable():
    with pytest.raises(ValidationError):
        Settings().theme = "light"


def test_without_a_variable_the_folders_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch):
    for variable in ("WIREFORMER_STATE", "WIREFORMER_CONFIG"):
        monkeypatch.setenv(variable, "")
    assert state_folder() != config_folder()
    assert {state_folder().name, config_folder().name} == {"wireformer"}
    assert state_folder().is_absolute()
