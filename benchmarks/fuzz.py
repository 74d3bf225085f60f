"""Compile and run random models, and compare them with the interpretation of their graphs.

    python benchmarks/fuzz.py --graphs 2000 --seed 0

Prints the number of each outcome and every seed that failed; saves the first failed model as JSON.
"""

import argparse
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from nodes.core.files.model_file import dumps
from tests.agreement import compared
from tests.random_graphs import near_miss, random_model

SAVED = Path("failed.json")


def violations(folder: Path) -> str:
    """Report the sources that the formatter or the linter would change."""
    report = ""
    for command in ("format --check", "check"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", folder]
        result = subprocess.run(ruff, capture_output=True, text=True, check=False)
        report += result.stdout + result.stderr
    return report


def main() -> None:
    """Compare as many models as the command line says, every second a near miss."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--graphs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    out, failed = sys.stdout.write, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(arguments.seed, arguments.seed + arguments.graphs):
            valid = random_model(seed)
            model = near_miss(valid, Random(seed)) if seed % 2 else valid
            connection_error = compared(model)
            counts[connection_error.kind] += 1
            (Path(folder) / f"seed_{seed}.py").write_text(connection_error.source, encoding="ascii")
            if connection_error.faults:
                out(f"seed {seed}: {'; '.join(connection_error.faults)[:300]}\n")
                failed += 1
            if failed == 1 and connection_error.faults:
                SAVED.write_bytes(dumps(model))
        out(violations(Path(folder)))
    out(", ".join(f"{kind} {count}" for kind, count in counts.most_common()) + "\n")
    out(f"{failed} failed" + (f"; the first is saved as {SAVED}\n" if failed else "\n"))


if __name__ == "__main__":
    main()
