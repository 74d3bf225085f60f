"""Runs an exported training script in a child process with limits.

The child has a process group of its own and little of the environment;
`builder.training.isolated` says what it can import.  These limits keep damage small; they are no
sandbox.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

GRACE = 5.0
"""Seconds that a child has to end when asked to."""

LONGEST_LINE = 65536
"""Characters of a line; what is longer is cut into several."""

_MOST_LATER = 2**23  # characters that are passed on after the child has ended
_START = Path(__file__).with_name("isolated.py")
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT"),
    *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY"),
)
_GIVEN = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait for each other sleep: where another program takes a core, threads that spin
made a step of the GPT example ten times as long."""


def run_script(
    folder: Path, script: str, arguments: Sequence[str], tell: Callable[[str], None]
) -> int:
    """Run a script of an exported folder, passing on each line that it prints.

    Args:
        folder: where the script lies; the child works there.
        script: its name.
        arguments: what it is called with.
        tell: gets every line.

    Returns:
        The child's exit code; 128 and the signal's number if a signal ended it.
    """
    python = [sys.executable, "-I", "-u", "-X", "utf8", str(_START)]
    child = subprocess.Popen(
        [*python, str(folder.resolve()), script, *arguments],
        cwd=folder,
        env=_GIVEN | {key: os.environ[key] for key in _KEPT if key in os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        for line in _lines(child):
            tell(line)
        code = child.wait()
    finally:
        _end(child)
    return code if code >= 0 else 128 - code


def _lines(child: subprocess.Popen) -> Iterator[str]:
    """Give every line until the child has ended, even if something it left keeps its output."""
    lines: Queue[str] = Queue(maxsize=100)

    def read() -> None:
        with child.stdout:
            while line := child.stdout.readline(LONGEST_LINE):
                lines.put(line)
        lines.put("")

    Thread(target=read, daemon=True).start()
    later = 0
    while later < _MOST_LATER:
        ended = child.poll() is not None
        try:
            line = lines.get(timeout=0.2)
        except Empty:
            if ended:
                return
            continue
        if not line:
            return
        later += ended * len(line)
        yield line.rstrip("\n")


def _end(child: subprocess.Popen) -> None:
    """See that nothing of the child's group is left."""
    if sys.platform == "win32":
        child.kill()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(GRACE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue  # whoever cannot wait gets it killed at once
        except (ProcessLookupError, PermissionError):
            break
    child.wait()
