"""What a candidate does: which problems the check of the edited model lacks, and which are new."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph
from codegen.check.field_cache import FieldGraph
from codegen.check.problem import Problem, Severity
from codegen.check.remedy import Remedy
from nodes.core.graphs.graph import Model
from nodes.core.graphs.location import Location
from nodes.core.graphs.similar_names import QUESTION

MOST_CHECKED = 60_000
"""The most nodes that the trials for one report check, about two seconds of work."""

_NUMBERS = re.compile(r"[0-9]+")

Identity = tuple[Severity, Location, str]
"""What makes problems of two reports the same: severity, location and message."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    problems: tuple[Problem, ...]
    main: CheckedGraph | None
    fields: FieldGraph | None
    waiting: Mapping[Location, Location]


Check = Callable[[Model, CheckCache], Finding]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a candidate does.

    Attributes:
        remedy: the candidate.
        fixed: the problems that are gone, and whose place has no other.
        added: the problems that have come; warnings that errors may have hidden count as hints.
    """

    remedy: Remedy
    fixed: frozenset[Identity]
    added: frozenset[Identity]


@dataclass(eq=False)
class Trials:
    """Applies candidates to one model, each once.

    Attributes:
        model: the model that was checked.
        cache: the results of the check; each trial checks only what its candidate changes.
        finding: what the check found.
        check: checks an edited model.
    """

    model: Model
    cache: CheckCache
    finding: Finding
    check: Check
    _effects: dict[Remedy, Effect | None] = field(default_factory=dict)
    _left: int = MOST_CHECKED

    def is_known(self, candidate: Remedy) -> bool:
        """Return whether a candidate has been tried."""
        return candidate in self._effects

    @property
    def exhausted(self) -> bool:
        """Whether the work that is spent on one report is done."""
        return self._left < self._size

    @property
    def _size(self) -> int:
        return 10 + sum(len(graph.nodes) for graph in self.model.graphs.values())

    def effect(self, candidate: Remedy) -> Effect | None:
        """Apply a candidate and check the edited model; None if it cannot be applied."""
        if candidate not in self._effects:
            self._left -= self._size
            self._effects[candidate] = self._try(candidate)
        return self._effects[candidate]

    def after(self, remedy: Remedy) -> "Trials":
        """Make trials of the edited model, which share the work that is left."""
        self._left //= 2
        model, cache = remedy.apply(self.model), self.cache.fork()
        return Trials(model, cache, self.check(model, cache), self.check, _left=self._left)

    def _try(self, candidate: Remedy) -> Effect | None:
        try:
            edited = candidate.apply(self.model)
        except (LookupError, ValueError, TypeError):
            return None
        before = dict.fromkeys(map(identity, self.finding.problems))
        after = dict.fromkeys(map(identity, self.check(edited, self.cache.fork()).problems))
        removed = before.keys() - after.keys()
        came = after.keys() - before.keys()
        places = {one[:2] for one in came}
        restated = {_without_numbers(one) for one in removed}
        added = {one for one in came if _without_numbers(one) not in restated}
        return Effect(
            candidate,
            frozenset(one for one in removed if one[:2] not in places),
            frozenset(map(self._weighed, filter(self._is_new, added))),
        )

    def _is_new(self, problem: Identity) -> bool:
        """Return whether it could be found before: no node is unused without an output."""
        severity, where, _ = problem
        graph = self.model.graphs.get(where.graph)
        return severity is not Severity.WARNING or graph is None or bool(graph.output_nodes)

    def _weighed(self, problem: Identity) -> Identity:
        """Return a warning at a node that was not checked in full as a hint.

        A node that waited was not checked, and whether the owner of a tied weight is on a path to
        an output is not checked in a graph with an error.
        """
        severity, where, message = problem
        waited = (where.graph, where.node) in self._waiting
        unchecked_tie = where.parameter == "tie" and where.graph in self._faulty
        if severity is Severity.WARNING and (waited or unchecked_tie):
            return Severity.HINT, where, message
        return problem

    @cached_property
    def _waiting(self) -> frozenset[tuple[str, str]]:
        return frozenset((place.graph, place.node) for place in self.finding.waiting)

    @cached_property
    def _faulty(self) -> frozenset[str]:
        """The graphs with an error."""
        problems = self.finding.problems
        return frozenset(one.location.graph for one in problems if one.severity is Severity.ERROR)


def identity(problem: Problem) -> Identity:
    """Return what makes problems of two reports the same: all but the names that are similar."""
    message, _, _ = problem.message.partition(QUESTION)
    return problem.severity, problem.location, message


def _without_numbers(problem: Identity) -> Identity:
    """Return the problem as if its message had no numbers, which another problem may change."""
    severity, where, message = problem
    return severity, where, _NUMBERS.sub("#", message)
