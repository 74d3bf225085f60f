"""Change the code of a package, one operator or value at a time, and count what no test notices.

``python -m tests.mutants codegen.check --sample 150`` prints, for a random sample of the changed
versions (mutants), how many make a test fail (killed) and how many do not (survived), and names the
latter; ``mutmut show NAME`` prints the difference of one.
"""

import argparse
import fnmatch
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mutmut import __main__ as mutmut
from mutmut.mutation.data import SourceFileMutationData

ROOT = Path(__file__).parents[1]
COPY = ROOT / "mutants"
# How many mutants one start of mutmut tests: their names are arguments of one command.
BATCH = 500


def write_mutants(processes: int) -> None:
    """Copy the project into mutants/ and write there every mutant of each changed file."""
    COPY.mkdir(exist_ok=True)
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(processes)


def statuses(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield name and status of each mutant whose name matches."""
    for path in mutmut.walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            if fnmatch.fnmatchcase(name, pattern):
                yield name, mutmut.status_by_exit_code[code]


def run_tests(names: list[str], processes: int) -> None:
    """Run, for each mutant, the tests that call the changed function, importing from the copy."""
    environment = os.environ | {"PYTHONPATH": str(COPY), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes)]
    for first in range(0, len(names), BATCH):
        batch = names[first : first + BATCH]
        subprocess.run([*command, *batch], cwd=ROOT, env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", help="a dotted name, such as codegen.check or nodes.core.files")
    parser.add_argument("--sample", type=int, help="test this many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default: 0)")
    parser.add_argument("--processes", type=int, default=2, help="(default: 2)")
    options = parser.parse_args()

    write_mutants(options.processes)
    pattern = f"{options.package}.*"
    names = sorted(name for name, _ in statuses(pattern))
    if not names:
        parser.error(f"expected a package with mutants, got {options.package}")
    if options.sample:
        names = random.Random(options.seed).sample(names, min(options.sample, len(names)))
    run_tests(names, options.processes)

    tested = {name: status for name, status in statuses(pattern) if name in set(names)}
    for name, status in sorted(tested.items()):
        if status != "killed":
            print(f"{status:10} {name}")
    print(report(options.package, Counter(tested.values())))


def report(package: str, counts: Counter[str]) -> str:
    """Format the counts; a mutant that loops until its time is over is killed, too."""
    total = counts.total()
    killed = counts["killed"] + counts["timeout"]
    percent = 100 * (total - killed) / total
    return (
        f"{package}: {total} mutants, {killed} killed, {total - killed} survived ({percent:.1f} %)"
    )


if __name__ == "__main__":
    main()
