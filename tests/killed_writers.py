"""Writers that are killed: at a random moment, or at one of their system calls."""

import os
import signal
import time
from collections.abc import Callable
from random import Random

from tests.nodes.save_workspace import in_child, system
from tests.writers import SAVED, TORN, Journals, Writer

LONGEST = 0.03
"""Seconds after which a writer is killed at the latest."""


def kill_at_random(writer: Writer, random: Random) -> list[str]:
    """Let a process write version after version, kill it, and return what is wrong afterwards."""
    before = writer.version()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        write_for_ever(writer, before, writing)
    os.close(writing)
    confirmed = os.read(reading, 10)  # it has begun
    time.sleep(random.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as lines:
        confirmed += lines.read()
    last = int(confirmed[-10:]) if confirmed else before
    return faults(writer, {last, last + 1})


def write_for_ever(writer: Writer, version: int, confirmed: int) -> None:
    try:
        os.write(confirmed, b"%9d\n" % version)
        while True:
            version += 1
            writer.make_ready(version)
            if writer.write(version) == SAVED:
                os.write(confirmed, b"%9d\n" % version)
    finally:
        os._exit(1)


def faults(writer: Writer, expected: set[int]) -> list[str]:
    """Return what is wrong with what a writer has left."""
    found = writer.version()
    wrong = []
    if found == TORN:
        wrong.append("torn")
    elif found not in expected:
        wrong.append(f"version {found} instead of {sorted(expected)}")
    if not writer.kept():
        wrong.append("a file of the user is gone")
    if not isinstance(writer, Journals):
        following = max(expected) + 1
        writer.make_ready(following)
        if writer.write(following) != SAVED:
            wrong.append("cannot be written again")
        if writer.version() != following:
            wrong.append("not what was written again")
        if left := writer.leftovers():
            wrong.append(f"left behind: {left}")
    return wrong


def kill_at_call(writer: Writer, version: int, index: int) -> bool:
    """Write a version in a process that is killed before one of its system calls.

    Returns:
        False if it makes fewer calls.
    """
    writer.make_ready(version)
    made = 0

    def around(name: str, call: Callable, args: tuple) -> object:
        nonlocal made
        if made == index:
            if name == "write":
                write(args[0], args[1][: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        made += 1
        return call()

    def work() -> int:
        with system(around):
            writer.write(version)
        return 0

    write = os.write
    return in_child(work) == -signal.SIGKILL
