"""Plant faults in valid models, and apply every remedy that their errors show.

    python benchmarks/remedies.py --models 200 --seed 0

Prints for each kind of fault: the faults, the share of them with a remedy, the remedies, and the
share of these that leave a correct graph.
"""

import argparse
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.planted_faults import FAULTS
from tests.remedy_outcomes import Tally, measure


def row(name: str, tally: Tally) -> str:
    """Format the counts of a kind of fault."""
    with_remedy = tally.with_remedy / max(1, tally.faults)
    correct = tally.correct / max(1, tally.remedies)
    others = [f"{what} {n}" for what, n in tally.outcomes.most_common() if what != "correct"]
    counts = f"{tally.faults:7} {with_remedy:8.1%} {tally.remedies:9} {correct:8.1%}"
    return f"{name:24}{counts}  {', '.join(others)}\n"


def main() -> None:
    """Plant a fault of every kind in as many models as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=[*FAULTS], choices=[*FAULTS])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    total = Tally()
    sys.stdout.write(f"{'fault':24} faults  with one  remedies  correct\n")
    for kind in arguments.kinds:
        tally = Tally()
        for seed in range(arguments.seed, arguments.seed + arguments.models):
            tally.add(measure(kind, seed))
        sys.stdout.write(row(kind, tally))
        total.add(tally)
    sys.stdout.write(row("all", total))


if __name__ == "__main__":
    main()
