"""The report of the check and the generated code, kept up to date with the document.

The check of one edit takes a few milliseconds and runs at once, so shapes and problems are always
those of the document.  Compiling takes longer and runs on a thread, which always takes the newest
model; `Analysis.poll` collects its result, and tries the candidates of the problems that are shown.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from codegen.check import CheckCache, Problem, Report, check
from codegen.check.remedy import Remedy
from codegen.compile import NotCompiled, compile_model
from codegen.cost import Cost, NoCost, Row, rows, total
from nodes.core.graphs.graph import Model
from nodes.core.graphs.location import Location

log = logging.getLogger("wireformer")

COST_SIZES: Mapping[str, int] = {"B": 1, "T": 64, "S": 64}
"""The sizes of the free dimensions for which costs are computed."""


VERIFYING_TIME = 0.008
"""Seconds of each frame in which candidates of remedies are tried."""

Costs = tuple[list[Row], Cost]


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a model.

    Attributes:
        model: the model it was generated from.
        source: the text of the model file; empty if the model has errors.
        lines: the nodes that each line comes from.
        errors: why there is no source.
        costs: the cost of each node of the main graph, and their sum; None if the main graph
            could not be checked, or has no cost at `COST_SIZES`.
    """

    model: Model
    source: str
    lines: tuple[tuple[Location, ...], ...]
    errors: tuple[Problem, ...] = ()
    costs: Costs | None = None


def semantic_parts(model: Model) -> tuple[object, ...]:
    """List the parts of a model that the code depends on: all but layout and comments."""
    return (
        model.graph,
        model.blocks,
        model.hyperparameters,
        model.initialization,
        model.recipe,
        model.name,
    )


def same_semantics(model: Model, other: Model) -> bool:
    """Return whether two models share all parts that the code depends on."""
    pairs = zip(semantic_parts(model), semantic_parts(other), strict=True)
    return all(a is b for a, b in pairs)


class Analysis:
    """Checks and compiles one model after another.

    Attributes:
        report: the result of the check.
        code: the newest code, with costs; of an earlier model while the thread is busy.
        verified: how many problems have their remedies, over all reports.
    """

    def __init__(self, model: Model) -> None:
        self._cache = CheckCache()
        self._model = model
        self.report = check(model, self._cache)
        self.code: Code | None = None
        self.verified = 0
        self._unverified: dict[Problem, None] = {}
        self._compiler = _CompilerThread()
        self._compiler.request(model)

    def update(self, model: Model) -> None:
        """Check another model, and request its code."""
        if same_semantics(model, self._model):
            self._model = model
            return
        self._model = model
        self.report = check(model, self._cache)
        self._unverified = {}
        self._compiler.request(model)

    def restart(self, model: Model) -> None:
        """Check and compile a model anew, after the node types have changed."""
        cache = CheckCache()
        self.adopt(model, check(model, cache), cache)

    def remedies(self, problem: Problem) -> tuple[Remedy, ...]:
        """Return the remedies of a problem that is shown; `poll` looks for those not yet known."""
        if not self.report.verifier.is_done(problem):
            self._unverified[problem] = None
        return self.report.verifier.known(problem)

    def adopt(self, model: Model, report: Report, cache: CheckCache) -> None:
        """Take over the check of another model, and request its code.

        Args:
            model: the model.
            report: the result of its check.
            cache: the cache of that check, which nothing else may use from now on.
        """
        self._model, self.report, self._cache = model, report, cache
        self._unverified = {}
        self._compiler.request(model)

    def poll(self) -> bool:
        """Collect the code that the thread has finished, and look for remedies for a moment.

        Returns:
            Whether there is code, or remedies are looked for.
        """
        looking = bool(self._unverified)
        self._verify(time.perf_counter() + VERIFYING_TIME)
        code = self._compiler.take()
        if code is not None:
            self.code = code
        return looking or code is not None

    def _verify(self, end: float) -> None:
        """Try candidates of the problems that are shown, until a time and at least one."""
        while self._unverified:
            problem = next(iter(self._unverified))
            if self.report.verifier.advance(problem):
                del self._unverified[problem]
                self.verified += 1
            if time.perf_counter() >= end:
                return

    @property
    def stale(self) -> bool:
        """Whether the code is of an earlier model."""
        return not self._is_current(self.code)

    def finish(self) -> Code:
        """Wait for the code of the present model."""
        while (code := self.code) is None or not self._is_current(code):
            self._compiler.wait()
            self.poll()
        return code

    @property
    def costs(self) -> Costs | None:
        """The costs that belong to the newest code."""
        return self.code.costs if self.code else None

    def _is_current(self, code: Code | None) -> bool:
        return code is not None and same_semantics(code.model, self._model)


class _CompilerThread:
    """Compiles the newest requested model on a daemon thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requested: Model | None = None
        self._finished: Code | None = None
        self._cache = CheckCache()
        threading.Thread(target=self._work, name="compiler", daemon=True).start()

    def request(self, model: Model) -> None:
        with self._changed:
            self._requested = model
            self._changed.notify_all()

    def take(self) -> Code | None:
        with self._changed:
            code, self._finished = self._finished, None
            return code

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._finished is not None)

    def _work(self) -> None:
        while True:
            model = self._next_request()
            try:
                code = self._compile(model)
            except Exception:  # the thread must go on; the node types may have changed meanwhile
                log.exception("the compiler failed")
                code = Code(model, "", ())
            with self._changed:
                self._finished = code
                self._changed.notify_all()

    def _next_request(self) -> Model:
        with self._changed:
            while (model := self._requested) is None:
                self._changed.wait()
            self._requested = None
            return model

    def _compile(self, model: Model) -> Code:
        try:
            compiled = compile_model(model, self._cache)
        except NotCompiled as error:
            return Code(model, "", (), tuple(error.report.errors), _costs(model, error.report))
        lines = tuple(tuple(nodes) for nodes in compiled.lines)
        return Code(model, compiled.source, lines, costs=_costs(model, compiled.report))


def _costs(model: Model, report: Report) -> Costs | None:
    if report.main is None:
        return None
    try:
        return rows(model, report.main, COST_SIZES), total(model, report.main, COST_SIZES)
    except NoCost:
        return None
