"""Reading, checking and compiling an untrusted file has no side effects."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.codegen.hostile import PAYLOADS
from tests.codegen.watched import AuditHook

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class AuditResult(NamedTuple):
    """The output of the audited program."""

    events: list
    has_torch: bool
    files: int
    valid: int


@pytest.fixture(scope="module")
def result() -> AuditResult:
    process = subprocess.run(
        [sys.executable, ROOT / "tests/codegen/watched.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=json.dumps(PAYLOADS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stderr == ""
    return AuditResult(*json.loads(process.stdout))


def test_no_file_runs_code_or_writes(result):
    assert result.events == []


def test_no_file_imports_torch(result):
    assert not result.has_torch


def test_valid_and_broken_files_were_read(result):
    assert result.files > 500
    assert 0.05 < result.valid / result.files < 0.9


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
def test_audit_hook_records_forbidden_events(event, args):
    hook = AuditHook()
    hook.enabled = True
    hook(event, args)
    assert [name for name, _ in hook.events] == [event]


@pytest.mark.parametrize(
    ("event", "args"),
    [("compile", ("4 * config.width", "<unknown>")), ("open", ("file", "r", os.O_RDONLY))],
)
def test_audit_hook_allows_reading_and_arithmetic(event, args):
    assert AuditHook().allows(event, args)
