"""The log: unexpected errors are written to it, and it never stops the program."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.storage.log import COUNT, LOG, SIZE, log_path, start_log, stop_log
from tests.nodes.save_workspace import in_child


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    stop_log()


def fail(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        LOG.exception("it failed")


def test_an_exception_is_logged_with_its_traceback(tmp_path: Path):
    assert start_log(tmp_path / "state") == ""
    fail("odd")
    text = log_path(tmp_path / "state").read_text(encoding="utf-8")
    assert "ERROR it failed\nTraceback" in text
    assert "in fail" in text
    assert text.endswith("ValueError: odd\n")


def test_a_second_start_appends_to_the_log_without_duplicate_lines(tmp_path: Path):
    for text in ("first", "second"):
        assert start_log(tmp_path) == ""
        fail(text)
    lines = log_path(tmp_path).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("ValueError")] == [
        "ValueError: first",
        "ValueError: second",
    ]


def test_the_size_of_the_log_is_bounded(tmp_path: Path):
    start_log(tmp_path)
    for _ in range((COUNT + 2) * SIZE // 100_000):
        LOG.error("x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == COUNT + 1
    assert all(path.stat().st_size <= SIZE for path in files)


def test_text_that_cannot_be_encoded_is_escaped(tmp_path: Path):
    start_log(tmp_path)
    fail("\ud800 \udcff €")
    assert "\\ud800 \\udcff €" in log_path(tmp_path).read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_reported(tmp_path: Path, capfd):
    (tmp_path / "file").touch()
    message = start_log(tmp_path / "file")
    assert message.startswith("errors are not logged: ")
    assert message.endswith(": a file is in the way; choose another name or another folder")
    fail("odd")
    assert start_log(tmp_path / "file" / "state").endswith("not a folder; choose another folder")
    assert "Traceback" not in capfd.readouterr().err


def test_a_log_that_is_closed_meanwhile_does_not_stop_the_program(tmp_path: Path, capfd):
    start_log(tmp_path)
    LOG.handlers[0].stream.close()
    fail("odd")
    assert capfd.readouterr().err == ""


def test_uncaught_exceptions_are_logged(tmp_path: Path):
    def work() -> int:
        start_log(tmp_path)
        thread = threading.Thread(target=fail_badly, name="worker")
        thread.start()
        thread.join()
        sys.excepthook(*error())
        stop_log()
        return 7 if sys.excepthook is sys.__excepthook__ else 0

    assert in_child(work) == 7
    text = log_path(tmp_path).read_text(encoding="utf-8")
    assert "worker CRITICAL uncaught exception" in text
    assert "KeyError: 'in a thread'" in text
    assert "MainThread CRITICAL uncaught exception" in text
    assert "ValueError: at all" in text


def fail_badly() -> None:
    raise KeyError("in a thread")


def error() -> tuple:
    try:
        raise ValueError("at all")
    except ValueError:
        return sys.exc_info()
