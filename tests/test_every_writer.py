"""Whatever happens while a file is written, the disk has the old version or the new, and whole."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from random import Random

import pytest

from tests.killed_writers import faults, kill_at_call, kill_at_random
from tests.nodes.save_workspace import system
from tests.power_loss import Disk
from tests.traced_writers import KILLED, calls, indices, write_traced
from tests.writers import FILE_WRITERS, NOT_CONFIRMED, NOT_SAVED, SAVED, WRITERS, Writer

pytestmark = pytest.mark.slow

ERRORS = ("ENOSPC", "EIO", "EPERM")  # benchmarks/system_calls.py has more
EVERY_WRITER = pytest.mark.parametrize("kind", WRITERS)
EVERY_FILE_WRITER = pytest.mark.parametrize("kind", FILE_WRITERS)


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREFORMER_STATE", "")  # a writer sets it


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder in memory where there is one: what is injected needs no disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as path:
        yield Path(path)


class Fault:
    """Makes the call with an index fail."""

    def __init__(self, index: int, number: int) -> None:
        self.index, self.number, self.made, self.failed = index, number, 0, ""

    def __call__(self, name: str, call: Callable, args: tuple) -> object:
        self.made += 1
        if self.made - 1 != self.index:
            return call()
        self.failed = f"{name}{args}"
        if name == "close":
            call()  # a handle is gone even if closing it fails
        raise OSError(self.number, os.strerror(self.number))


@EVERY_FILE_WRITER
@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_any_system_call_leaves_what_the_answer_says(kind, error, folder):
    writer = FILE_WRITERS[kind](folder)
    index, version, answers = 0, 1, set()
    while True:
        fault = Fault(index, getattr(errno, error))
        writer.make_ready(version + 1)
        with system(fault):
            answer = writer.write(version + 1)
        if not fault.failed:
            break
        answers.add(answer)
        version += answer != NOT_SAVED
        assert writer.version() == version, (fault.failed, answer)
        assert writer.kept(), fault.failed
        index += 1
    assert {NOT_SAVED, SAVED} <= answers <= {NOT_SAVED, NOT_CONFIRMED, SAVED}
    writer.make_ready(version + 2)
    assert writer.write(version + 2) == SAVED
    assert writer.leftovers() == []


def test_without_links_an_error_leaves_what_the_answer_says(folder):
    """The files are then replaced one after the other."""
    writer = FILE_WRITERS["project"](folder)
    index, version, answers = 0, 1, set()
    while True:
        fault = Fault(index, errno.EIO)

        def without_links(name: str, call: Callable, args: tuple, fault: Fault = fault) -> object:
            if name in ("symlink", "link"):
                raise OSError(errno.EPERM, os.strerror(errno.EPERM))
            return fault(name, call, args)

        with system(without_links):
            answer = writer.write(version + 1)
        if not fault.failed:
            break
        answers.add(answer)
        version += answer != NOT_SAVED
        assert writer.version() == version, (fault.failed, answer)
        index += 1
    assert answers == {NOT_SAVED, NOT_CONFIRMED, SAVED}


@EVERY_FILE_WRITER
def test_a_kill_at_any_system_call_leaves_the_old_version_or_the_new(kind, folder):
    writer = FILE_WRITERS[kind](folder)
    index, version = 0, 1
    while kill_at_call(writer, version + 1, index):
        assert faults(writer, {version, version + 1}) == [], index
        version, index = version + 2, index + 1
    assert writer.version() == version + 1


@EVERY_WRITER
def test_a_kill_at_a_random_moment_loses_no_confirmed_version(kind, tmp_path):
    writer, random = WRITERS[kind](tmp_path), Random(0)
    assert [kill_at_random(writer, random) for _ in range(15)] == [[]] * 15


class Trace:
    """Records which files are written, synced and renamed, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, ...]] = []
        self.paths: dict[int, str] = {}

    def __call__(self, name: str, call: Callable, args: tuple) -> object:
        result = call()
        if name == "open":
            self.paths[result] = str(args[0])
        elif name in ("write", "fsync"):
            self.events.append((name, self.paths[args[0]]))
        elif name in ("replace", "rename"):
            self.events.append(("rename", *map(str, args)))
        return result


