"""Writers under strace: their real system calls, each of which can fail or be the last."""

import os
import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.writers import NOT_CONFIRMED, NOT_SAVED, SAVED, Writer

ANSWERS = (SAVED, NOT_SAVED, NOT_CONFIRMED)
KILLED, CRASHED = "killed", "crashed"

_CALL = re.compile(r"(\d+) +(\w+)\((.*)")
_OF_THE_INTERPRETER = re.compile(
    "brk|mmap|munmap|mprotect|mremap|madvise|futex|rt_sig.*|restart_syscall|clone.*|exit.*|get[pt]id"
    "|clock_.*|sched_.*|getrandom|set_robust_list|rseq|prctl|poll|ppoll|select|epoll.*|wait4|uname"
    "|sysinfo|gettimeofday|sigaltstack|arch_prctl|set_tid_address|prlimit64|get[eu].*id|membarrier"
)


def write_traced(writer: Writer, version: int, *options: str) -> tuple[str, str]:
    """Write a version under strace; return the answer, or how the process ended, and the trace."""
    (waiting, go), (ready, begun) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        write_when_told(writer, version, (waiting, go, begun))
    os.close(waiting)
    os.read(ready, 1)  # from here on, each call of the child is one of the writer
    os.close(ready)
    os.close(begun)
    with tempfile.NamedTemporaryFile("r") as trace:
        command = ["strace", "-f", "-o", trace.name, *options, "-p", str(child)]
        strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        attached = strace.stderr.readline()
        os.close(go)
        _, status = os.waitpid(child, 0)
        rest = strace.communicate()[1]
        assert "attached" in attached, attached + rest
        text = Path(trace.name).read_text(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return KILLED, text
    return ANSWERS[code] if code in range(len(ANSWERS)) else CRASHED, text


def write_when_told(writer: Writer, version: int, pipes: tuple[int, int, int]) -> None:
    waiting, go, begun = pipes
    code = 99
    try:
        os.close(go)
        os.write(begun, b".")
        os.read(waiting, 1)
        code = ANSWERS.index(writer.write(version))
    finally:
        os._exit(code)


def calls(trace: str) -> Iterator[tuple[str, str, str]]:
    """Yield the thread, the name and the rest of each call in a trace."""
    for line in trace.splitlines():
        if match := _CALL.match(line):
            yield match[1], match[2], match[3]


def indices(trace: str) -> list[tuple[str, int]]:
    """List the calls of a writer by name and how often it was called in its thread, from 1."""
    counts: Counter[tuple[str, str]] = Counter()
    for thread, name, _ in calls(trace):
        counts[thread, name] += 1
    most: Counter[str] = Counter()
    for (_, name), count in counts.items():
        most[name] = max(most[name], count)
    return [
        (name, index)
        for name, count in most.items()
        if not _OF_THE_INTERPRETER.fullmatch(name)
        for index in range(1, count + 1)
        if (name, index) != ("read", 1)  # that which waits
    ]
