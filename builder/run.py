"""Runs an exported training script in a child process with limits.

The child sees the standard library and the installed packages before the exported folder, so that
a file called ``torch.py`` in it is never loaded instead of PyTorch.  It gets a process group and
little of the environment.  These limits keep damage small; they are no sandbox.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

LARGEST_FILE = 8 * 2**30
"""Bytes that one file of the child may have."""

GRACE = 5.0
"""Seconds that a child has to end when asked to."""

_START = """
import runpy, sys
if sys.platform != "win32":
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    limit = {limit} if hard == resource.RLIM_INFINITY else min(hard, {limit})
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
folder, script = sys.argv[1:3]
sys.path.append(folder)
sys.argv = [script, *sys.argv[3:]]
runpy.run_path(folder + "/" + script, run_name="__main__")
"""
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SYSTEMROOT", "CUDA_VISIBLE_DEVICES")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


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
        The child's exit code.
    """
    environment = {key: os.environ[key] for key in (*_KEPT, *_THREADS) if key in os.environ}
    start = _START.format(limit=LARGEST_FILE)
    command = [sys.executable, "-I", "-u", "-c", start, str(folder.resolve()), script, *arguments]
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        for line in child.stdout:
            tell(line.rstrip("\n"))
        return child.wait()
    finally:
        _end(child)


def _end(child: subprocess.Popen) -> None:
    """See that nothing of the child's group is left."""
    if sys.platform == "win32":
        child.kill()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue
    child.wait()
