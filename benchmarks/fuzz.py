"""Compile and run models drawn at random, and compare them with what their graphs mean.

    python benchmarks/fuzz.py --graphs 2000 --seed 0

Prints what became of them, and every seed that failed; the graph of the first is saved as JSON.
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
from tests.agreement import judged
from tests.random_graphs import drawn_model, near_miss

SAVED = Path("failed.json")


def unlike_formatter(folder: Path) -> str:
    """Tell the sources that the formatter or the linter would change."""
    found = ""
    for command in ("format --check", "check"):
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--quiet", folder]
        told = subprocess.run(ruff, capture_output=True, text=True, check=False)
        found += told.stdout + told.stderr
    return found


def main() -> None:
    """Try as many graphs as the command line says, every other a near miss."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--graphs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    out, failed = sys.stdout.write, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(told.seed, told.seed + told.graphs):
            drawn = drawn_model(seed)
            model = near_miss(drawn, Random(seed)) if seed % 2 else drawn
            verdict = judged(model)
            counts[verdict.kind] += 1
            (Path(folder) / f"seed_{seed}.py").write_text(verdict.source, encoding="ascii")
            if verdict.faults:
                out(f"seed {seed}: {'; '.join(verdict.faults)[:300]}\n")
                failed += 1
            if failed == 1 and verdict.faults:
                SAVED.write_bytes(dumps(model))
        out(unlike_formatter(Path(folder)))
    out(", ".join(f"{kind} {count}" for kind, count in counts.most_common()) + "\n")
    out(f"{failed} failed" + (f"; the first is saved as {SAVED}\n" if failed else "\n"))


if __name__ == "__main__":
    main()
