"""Whatever fails in a save, on disk is the old file or the new, and the answer says which."""

import errno
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nodes.core.files.atomic_save import ANYTHING, FileStamp, NotConfirmed, NotSaved
from tests.nodes.desk import NEW, OLD, Desk, calls_of, in_child, killed, system


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def full(desk: Desk) -> Desk:
    desk.save(OLD, None)
    return desk


def faults(count: int) -> Iterator[tuple[int, int]]:
    numbers = ("ENOSPC", "EIO", "EINTR", "EACCES", "EROFS", "EDQUOT", "EMFILE", "ENOLCK")
    return ((at, getattr(errno, name)) for at in range(count) for name in numbers)


def failing(at: int, number: int) -> Callable[[str, Callable, tuple], object]:
    """Make the call of that index fail."""
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
    """Tell what an answer says of the disk."""
    try:
        saving()
    except NotSaved:
        return OLD
    except NotConfirmed as error:
        assert error.stamp == FileStamp.of(NEW)
    return NEW


def test_every_error_of_every_system_call_leaves_what_the_answer_says(full: Desk):
    count = len(calls_of(lambda: full.save(OLD, ANYTHING)))
    told = set()
    for at, number in faults(count):
        full.path.write_bytes(OLD)
        with system(failing(at, number)):
            said = outcome(lambda: full.save(NEW, FileStamp.of(OLD)))
        assert full.path.read_bytes() == said, (at, number)
        assert full.names() == {"a.json"}, (at, number)
        told.add(said)
    assert told == {OLD, NEW}


def test_every_error_for_a_new_file_leaves_none_or_all_of_it(desk: Desk):
    count = len(calls_of(lambda: desk.save(NEW, None)))
    for at, number in faults(count):
        desk.path.unlink(missing_ok=True)
        with system(failing(at, number)):
            said = outcome(lambda: desk.save(NEW, None))
        assert desk.names() == ({"a.json"} if said == NEW else set()), (at, number)
        assert said == OLD or desk.path.read_bytes() == NEW


def test_a_failure_of_the_folder_means_saved_but_not_confirmed(full: Desk):
    made = calls_of(lambda: full.save(OLD, ANYTHING))
    last = max(at for at, (name, _) in enumerate(made) if name == "fsync")
    with system(failing(last, errno.EIO)), pytest.raises(NotConfirmed, match="save again"):
        full.save(NEW, ANYTHING)
    with system(failing(last, errno.EINVAL)):
        assert full.save(OLD, ANYTHING) == FileStamp.of(OLD)


def test_a_failed_save_can_be_repeated(full: Desk):
    made = calls_of(lambda: full.save(OLD, ANYTHING))
    first = next(at for at, (name, _) in enumerate(made) if name == "fsync")
    with system(failing(first, errno.ENOSPC)), pytest.raises(NotSaved) as caught:
        full.save(NEW, FileStamp.of(OLD))
    reason = "the disk is full; free some space, or save in another folder"
    assert str(caught.value).endswith(f"is not saved, and is on the disk as it was: {reason}")
    assert full.save(NEW, FileStamp.of(OLD)) == FileStamp.of(NEW)


@pytest.mark.slow
def test_killed_at_every_system_call_a_save_leaves_the_old_or_the_new_file(full: Desk):
    made = calls_of(lambda: full.save(OLD, ANYTHING))
    replaced = [name for name, _ in made].index("replace")
    for at in range(len(made)):
        full.path.write_bytes(OLD)
        assert in_child(lambda at=at: killed(full, at)) == -signal.SIGKILL
        assert full.path.read_bytes() == (OLD if at <= replaced else NEW), made[at]
    assert full.save(NEW, ANYTHING) == FileStamp.of(NEW)


@pytest.mark.slow
def test_killed_at_random_a_saver_loses_nothing_it_was_told_is_saved(desk: Desk):
    desk.save(b"%09d" % 0 * 5000, None)
    for number in range(60):
        answers, answer = os.pipe()
        child = os.fork()
        if not child:
            save_for_ever(desk, answer)
        os.close(answer)
        time.sleep(number % 20 / 2000)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(answers, "rb") as lines:
            told = lines.read().splitlines()
        data = desk.path.read_bytes()
        assert data == data[:9] * 5000
        assert int(data[:9]) >= int(told[-1] if told else b"0")


def save_for_ever(desk: Desk, answer: int) -> None:
    number = int(desk.path.read_bytes()[:9])
    while True:
        number += 1
        desk.save(b"%09d" % number * 5000, ANYTHING)
        os.write(answer, b"%d\n" % number)


def test_a_save_goes_on_where_a_write_is_short(full: Desk):
    short, write = [], os.write

    def around(name: str, call: Callable, args: tuple) -> object:
        if name != "write":
            return call()
        short.append(write(args[0], args[1][:777]))
        return short[-1]

    with system(around):
        full.save(NEW, ANYTHING)
    assert len(short) == -(-len(NEW) // 777)
    assert full.path.read_bytes() == NEW


def test_signals_do_not_disturb_a_save(desk: Desk):
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    try:
        desk.save(NEW * 100, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert desk.path.read_bytes() == NEW * 100


def test_an_interrupted_save_leaves_no_rubbish(full: Desk):
    def around(name: str, call: Callable, _: tuple) -> object:
        if name == "fsync":
            raise KeyboardInterrupt
        return call()

    with system(around), pytest.raises(KeyboardInterrupt):
        full.save(NEW, ANYTHING)
    assert full.names() == {"a.json"}
    assert full.path.read_bytes() == OLD


def test_a_disk_that_is_really_full_leaves_the_old_file(full: Desk):
    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            full.save(NEW, ANYTHING)
        except NotSaved:
            return 7
        return 0

    assert in_child(work) == 7
    assert full.path.read_bytes() == OLD
    assert full.names() == {"a.json"}
