"""A file is read within its limits, and nothing but a file is read."""

import os
import socket
from pathlib import Path

import pytest

from nodes.core.files.strict_json import LIMITS, FileError, Limits, read_file


def test_a_file_is_read_whole(tmp_path: Path):
    path = tmp_path / "model.json"
    path.write_bytes(b"a\r\nb\x1a\0")
    assert read_file(path) == b"a\r\nb\x1a\0"
    assert read_file(str(path), Limits(size=6)) == b"a\r\nb\x1a\0"


def refusal(path: Path | str, limits: Limits = LIMITS) -> str:
    with pytest.raises(FileError) as caught:
        read_file(path, limits)
    assert caught.value.pointer == ""
    return caught.value.message


def test_a_file_one_byte_too_large_is_refused(tmp_path: Path):
    path = tmp_path / "model.json"
    path.write_bytes(b"123456")
    message = "expected a file of at most 5 bytes; divide it, or shorten it"
    assert refusal(path, Limits(size=5)) == message


def test_a_sparse_file_of_a_tebibyte_is_refused(tmp_path: Path):
    path = tmp_path / "model.json"
    path.touch()
    os.truncate(path, 2**40)
    assert "at most 16777216 bytes" in refusal(path)


def test_a_file_that_hides_its_size_is_read_to_the_limit_only():
    assert "got a device: " in refusal("/dev/zero")
    assert "at most 3 bytes" in refusal("/proc/self/status", Limits(size=3))


def test_what_is_no_file_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert "cannot be read" in refusal(tmp_path / "socket")
    assert refusal(tmp_path).startswith("expected a file, got a folder: ")
    assert refusal(tmp_path / "pipe").startswith("expected a file, got a pipe: ")
    assert "no such file or directory; check its name" in refusal(tmp_path / "absent")
    assert "expected the name of a file" in refusal("a\0b")
    assert "longer than 255 bytes" in refusal(tmp_path / ("a" * 300))


def test_a_refusal_leaves_nothing_open(tmp_path: Path):
    with open(os.devnull) as before:
        free = before.fileno()
    for path in (tmp_path, "/dev/null", tmp_path / "absent"):
        refusal(path)
    with open(os.devnull) as after:
        assert after.fileno() == free
