"""Kill every writer of files at random moments, and look at what is on the disk.

    python -m benchmarks.kills --kills 10000 --seed 0

Prints, for each writer, the number of kills and of what was wrong afterwards.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.killed_writers import kill_at_random
from tests.writers import WRITERS


def main() -> None:
    """Kill the writers as often as the command line says, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=800, help="of all writers together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--writers", nargs="*", default=list(WRITERS), choices=list(WRITERS))
    parser.add_argument("--folder", type=Path, help="where to write; by default temporary files")
    arguments = parser.parse_args()
    out, failed = sys.stdout.write, 0
    for index, name in enumerate(arguments.writers):
        random, wrong = Random(f"{arguments.seed} {name}"), Counter[str]()
        count = len(arguments.writers)
        kills = arguments.kills // count + (index < arguments.kills % count)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            writer = WRITERS[name](Path(folder))
            for _ in range(kills):
                wrong.update(kill_at_random(writer, random))
        seconds = time.monotonic() - started
        found = ", ".join(f"{what}: {count}" for what, count in wrong.most_common(5))
        out(f"{name:14} {kills:6} kills in {seconds:5.0f} s  {found or 'nothing wrong'}\n")
        failed += wrong.total()
    out(f"{arguments.kills} kills, {failed} faults\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
