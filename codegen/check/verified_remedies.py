"""The remedies of a problem: the candidates that remove it without creating another problem.

A candidate is an edit that may help. It is a remedy if the check of the edited model shows that the
problem is gone and that no other one has come. Candidates are tried when the remedies of a problem
are read for the first time, so a check costs the same whether problems are shown or not; each trial
starts from the results of the check that found the problem, so it checks only what the candidate
changes. The number of trials is bounded for each problem, and their work for each report.

A problem that the edit only uncovers, at a node that had to wait for the present problem, counts as
another one, unless every candidate that removes the problem uncovers the same: then it is a fault
of its own, which no remedy of this problem can avoid.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from codegen.check.candidates import candidates
from codegen.check.check_cache import CheckCache
from codegen.check.checked_graph import CheckedGraph
from codegen.check.field_cache import FieldGraph
from codegen.check.model_remedies import SetHyperparameter
from codegen.check.problem import Problem, Severity
from codegen.check.problem_site import ProblemSite
from codegen.check.remedy import AddNode, Insert, Remedy, SetParameter, cost, is_removal
from nodes.core.graphs.graph import Model
from nodes.core.graphs.location import Location

MOST_SHOWN = 3
"""The most remedies of one problem."""

MOST_VALUES = 2
"""The most remedies of one problem that set one parameter or hyperparameter."""

MOST_TRIALS = 60
"""The most candidates of one problem that are tried."""

MOST_CHECKED = 60_000
"""The most nodes that the trials for one report check, about two seconds of work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, as far as trials compare it."""

    problems: tuple[Problem, ...]
    main: CheckedGraph | None
    fields: FieldGraph | None
    waiting: Mapping[Location, Location]


Check = Callable[[Model, CheckCache], Finding]
_Identity = tuple[Severity, Location, str]


@dataclass(frozen=True, slots=True)
class _Trial:
    """The effect of a candidate that removes the problem."""

    remedy: Remedy
    group: int
    order: int
    fixed: frozenset[_Identity]
    added: frozenset[_Identity]

    @property
    def rank(self) -> tuple[object, ...]:
        """Order trials by what they fix, then by how little they change."""
        return (bool(self.added), -len(self.fixed), cost(self.remedy), self.order)

    def is_better(self, other: "_Trial") -> bool:
        """Return whether this fixes all that another one does, and more, or brings no hints."""
        if is_removal(self.remedy) and not is_removal(other.remedy):
            return False
        if self.fixed == other.fixed:
            return bool(other.added) and not self.added
        return self.fixed > other.fixed and self.added <= other.added


@dataclass(slots=True)
class _Search:
    """The trials of one problem, as far as they are done."""

    steps: Iterator[None]
    remedies: tuple[Remedy, ...] = ()
    done: bool = False


@dataclass(slots=True, eq=False)
class RemedyVerifier:
    """Tries the candidates of the problems of one report.

    Attributes:
        model: the model that was checked.
        cache: the results of the check.
        finding: what it found.
        check: checks an edited model.
    """

    model: Model
    cache: CheckCache
    finding: Finding
    check: Check
    _searches: dict[Problem, _Search] = field(default_factory=dict)
    _left: int = MOST_CHECKED

    def remedies(self, problem: Problem) -> tuple[Remedy, ...]:
        """Return the remedies of a problem, the best first."""
        while not self.advance(problem):
            pass
        return self._searches[problem].remedies

    def known(self, problem: Problem) -> tuple[Remedy, ...]:
        """Return the remedies of a problem as far as they are known, without any trial."""
        search = self._searches.get(problem)
        return search.remedies if search else ()

    def is_done(self, problem: Problem) -> bool:
        """Return whether all candidates of a problem are tried."""
        search = self._searches.get(problem)
        return search is not None and search.done

    def advance(self, problem: Problem) -> bool:
        """Try the next candidate of a problem; return whether all of them are tried."""
        search = self._searches.get(problem)
        if search is None:
            search = self._searches[problem] = _Search(iter(()))
            search.steps = self._search(problem, search)
        if not search.done:
            search.done = next(search.steps, False) is False
        return search.done

    def _search(self, problem: Problem, search: _Search) -> Iterator[None]:
        site = ProblemSite(self.model, self.finding.main, problem, self.finding.problems)
        tried: list[Remedy] = []
        clean: list[_Trial] = []
        unclean: list[_Trial] = []
        size = 10 + sum(len(graph.nodes) for graph in self.model.graphs.values())
        for number, group in enumerate(candidates(site)):
            for candidate in group:
                if len(clean) >= MOST_SHOWN or len(tried) >= MOST_TRIALS or self._left < size:
                    break
                if candidate in tried or _has_enough(candidate, clean):
                    continue
                tried.append(candidate)
                self._left -= size
                trial = self._try(problem, candidate, (number, len(tried)))
                if trial is not None:
                    (unclean if _has_fault(trial.added) else clean).append(trial)
                yield
            if clean:
                break
        found = clean or self._behind_faults(unclean)
        found = [one for one in found if not any(other.is_better(one) for other in found)]
        search.remedies = tuple(trial.remedy for trial in sorted(found, key=lambda t: t.rank))

    def _try(self, problem: Problem, candidate: Remedy, order: tuple[int, int]) -> _Trial | None:
        """Apply a candidate and check the model; None if the problem stays."""
        try:
            edited = candidate.apply(self.model)
        except (LookupError, ValueError, TypeError):
            return None
        before = {_identity(one) for one in self.finding.problems}
        after = {_identity(one) for one in self.check(edited, self.cache.fork()).problems}
        if _identity(problem) in after:
            return None
        removed = before - after
        others = {one[:2] for one in removed if one != _identity(problem)}
        added = frozenset(
            one for one in after - before if one[:2] not in others and not self._is_hidden(one)
        )
        left = {one[:2] for one in after}
        fixed = frozenset(
            one for one in removed if one[0] is not Severity.HINT and one[:2] not in left
        )
        return _Trial(candidate, *order, fixed, added)

    def _is_hidden(self, problem: _Identity) -> bool:
        """Return whether it could not be found before: no node is unused without an output."""
        severity, where, _ = problem
        graph = self.model.graphs.get(where.graph)
        return severity is Severity.WARNING and graph is not None and not graph.output_nodes

    def _behind_faults(self, trials: list[_Trial]) -> list[_Trial]:
        """Return the trials that uncover nothing but what all of them uncover."""
        if len(trials) < 2:
            return []
        common = frozenset.intersection(*(trial.added for trial in trials))
        waiting = {(place.graph, place.node) for place in self.finding.waiting}
        if not all((where.graph, where.node) in waiting for _, where, _ in common):
            return []
        alike = [trial for trial in trials if trial.added == common]
        first = min((trial.group for trial in alike), default=0)
        return [trial for trial in alike if trial.group == first][:MOST_SHOWN]


def _identity(problem: Problem) -> _Identity:
    return problem.severity, problem.location, problem.message


def _has_enough(candidate: Remedy, trials: list[_Trial]) -> bool:
    """Return whether remedies differ from a candidate only in a value, as many as are shown."""
    remedies = [trial.remedy for trial in trials]
    if any(other.title == candidate.title for other in remedies):
        return True
    if isinstance(candidate, SetParameter | SetHyperparameter):
        values = [one for one in remedies if isinstance(one, SetParameter | SetHyperparameter)]
        alike = [one for one in values if replace(one, value=0) == replace(candidate, value=0)]
        return len(alike) >= MOST_VALUES
    if isinstance(candidate, Insert | AddNode):
        news = [one for one in remedies if isinstance(one, Insert | AddNode)]
        return any(replace(one, parameters=()) == replace(candidate, parameters=()) for one in news)
    return False


def _has_fault(added: Iterable[_Identity]) -> bool:
    """Return whether there is more than hints."""
    return any(severity is not Severity.HINT for severity, _, _ in added)
