"""Folders are listed as a person expects, and nothing in them stops the listing."""

import os
from pathlib import Path

import pytest

from builder.storage.folders import MOST, complete, listing
from tests.nodes.desk import in_child

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.json", "a.JSON", "C.json", "notes.txt", ".hidden.json"):
        (tmp_path / name).touch()
    for name in ("zoo", "Archive", ".git", "looks.json"):
        (tmp_path / name).mkdir()
    return tmp_path


def names(folder: Path, suffix: str = ".json") -> list[str]:
    return [one.name for one in listing(folder, suffix).entries]


def test_folders_come_first_and_then_the_files_that_fit_in_the_order_of_names(folder: Path):
    found = listing(folder)
    assert [one.name for one in found.entries] == [
        *("Archive", "looks.json", "zoo"),
        *("a.JSON", "b.json", "C.json"),
    ]
    assert [one.is_folder for one in found.entries] == [True] * 3 + [False] * 3
    assert all(one.path == folder / one.name for one in found.entries)
    assert (found.folder, found.error) == (folder, "")


def test_the_suffix_decides_which_files_are_listed(folder: Path):
    assert names(folder, ".txt") == ["Archive", "looks.json", "zoo", "notes.txt"]
    assert names(folder, os.sep) == ["Archive", "looks.json", "zoo"]


def test_links_are_what_they_lead_to(folder: Path):
    (folder / "to_zoo").symlink_to("zoo")
    (folder / "nowhere.json").symlink_to("nothing")
    (folder / "circle.json").symlink_to("circle.json")
    found = {one.name: one.is_folder for one in listing(folder).entries}
    assert found["to_zoo"]
    assert not found["nowhere.json"]
    assert not found["circle.json"]


def test_a_name_that_is_no_text_is_listed_and_can_be_opened(folder: Path):
    name = os.fsdecode(b"\xff.json")
    (folder / name).write_bytes(b"here")
    (found,) = (one for one in listing(folder).entries if one.name == name)
    assert found.path.read_bytes() == b"here"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing", "no such file or directory"),
        ("b.json", "not a directory"),
        ("a\0b", "embedded null byte"),
        ("x" * 300, "file name too long"),
    ],
)
def test_a_folder_that_cannot_be_listed_says_why(folder: Path, name: str, reason: str):
    found = listing(folder / name)
    assert found.entries == ()
    assert found.error.endswith(f"cannot be looked into: {reason}; choose another folder")


def test_a_folder_without_permission_says_so(tmp_path: Path):
    def look() -> int:
        os.chdir("/")
        if not os.getuid():
            os.setuid(NOBODY)
        return 7 if "permission denied" in listing(tmp_path / "private").error else 0

    (tmp_path / "private").mkdir(mode=0o000)
    assert in_child(look) == 7


def test_a_very_full_folder_is_listed_in_part(tmp_path: Path):
    for number in range(MOST + 3):
        (tmp_path / f"{number}.json").touch()
    found = listing(tmp_path)
    assert len(found.entries) == MOST
    assert found.error == f"only {MOST} of {MOST + 3} names are listed; type the name"


def test_a_path_goes_on_with_every_name_that_fits(folder: Path):
    assert complete(f"{folder}/") == (
        *(f"{folder}/{name}/" for name in ("Archive", "looks.json", "zoo")),
        *(f"{folder}/{name}" for name in ("a.JSON", "b.json", "C.json")),
    )
    assert complete(f"{folder}/z") == (f"{folder}/zoo/",)
    assert complete(f"{folder}/b") == (f"{folder}/b.json",)
    assert complete(f"{folder}/.") == (f"{folder}/.git/", f"{folder}/.hidden.json")
    assert complete(f"{folder}/b", os.sep) == ()


def test_what_was_typed_stays_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    assert complete("~/z") == ("~/zoo/",)
    assert complete("z") == ("zoo/",)
    assert complete("./../" + folder.name + "/z") == (f"./../{folder.name}/zoo/",)


@pytest.mark.parametrize("text", ["nothing/a", "a\0b/c", "x" * 5000 + "/", "~nobody_at_all/", "//"])
def test_what_cannot_be_completed_goes_on_with_nothing_or_what_is_there(text: str):
    assert all(way.startswith(text) for way in complete(text))
