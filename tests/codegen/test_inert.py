"""Reading, checking and compiling a file runs nothing of it, whatever stands in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.codegen.hostile import PAYLOADS
from tests.codegen.watched import Watch

ROOT = Path(__file__).parents[2]


class Told(NamedTuple):
    """What the watched program tells."""

    seen: list
    has_torch: bool
    files: int
    good: int


@pytest.fixture(scope="module")
def told() -> Told:
    done = subprocess.run(
        [sys.executable, ROOT / "tests/codegen/watched.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=json.dumps(PAYLOADS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return Told(*json.loads(done.stdout))


def test_no_file_makes_anything_run_or_be_written(told):
    assert told.seen == []


def test_no_file_loads_tensors(told):
    assert not told.has_torch


def test_good_and_broken_files_were_read(told):
    assert told.files > 500
    assert 0.1 < told.good / told.files < 0.9


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("exec", (None,)),
        ("import", ("colorsys", None, None, None, None)),
        ("compile", ("x = 1", "<unknown>")),
        ("compile", ("x + 1", "<string>")),
        ("compile", (None, "<unknown>")),
        ("open", ("file", "w", os.O_WRONLY | os.O_CREAT)),
        ("open", ("file", None, os.O_RDWR)),
        ("os.system", ("true",)),
        ("os.remove", ("file",)),
        ("subprocess.Popen", ("true",)),
        ("socket.connect", ()),
        ("pickle.find_class", ("os", "system")),
    ],
)
def test_the_watch_sees_what_must_not_happen(event, args):
    watch = Watch()
    watch.armed = True
    watch(event, args)
    assert [name for name, _ in watch.seen] == [event]


@pytest.mark.parametrize(
    ("event", "args"),
    [("compile", ("4 * config.width", "<unknown>")), ("open", ("file", "r", os.O_RDONLY))],
)
def test_the_watch_lets_reading_and_arithmetic_pass(event, args):
    assert Watch().allows(event, args)
