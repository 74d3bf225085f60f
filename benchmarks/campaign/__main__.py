"""Judge random documents: what the product says and computes against an independent evaluator.

    python -m benchmarks.campaign --graphs 10000 --seed 0 --jobs 2

Every second document runs by construction, every other one has one edit that may break it.  Prints
one line of JSON: the verdicts, and how often each node type and each rule occurred.  The exit
status is 1 if there were faults.  ``--planted COUNT`` changes the product's rules one operator at a
time, in processes of their own, and counts what the documents show.  ``--only SEED`` judges the
document of one seed and prints it.  ``--save FOLDER`` writes every document that is a fault, with
``--shrink`` also a smaller one with the same fault.  ``--remedies`` applies each remedy of each
error of a document that is refused, and counts what is left.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.campaign import planted_faults
from benchmarks.campaign.session import Session, report_one


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--graphs", type=int, default=1000, help="number of documents")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first document")
    parser.add_argument("--jobs", type=int, default=1, help="number of processes")
    parser.add_argument("--only", type=int, help="judge the document of this seed and print it")
    parser.add_argument("--save", type=Path, help="folder for the documents that are faults")
    parser.add_argument("--shrink", action="store_true", help="save smaller documents too")
    parser.add_argument("--remedies", action="store_true", help="apply the remedies of errors")
    parser.add_argument("--planted", type=int, help="number of faults to plant in the product")
    arguments = parser.parse_args()
    if arguments.only is not None:
        return report_one(arguments.only, sys.stdout.write)
    if arguments.planted is not None:
        seeds = range(arguments.seed, arguments.seed + arguments.graphs)
        return planted_faults.run(arguments.planted, seeds, arguments.jobs, sys.stdout.write)
    session = Session(arguments.seed, arguments.graphs, arguments.jobs, arguments.save)
    session.shrinks, session.counts_remedies = arguments.shrink, arguments.remedies
    return session.run(sys.stdout.write)


if __name__ == "__main__":
    sys.exit(main())
