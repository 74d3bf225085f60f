"""Whatever fails in a save, the disk has the old file or the new, and the result says which."""

import errno
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nodes.core.files.atomic_save import ANYTHING, FileStamp, NotConfirmed, NotSaved
from tests.nodes.save_workspace import NEW, OLD, Workspace, calls_of, in_child, killed, system


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def saved(workspace: Workspace) -> Workspace:
    workspace.save(OLD, None)
    return workspace


def faults(count: int) -> Iterator[tuple[int, int]]:
    numbers = ("ENOSPC", "EIO", "EINTR", "EACCES", "EROFS", "EDQUOT", "EMFILE", "ENOLCK")
    return ((at, getattr(errno, name)) for at in range(count) for name in numbers)


def failing(at: int, number: int) -> Callable[[str, Callable, tuple], object]:
    """Make the call with an index fail."""
    made = []

    def around(name: str, call: Callable, _: tuple) -> object:
        made.append(name)
        if len(made) - 1 != at:
            return call()
        if name == "close":
            call()  # a handle is gone even if closing it fails
        raise OSError(number, os.strerror(number))

    return around


def outcome(saving: Callable[[], object]) -> bytes:
    """Return the content that must be on the disk after a save, by its result."""
    try:
        saving()
    except NotSaved:
        return OLD
    except NotConfirmed as error:
        assert error.stamp == FileStamp.of(NEW)
    return NEW


def test_every_error_of_every_system_call_leaves_what_the_answer_says(saved: Workspace):
    count = len(calls_of(lambda: saved.save(OLD, ANYTHING)))
    outcomes = set()
    for at, number in faults(count):
        saved.path.write_bytes(OLD)
        with system(failing(at, number)):
            expected = outcome(lambda: saved.save(NEW, FileStamp.of(OLD)))
        assert saved.path.read_bytes() == expected, (at, number)
        assert saved.names() == {"a.json"}, (at, number)
        outcomes.add(expected)
    assert outcomes == {OLD, NEW}


def test_every_error_for_a_new_file_leaves_none_or_all_of_it(workspace: Workspace):
    count = len(calls_of(lambda: workspace.save(NEW, None)))
    for at, number in faults(count):
        workspace.path.unlink(missing_ok=True)
        with system(failing(at, number)):
            expected = outcome(lambda: workspace.save(NEW, None))
        assert workspace.names() == ({"a.json"} if expected == NEW else set()), (at, number)
        assert expected == OLD or workspace.path.read_bytes() == NEW


def test_a_failure_of_the_folder_means_saved_but_not_confirmed(saved: Workspace):
    made = calls_of(lambda: saved.save(OLD, ANYTHING))
    last = max(at for at, (name, _) in enumerate(made) if name == "fsync")
    with system(failing(last, errno.EIO)), pytest.raises(NotConfirmed, match="save again"):
        saved.save(NEW, ANYTHING)
    with system(failing(last, errno.EINVAL)):
        assert saved.save(OLD, ANYTHING) == FileStamp.of(OLD)


def test_a_failed_save_can_be_repeated(saved: Workspace):
    made = calls_of(lambda: saved.save(OLD, ANYTHING))
    first = next(at for at, (name, _) in enumerate(made) if name == "fsync")
    with system(failing(first, errno.ENOSPC)), pytest.raises(NotSaved) as caught:
        saved.save(NEW, FileStamp.of(OLD))
    reason = "the disk is full; free some space, or choose a folder on another disk"
    assert str(caught.value).endswith(f"is not saved, and is on the disk as it was: {reason}")
    assert saved.save(NEW, FileStamp.of(OLD)) == FileStamp.of(NEW)


@pytest.mark.slow
def test_killed_at_every_system_call_a_save_leaves_the_old_or_the_new_file(saved: Workspace):
    made = calls_of(lambda: saved.save(OLD, ANYTHING))
    replaced = [name for name, _ in made].index("replace")
    for at in range(len(made)):
        for path in saved.folder.iterdir():
            path.unlink()
        saved.path.write_bytes(OLD)
        assert in_child(lambda at=at: killed(saved, at)) == -signal.SIGKILL
        assert saved.path.read_bytes() == (OLD if at <= replaced else NEW), made[at]
    assert saved.save(NEW, ANYTHING) == FileStamp.of(NEW)


@pytest.mark.slow
def test_a_process_killed_at_random_loses_no_confirmed_save(workspace: Workspace):
    workspace.save(b"%09d" % 0 * 5000, None)
    for number in range(60):
        answers, answer = os.pipe()
        child = os.fork()
        if not child:
            save_for_ever(workspace, answer)
        os.close(answer)
        time.sleep(number % 20 / 2000)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(answers, "rb") as lines:
            confirmed = lines.read().splitlines()
        data = workspace.path.read_bytes()
        assert data == data[:9] * 5000
        assert int(data[:9]) >= int(confirmed[-1] if confirmed else b"0")


def save_for_ever(workspace: Workspace, answer: int) -> None:
    number = int(workspace.path.read_bytes()[:9])
    while True:
        number += 1
        workspace.save(b"%09d" % number * 5000, ANYTHING)
        os.write(answer, b"%d\n" % number)


def test_a_short_write_is_continued(saved: Workspace):
    short, write = [], os.write

    def around(name: str, call: Callable, args: tuple) -> object:
        if name != "write":
            return call()
        short.append(write(args[0], args[1][:777]))
        return short[-1]

    with system(around):
        saved.save(NEW, ANYTHING)
    assert len(short) == -(-len(NEW) // 777)
    assert saved.path.read_bytes() == NEW


def test_signals_do_not_disturb_a_save(workspace: Workspace):
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    try:
        workspace.save(NEW * 100, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert workspace.path.read_bytes() == NEW * 100


def test_an_interrupted_save_leaves_no_temporary_file(saved: Workspace):
    def around(name: str, call: Callable, _: tuple) -> object:
        if name == "fsync":
            raise KeyboardInterrupt
        return call()

    with system(around), pytest.raises(KeyboardInterrupt):
        saved.save(NEW, ANYTHING)
    assert saved.names() == {"a.json"}
    assert saved.path.read_bytes() == OLD


def test_a_disk_that_is_really_full_leaves_the_old_file(saved: Workspace):
    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            saved.save(NEW, ANYTHING)
        except NotSaved:
            return 7
        return 0

    assert in_child(work) == 7
    assert saved.path.read_bytes() == OLD
    assert saved.names() == {"a.json"}
