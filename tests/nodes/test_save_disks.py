"""Saving on a real disk that is full, or that can only be read."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOUNT = """
set -e
mount -t tmpfs -o size=64k tmpfs "$1"
cd "$1"
mkdir project
{prepare}
"$2" -c "$3"
"""
FULL = """
printf old > project/a
printf old > project/b
head -c 100000 /dev/zero > rest 2>/dev/null || true
"""
READ_ONLY = """
printf old > project/a
printf old > project/b
mount -o remount,ro tmpfs "$1"
"""
PROGRAM = """
import sys
from pathlib import Path
from nodes.core.files.atomic_save import ANYTHING, NotSaved, save
from nodes.core.files.project_save import save_files

def attempt(write):
    try:
        write()
    except NotSaved as error:
        sys.stdout.write(str(error).partition(" as it was: ")[2] + chr(10))

new = b"new" * 9000
attempt(lambda: save(Path("project/a"), new, ANYTHING))
attempt(lambda: save_files(Path("project"), {"a": new, "b": new}, True))
attempt(lambda: save_files(Path("another"), {"a": new, "b": new}))
names = sorted(path.name for path in Path().rglob("*") if path.name != "rest")
sys.stdout.write(f"{names} {[Path('project', name).read_text() for name in 'ab']}")
"""


@pytest.fixture
def mounts(tmp_path: Path) -> None:
    """Skip the test where the system lets no user mount a disk."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run(command, check=False).returncode:
        pytest.skip("the system permits no mounts")


@pytest.mark.slow
@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (FULL, "the disk is full; free some space, or choose a folder on another disk"),
        (READ_ONLY, "its disk can only be read; choose a folder on another disk"),
    ],
    ids=["full", "read-only"],
)
def test_the_old_files_stay_and_the_reason_is_named(prepare: str, reason: str, tmp_path: Path):
    script = MOUNT.format(prepare=prepare)
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, PROGRAM]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    *reasons, left = done.stdout.splitlines()
    assert reasons == [reason] * 3
    assert left == "['a', 'b', 'project'] ['old', 'old']"
