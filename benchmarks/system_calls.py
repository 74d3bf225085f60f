"""Let each real system call of every writer of files fail in every way, or be the last.

    python -m benchmarks.system_calls

Needs strace, and the permission to trace. Prints, for each writer, the number of its system calls
and of the runs, what it answered, and what was wrong with the files afterwards.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.killed_writers import faults
from tests.traced_writers import CRASHED, KILLED, indices, write_traced
from tests.writers import NOT_SAVED, WRITERS, Writer

ERRORS = (
    *("ENOSPC", "EIO", "EACCES", "EPERM", "EROFS", "EDQUOT", "EMFILE", "ENOMEM", "EINTR"),
    *("ENAMETOOLONG", "ELOOP", "EXDEV"),
)
KILL = "signal=SIGKILL"


class Run:
    """The runs of one writer, each with a version of its own."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.version = writer, 1
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []

    def calls(self) -> list[tuple[str, int]]:
        """Write twice, and list the system calls of the second time."""
        self.one(())
        return indices(self.one(()))

    def one(self, options: tuple[str, ...]) -> str:
        """Write a version under strace, check what it leaves, and return the trace."""
        before = self.writer.version()
        following = self.version + 1
        self.writer.make_ready(following)
        answer, trace = write_traced(self.writer, following, *options)
        self.answers[answer] += 1
        either = answer in (KILLED, CRASHED)
        new = {following} if answer != NOT_SAVED else set()
        found = faults(self.writer, new | ({before} if either or not new else set()))
        if answer == CRASHED:
            found.append("ended with an exception")
        self.wrong += [f"{' '.join(options)}: {answer}: {what}" for what in found]
        self.version = following + 1
        return trace


def main() -> None:
    """Run the writers that the command line names, by default all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--writers", nargs="*", default=list(WRITERS), choices=list(WRITERS))
    parser.add_argument("--errors", nargs="*", default=list(ERRORS))
    parser.add_argument("--folder", type=Path, help="where to write; by default temporary files")
    arguments = parser.parse_args()
    out, failed, runs = sys.stdout.write, 0, 0
    for name in arguments.writers:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            run = Run(WRITERS[name](Path(folder)))
            calls = run.calls()
            for call, index in calls:
                for what in (*(f"error={error}" for error in arguments.errors), KILL):
                    run.one(("-e", f"trace={call}", "-e", f"inject={call}:{what}:when={index}"))
        answers = ", ".join(f"{answer} {count}" for answer, count in run.answers.most_common())
        total = run.answers.total()
        out(f"{name:14} {len(calls):4} calls, {total:5} runs: {answers}; {len(run.wrong)} faults\n")
        out("".join(f"  {line}\n" for line in run.wrong[:20]))
        failed, runs = failed + len(run.wrong), runs + total
    out(f"{runs} runs, {failed} faults\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
