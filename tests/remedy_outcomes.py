"""What the remedies of planted faults do: counts by kind of fault."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from codegen.check import Problem, Severity, check
from examples import build
from nodes.core.graphs.graph import Model
from tests.planted_faults import FAULTS, NothingToChange
from tests.random_graphs import random_model

EXAMPLES: tuple[Callable[[], Model], ...] = (
    build.gpt,
    build.gpt_llama,
    build.encoder_classifier,
    build.price_lstm,
    build.bilstm_classifier,
    build.attention_from_primitives,
)


WITH_WARNING = "correct but for a warning"


@dataclass
class Tally:
    """Counts of one kind of fault.

    Attributes:
        faults: the edits that made a valid model invalid.
        with_remedy: those for which at least one error shows a remedy.
        remedies: the remedies shown.
        outcomes: what applying them left: a "correct" graph or not.
    """

    faults: int = 0
    with_remedy: int = 0
    remedies: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def correct(self) -> int:
        """The remedies that leave no error."""
        return self.outcomes["correct"] + self.outcomes[WITH_WARNING]

    def add(self, other: "Tally") -> None:
        self.faults += other.faults
        self.with_remedy += other.with_remedy
        self.remedies += other.remedies
        self.outcomes += other.outcomes


def warnings(model: Model) -> set[str]:
    problems = check(model).problems
    return {str(one.location) for one in problems if one.severity is Severity.WARNING}


def outcome(valid: Model, faulty: Model, problem: Problem, number: int) -> str:
    """Apply a remedy, and say what is left."""
    report = check(problem.remedies[number].apply(faulty))
    if report.ok:
        left = {str(p.location) for p in report.problems if p.severity is Severity.WARNING}
        known = warnings(valid) | warnings(faulty)
        return WITH_WARNING if left - known else "correct"
    left = {(error.location, error.message) for error in report.errors}
    if (problem.location, problem.message) in left:
        return "the same error"
    before = {(error.location, error.message) for error in check(faulty).errors}
    return "a new error" if left - before else "another error of the fault"


def planted(seed: int) -> Model:
    """Return a valid model: a random one, or every fourth time an example."""
    if seed % 4 == 0:
        return EXAMPLES[seed // 4 % len(EXAMPLES)]()
    return random_model(seed)


def measure(kind: str, seed: int) -> Tally:
    """Plant a fault of a kind, and apply every remedy that its errors show."""
    valid, tally = planted(seed), Tally()
    try:
        faulty = FAULTS[kind](valid, Random(seed))
    except NothingToChange:
        return tally
    errors = check(faulty).errors
    if not errors or not check(valid).ok:
        return tally
    tally.faults = 1
    for error in errors:
        for number in range(len(error.remedies)):
            tally.remedies += 1
            tally.outcomes[outcome(valid, faulty, error, number)] += 1
    tally.with_remedy = int(tally.remedies > 0)
    return tally
