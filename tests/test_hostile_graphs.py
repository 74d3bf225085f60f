"""Whatever a file contains, each command ends with a result or a message, in 1 GiB of memory."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile_graphs import KINDS

ROOT = Path(__file__).parents[1]
MEMORY = 2**30
COMMANDS = """
import sys
from typer.testing import CliRunner
from builder.cli.commands import app
for words in (["check"], ["check", "--json"], ["show"], ["show", "-T", "1000000000"], ["compile"]):
    done = CliRunner().invoke(app, [words[0], sys.argv[1], *words[1:]])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (0, 1, 2), done.exit_code
    print(*words, done.exit_code)
"""

pytestmark = pytest.mark.slow


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
@pytest.mark.parametrize("name", KINDS)
def test_no_command_fails_without_a_message(name, tmp_path):
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(KINDS[name]()), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=limit_memory,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(done.stdout.splitlines()) == 5
