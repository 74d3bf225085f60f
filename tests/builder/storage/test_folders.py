"""Listings of folders: their order, and entries that cannot be read."""

import os
from pathlib import Path

import pytest

from builder.storage.folders import MAX_LISTED, list_directory
from tests.nodes.save_workspace import in_child

NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.json", "a.JSON", "C.json", "notes.txt", ".hidden.json"):
        (tmp_path / name).touch()
    for name in ("zoo", "Archive", ".git", "looks.json"):
        (tmp_path / name).mkdir()
    return tmp_path


def names(folder: Path, suffix: str = ".json") -> list[str]:
    return [entry.name for entry in list_directory(folder, suffix).entries]


def test_folders_come_before_files_with_the_suffix_in_alphabetical_order(folder: Path):
    found = list_directory(folder)
    assert [entry.name for entry in found.entries] == [
        *("Archive", "looks.json", "zoo"),
        *("a.JSON", "b.json", "C.json"),
    ]
    assert [entry.is_folder for entry in found.entries] == [True] * 3 + [False] * 3
    assert all(entry.path == folder / entry.name for entry in found.entries)
    assert (found.folder, found.error) == (folder, "")


def test_the_suffix_decides_which_files_are_listed(folder: Path):
    assert names(folder, ".txt") == ["Archive", "looks.json", "zoo", "notes.txt"]
    assert names(folder, os.sep) == ["Archive", "looks.json", "zoo"]


def test_links_are_listed_as_their_targets(folder: Path):
    (folder / "to_zoo").symlink_to("zoo")
    (folder / "nowhere.json").symlink_to("nothing")
    (folder / "circle.json").symlink_to("circle.json")
    found = {entry.name: entry.is_folder for entry in list_directory(folder).entries}
    assert found["to_zoo"]
    assert not found["nowhere.json"]
    assert not found["circle.json"]


def test_a_name_that_is_not_valid_unicode_is_listed_and_can_be_opened(folder: Path):
    name = os.fsdecode(b"\xff.json")
    (folder / name).write_bytes(b"here")
    (found,) = (entry for entry in list_directory(folder).entries if entry.name == name)
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
    found = list_directory(folder / name)
    assert found.entries == ()
    assert found.error.endswith(f"cannot be listed: {reason}; choose another folder")


def test_a_folder_without_permission_says_so(tmp_path: Path):
    def look() -> int:
        os.chdir("/")
        if not os.getuid():
            os.setuid(NOBODY)
        return 7 if "permission denied" in list_directory(tmp_path / "private").error else 0

    (tmp_path / "private").mkdir(mode=0o000)
    assert in_child(look) == 7


def test_a_listing_is_limited_and_says_so(tmp_path: Path):
    for number in range(MAX_LISTED + 3):
        (tmp_path / f"{number}.json").touch()
    found = list_directory(tmp_path)
    assert len(found.entries) == MAX_LISTED
    assert found.error == f"only {MAX_LISTED} of {MAX_LISTED + 3} names are listed; type the name"
