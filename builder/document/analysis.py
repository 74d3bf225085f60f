"""What the check and the compiler say of the document, as it stands now.

The check of one edit takes a few milliseconds and runs at once, so shapes and problems are always
those of the document.  The code takes longer, and a thread writes it; while it works, the newest
model replaces any that waits, and `Analysis.poll` takes what is finished.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from codegen.check import CheckCache, Problem, Report, check
from codegen.check.problem import Location
from codegen.compile import NotCompiled, compile_model
from codegen.cost import Cost, Row, rows, total
from nodes.core.graphs.graph import Model

USUAL_RUN: Mapping[str, int] = {"B": 1, "T": 64, "S": 64}
"""The free sizes that costs are told for."""


Costs = tuple[list[Row], Cost]


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a model.

    Attributes:
        model: the model it was written for.
        source: the text of the model file; empty if it has errors.
        lines: the nodes of each line.
        errors: why there is no source.
        costs: what each node of the main graph costs, and the sum; None where none can be told.
    """

    model: Model
    source: str
    lines: tuple[tuple[Location, ...], ...]
    errors: tuple[Problem, ...] = ()
    costs: Costs | None = None


def meaning(model: Model) -> tuple[object, ...]:
    """Tell what a model means: all of it but where things lie on the canvas."""
    return (
        model.graph,
        model.blocks,
        model.hyperparameters,
        model.initialization,
        model.recipe,
        model.name,
    )


def same(model: Model, other: Model) -> bool:
    """Tell whether two models share all that they mean."""
    return all(a is b for a, b in zip(meaning(model), meaning(other), strict=True))


class Analysis:
    """Keeps what is known of one model after another.

    Attributes:
        report: what the check found.
        code: the newest code, with costs; of an earlier model while the thread is at work.
    """

    def __init__(self, model: Model) -> None:
        self._cache = CheckCache()
        self._model = model
        self.report = check(model, self._cache)
        self.code: Code | None = None
        self._writer = _Writer()
        self._writer.ask(model)

    def update(self, model: Model) -> None:
        """Look at another model."""
        if same(model, self._model):
            self._model = model
            return
        self._model = model
        self.report = check(model, self._cache)
        self._writer.ask(model)

    def poll(self) -> bool:
        """Take the code that the thread has written since; tell whether there was any."""
        code = self._writer.take()
        if code is None:
            return False
        self.code = code
        return True

    @property
    def stale(self) -> bool:
        """Tell whether the code is of an earlier model."""
        return self.code is None or not same(self.code.model, self._model)

    def finish(self) -> Code:
        """Wait for the code of the present model."""
        while self.stale:
            self._writer.wait()
            self.poll()
        return self.code

    @property
    def costs(self) -> Costs | None:
        """What the nodes cost for which there is code, or were to be some."""
        return self.code.costs if self.code else None


class _Writer:
    """A thread that compiles the newest model it was asked for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: Model | None = None
        self._written: Code | None = None
        self._cache = CheckCache()
        threading.Thread(target=self._work, name="compiler", daemon=True).start()

    def ask(self, model: Model) -> None:
        with self._changed:
            self._wanted = model
            self._changed.notify_all()

    def take(self) -> Code | None:
        with self._changed:
            code, self._written = self._written, None
            return code

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._written is not None)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted is not None)
                model, self._wanted = self._wanted, None
            code = self._code(model)
            with self._changed:
                self._written = code
                self._changed.notify_all()

    def _code(self, model: Model) -> Code:
        try:
            compiled = compile_model(model, self._cache)
        except NotCompiled as error:
            return Code(model, "", (), tuple(error.report.errors), _costs(model, error.report))
        lines = tuple(map(tuple, compiled.lines))
        return Code(model, compiled.source, lines, costs=_costs(model, compiled.report))


def _costs(model: Model, report: Report) -> Costs | None:
    if report.main is None:
        return None
    return rows(model, report.main, USUAL_RUN), total(model, report.main, USUAL_RUN)
