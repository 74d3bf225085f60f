"""Runs an exported training script, or other code of the user, in a child process with limits.

The child has a process group of its own and few environment variables; `builder.training.isolated`
limits what a script can import, and ends the group with this program.  This keeps damage by
mistakes small; it is no sandbox.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

GRACE_PERIOD = 5.0
"""Seconds from the request to end until the child is killed."""

MAX_LINE_LENGTH = 65536
"""Characters after which a line is split."""

_POLL_INTERVAL = 0.2  # seconds
_MAX_TRAILING_OUTPUT = 2**23  # characters that are passed on after the child has ended
_ENTRY_POINT = Path(__file__).with_name("isolated.py")
_INHERITED = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT"),
    *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY"),
)
_DEFAULTS = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads block rather than spin: where another program occupies a core, spinning made a step of
the GPT example ten times as long."""


def run_script(
    folder: Path,
    script: str,
    arguments: Sequence[str],
    on_line: Callable[[str], None],
    seconds: float | None = None,
) -> int:
    """Run a script of an exported folder, and pass on each line of its output.

    Args:
        folder: the folder of the script, which is also its working directory.
        script: the name of the script.
        arguments: its command-line arguments.
        on_line: called with each line of its output.
        seconds: the most that it may take.

    Raises:
        TimeoutError: it takes longer, and was ended.

    Returns:
        The exit code of the child; 128 plus the number of the signal if one ended it.
    """
    named = [str(folder.resolve()), script, *arguments]
    return run_child(_ENTRY_POINT, named, folder, on_line, seconds)


def run_child(
    program: Path,
    arguments: Sequence[str],
    folder: Path,
    on_line: Callable[[str], None],
    seconds: float | None = None,
) -> int:
    """Run a program of ours that runs code of the user, and pass on each line of its output.

    Args:
        program: the file of the program.
        arguments: its command-line arguments.
        folder: its working directory.
        on_line: called with each line of its output.
        seconds: the most that it may take.

    Raises:
        TimeoutError: it takes longer, and was ended.

    Returns:
        The exit code of the child; 128 plus the number of the signal if one ended it.
    """
    python = [sys.executable, "-I", "-u", "-X", "utf8", str(program)]
    child = subprocess.Popen(
        [*python, *arguments],
        cwd=folder,
        env=_DEFAULTS | {key: os.environ[key] for key in _INHERITED if key in os.environ},
        stdin=subprocess.PIPE,  # nothing is sent: it closes when this program ends
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        for line in _lines(child, seconds):
            on_line(line)
        code = child.wait()
    finally:
        _end_group(child)
        if child.stdin is not None:
            child.stdin.close()
    return code if code >= 0 else 128 - code


def _lines(child: subprocess.Popen[str], seconds: float | None) -> Iterator[str]:
    """Yield lines until the child has ended, even if a process of it keeps the output open."""
    end = None if seconds is None else time.monotonic() + seconds
    lines: Queue[str] = Queue(maxsize=100)
    if child.stdout is not None:
        Thread(target=_read_lines, args=(child.stdout, lines), daemon=True).start()
    trailing = 0
    while trailing < _MAX_TRAILING_OUTPUT:
        ended = child.poll() is not None
        if end is not None and time.monotonic() > end:
            raise TimeoutError(f"the script takes longer than {seconds:g} seconds")
        try:
            line = lines.get(timeout=_POLL_INTERVAL)
        except Empty:
            if ended:
                return
            continue
        if not line:
            return
        trailing += ended * len(line)
        yield line.rstrip("\n")


def _read_lines(output: IO[str], lines: Queue[str]) -> None:
    with output:
        while line := output.readline(MAX_LINE_LENGTH):
            lines.put(line)
    lines.put("")


def _end_group(child: subprocess.Popen[str]) -> None:
    """End every process of the child's group."""
    if sys.platform == "win32":
        child.kill()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(GRACE_PERIOD)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue  # a second interrupt kills at once
        except (ProcessLookupError, PermissionError):
            break
    child.wait()
