"""Change the code of a package, one operator or value at a time, and count what no test notices.

``python -m tests.mutants codegen.check --sample 150`` prints, for a random sample of the changed
versions (mutants), how many make a test fail (killed) and how many do not (survived), and names the
latter; ``mutmut show NAME`` prints the difference of one.
"""

import argparse
import fnmatch
import json
import os
import random
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutmut import __main__ as mutmut
from mutmut.mutation.data import SourceFileMutationData
from mutmut.utils.format_utils import mangled_name_from_mutant_name

ROOT = Path(__file__).parents[1]
COPY = ROOT / "mutants"
# How many mutants one start of mutmut tests: their names are arguments of one command.
BATCH = 500
NOT_NOTICED = {"survived", "no tests"}
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
SELECTION = CONFIG["pytest_add_cli_args_test_selection"]


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
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes)]
    for first in range(0, len(names), BATCH):
        batch = names[first : first + BATCH]
        subprocess.run([*command, *batch], cwd=ROOT, env=environment(), check=True)


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(COPY), "OMP_NUM_THREADS": "1", **more}


def repeat_alone(names: list[str], processes: int) -> None:
    """Run the tests of survivors again, each in a new process, and store which are killed there.

    mutmut imports the code and sets up the fixtures of modules before it chooses the mutant, so it
    sees no change of what is computed then, such as the fields of a node type. In a new process all
    tests run, first the files of those that call the changed function.
    """
    tests = json.loads((COPY / "mutmut-stats.json").read_text())["tests_by_mangled_function_name"]
    pytest = [sys.executable, "-m", "pytest", "-x", *CONFIG["pytest_add_cli_args"]]

    def survives(name: str) -> bool:
        reached = tests.get(mangled_name_from_mutant_name(name), [])
        files = sorted({test.partition("::")[0] for test in reached})
        done = subprocess.run(
            [*pytest, *files, *SELECTION],
            cwd=COPY,
            env=environment(MUTANT_UNDER_TEST=name),
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    with ThreadPoolExecutor(processes) as pool:
        survived = dict(zip(names, pool.map(survives, names), strict=True))
    for path in mutmut.walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        killed = [name for name in data.exit_code_by_key if survived.get(name) is False]
        data.exit_code_by_key |= dict.fromkeys(killed, 1)
        data.save()


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
    chosen = set(names)
    unnoticed = [n for n, status in statuses(pattern) if n in chosen and status in NOT_NOTICED]
    repeat_alone(unnoticed, options.processes)

    tested = {name: status for name, status in statuses(pattern) if name in chosen}
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
