"""Count what the remedies of a document's errors leave, as the product and the reference see it."""

import json
from collections import Counter

from benchmarks.campaign.reference.evaluator import Document
from benchmarks.campaign.verdicts import read
from codegen.check import check
from nodes.core.files.json_cursor import FileError
from nodes.core.files.model_file import dumps, loads


def remedy_counts(document: Document) -> Counter[str]:
    """Apply each remedy of each error by itself, and count what is left.

    Returns:
        How many documents are refused, how many of them show a remedy, how many remedies there
        are, and how many leave a document that runs, still has errors, or passes the check though
        the reference cannot run it.
    """
    counts: Counter[str] = Counter()
    try:
        model = loads(json.dumps(document).encode())
    except FileError:
        return counts
    errors = check(model).errors
    if not errors:
        return counts
    remedies = [remedy for error in errors for remedy in error.remedies]
    counts.update({"refused": 1, "with a remedy": bool(remedies), "remedies": len(remedies)})
    for remedy in remedies:
        changed = remedy.apply(model)
        if not check(changed).ok:
            counts["left with errors"] += 1
        elif read(json.loads(dumps(changed))).impossible:
            counts["left impossible"] += 1
        else:
            counts["left correct"] += 1
    return counts
