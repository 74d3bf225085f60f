"""The checkpoint that a training script saves is whole, and a failure to save it is one line."""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.nodes.save_workspace import in_child, system
from tests.writers import Checkpoints

pytestmark = pytest.mark.slow


@pytest.fixture
def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkpoints:
    monkeypatch.setenv("WIREFORMER_STATE", "")  # a writer sets it
    return Checkpoints(tmp_path)


def test_a_checkpoint_is_synced_before_it_gets_its_name(writer: Checkpoints):
    made = []

    def note(name: str, call: Callable, args: tuple) -> object:
        made.append(name)
        return call()

    with system(note):
        writer.write(2)
    assert [name for name in made if name in ("fsync", "replace")] == ["fsync", "replace"]


def test_a_full_disk_is_one_line_with_its_cause_and_leaves_the_old(writer: Checkpoints):
    reading, writing = os.pipe()

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, -1))
        try:
            writer.script.save({"step": 2}, writer.folder / "last.pt")
        except SystemExit as error:
            os.write(writing, str(error).encode())
        return 0

    assert in_child(work) == 0
    os.close(writing)
    with os.fdopen(reading) as lines:
        assert lines.read() == (
            f"{writer.folder / 'last.pt'}: expected to save a checkpoint, got: [Errno 27] File too "
            "large. Free some space, or name another folder with --out."
        )
    assert writer.version() == 1
    assert writer.leftovers() == []


def test_the_mode_of_a_checkpoint_is_kept(writer: Checkpoints):
    path = writer.folder / "last.pt"
    path.chmod(0o600)
    writer.write(2)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_killed_run_left_is_replaced(writer: Checkpoints):
    (writer.folder / "last.part").write_bytes(b"half")
    writer.write(2)
    assert writer.version() == 2
    assert writer.leftovers() == []