@EVERY_FILE_WRITER
def test_content_is_synced_before_its_name_and_the_name_before_the_answer(kind, tmp_path):
    writer: Writer = FILE_WRITERS[kind](tmp_path)
    trace = Trace()
    writer.make_ready(2)
    with system(trace):
        assert writer.write(2) == SAVED
    renames = [at for at, (name, *_) in enumerate(trace.events) if name == "rename"]
    for at, (name, path, *_) in enumerate(trace.events):
        if name == "write":
            assert ("fsync", path) in trace.events[at : renames[0]], path
    # A stage is removed in the end, so what is renamed in it need not outlast it.
    for at in renames:
        folder = os.path.dirname(trace.events[at][2])
        assert ("fsync", folder) in trace.events[at:] or not Path(folder).exists(), folder


@EVERY_FILE_WRITER
def test_a_loss_of_power_at_any_moment_leaves_the_old_version_or_the_new(kind, folder):
    writer, random = FILE_WRITERS[kind](folder / "real"), Random(0)
    writer.make_ready(2)
    disk = Disk(writer.folder)
    found: set[int] = set()

    def lose_power() -> set[int]:
        versions = set()
        for share in (0.0, 1.0, *(random.random() for _ in range(20))):
            left = copy(writer)
            left.folder = folder / f"left {random.random()}"
            disk.lose_power(left.folder, random, share)
            versions.add(left.version())
        # Whatever is left, the next version can be written over it.
        left.make_ready(3)
        assert (left.write(3), left.version(), left.kept()) == (SAVED, 3, True)
        found.update(versions)
        return versions

    disk.at_each_call = lose_power
    with system(disk):
        assert writer.write(2) == SAVED
        assert lose_power() == {2}
    assert found == {1, 2}


needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
_PATH = re.compile(r"<(/[^>]*)>|\"([^\"]*)\"")


@needs_strace
@EVERY_FILE_WRITER
def test_the_kernel_is_asked_in_that_order(kind, folder):
    writer = FILE_WRITERS[kind](folder)
    writer.make_ready(2)
    answer, trace = write_traced(writer, 2, "-y", "-e", "trace=write,fsync,rename")
    assert answer == SAVED
    events = [(name, [a or b for a, b in _PATH.findall(rest)]) for _, name, rest in calls(trace)]
    renames = [at for at, (name, _) in enumerate(events) if name == "rename"]
    written = {paths[0] for name, paths in events if name == "write" and "/files/" in paths[0]}
    assert renames
    assert written
    for path in written:
        assert ("fsync", [path]) in events[: renames[0]]
    for at in renames:
        target = os.path.dirname(events[at][1][1])
        assert ("fsync", [target]) in events[at:] or not Path(target).exists()


@needs_strace
def test_a_kill_at_a_real_call_leaves_the_old_project_or_the_new(folder):
    writer = FILE_WRITERS["project"](folder)
    _, trace = write_traced(writer, 2)
    version = 2
    changing = {"rename", "symlink", "link", "mkdir", "unlink", "unlinkat", "rmdir", "fsync"}
    for name, index in indices(trace):
        if name not in changing:
            continue
        inject = f"inject={name}:signal=SIGKILL:when={index}"
        answer, _ = write_traced(writer, version + 1, "-e", f"trace={name}", "-e", inject)
        assert answer == KILLED, inject
        assert faults(writer, {version, version + 1}) == [], inject
        version += 2


@needs_strace
def test_an_error_of_a_real_call_leaves_what_the_answer_says(folder):
    writer = FILE_WRITERS["graph"](folder)
    _, trace = write_traced(writer, 2)
    version = 2
    for name, index in indices(trace):
        inject = f"inject={name}:error=EIO:when={index}"
        answer, _ = write_traced(writer, version + 1, "-e", f"trace={name}", "-e", inject)
        assert answer in (NOT_SAVED, NOT_CONFIRMED, SAVED), inject
        found = version if answer == NOT_SAVED else version + 1
        assert faults(writer, {found}) == [], inject
        version = found + 1
