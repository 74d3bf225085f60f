"""The remedies of a problem: the candidates that remove it without creating another problem.

A candidate is an edit that may help. It is a remedy if the check of the edited model shows that the
problem is gone and that no other one has come. Candidates are tried when the remedies of a problem
are read for the first time, so a check costs the same whether problems are shown or not; each trial
starts from the results of the check that found the problem, so it checks only what the candidate
changes. The number of trials is bounded for each problem, and their work for each report.

Where every candidate that removes an error leaves a warning, those that leave no other error are
remedies: a warning does not keep the model from being compiled.

Where one edit has caused several errors, a remedy of one of them is completed by remedies of the
others, which are looked for in the model that it leaves.

A problem that the edit only uncovers, at a node that had to wait for the present problem, counts as
another one, unless most candidates that remove the problem uncover the same: then it is a fault of
its own, which no remedy of this problem can avoid.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from codegen.check.candidate_effects import Effect, Identity, Trials, identity
from codegen.check.candidates import candidates
from codegen.check.model_remedies import SetHyperparameter
from codegen.check.problem import Problem, Severity
from codegen.check.problem_site import ProblemSite
from codegen.check.remedy import AddNode, Insert, Remedy, SetParameter, Several, cost, is_removal
from codegen.check.shared_causes import errors_of_one_cause

MOST_SHOWN = 3
"""The most remedies of one problem."""

MOST_VALUES = 2
"""The most remedies of one problem that set one parameter or hyperparameter."""

MOST_TRIALS = 60
"""The most candidates of one problem that are tried."""

MOST_RELATED = 6
"""The most other errors whose candidates are tried, and the most candidates of each."""


@dataclass(slots=True)
class _Search:
    """The trials of one problem, as far as they are done.

    Attributes:
        steps: does one trial after the other.
        clean: the effects that are remedies.
        warned: the effects that bring warnings alone.
        unclean: the effects that bring errors.
        done: all candidates are tried.
    """

    steps: Iterator[None]
    clean: list[Effect] = field(default_factory=list)
    warned: list[Effect] = field(default_factory=list)
    unclean: list[Effect] = field(default_factory=list)
    remedies: tuple[Remedy, ...] = ()
    done: bool = False


@dataclass(slots=True, eq=False)
class RemedyVerifier:
    """Finds the remedies of the problems of one report."""

    trials: Trials
    _searches: dict[Problem, _Search] = field(default_factory=dict)

    def remedies(self, problem: Problem) -> tuple[Remedy, ...]:
        """Return the remedies of a problem, the best first."""
        while not self.advance(problem):
            pass
        return self._searches[problem].remedies

    def known(self, problem: Problem) -> tuple[Remedy, ...]:
        """Return the remedies of a problem if all its candidates are tried, else none."""
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
            search.steps = self._steps(problem, search)
        if not search.done:
            search.done = next(search.steps, False) is False
        return search.done

    def _steps(self, problem: Problem, search: _Search) -> Iterator[None]:
        """Try the candidates of other errors, which may have the same cause, then the own ones."""
        for candidate in self._related(problem):
            if self.trials.is_known(candidate) or not self.trials.exhausted:
                self._try(problem, candidate, search)
                yield
        shared = len(search.clean)
        tried = 0
        likely = 0
        groups: list[int] = []
        for group in candidates(self._site(problem)):
            for candidate in group:
                enough = len(search.clean) >= shared + MOST_SHOWN or tried >= MOST_TRIALS
                if enough or self.trials.exhausted:
                    break
                if not _has_enough(candidate, search.clean):
                    tried += not self.trials.is_known(candidate)
                    self._try(problem, candidate, search)
                    yield
            if search.clean:
                break
            groups.append(len(search.unclean))
            likely = likely or len(search.warned)
        own = problem.candidates if problem.severity is Severity.WARNING else ()
        search.remedies = _best(search.clean, own) or self._behind_faults(search.unclean, groups)
        if not search.remedies and problem.severity is Severity.ERROR:
            search.remedies = _best(search.warned[:likely])
        if search.remedies and problem.severity is Severity.ERROR:
            yield from self._complete(problem, search)

    def _complete(self, problem: Problem, search: _Search) -> Iterator[None]:
        """Replace remedies by those that also remove the other errors of the same cause.

        Where none does, only the best is kept, which is a first step.
        """
        others = frozenset(map(identity, errors_of_one_cause(self._site(problem))))
        complete: dict[object, Remedy] = {}
        if not others:
            return
        for remedy in search.remedies:
            inner = RemedyVerifier(self.trials.after(remedy))
            left = [one for one in inner.trials.finding.problems if identity(one) in others]
            while left and not inner.advance(left[0]):
                yield
            following = inner.known(left[0])[:1] if left else ()
            whole = Several.of(remedy, *following)
            effect = self.trials.effect(whole)
            if effect and others <= effect.fixed and not _faults(effect.added):
                parts = frozenset(whole.parts) if isinstance(whole, Several) else whole
                complete.setdefault(parts, whole)
        search.remedies = tuple(complete.values()) or search.remedies[:1]

    def _site(self, problem: Problem) -> ProblemSite:
        finding = self.trials.finding
        return ProblemSite(self.trials.model, finding.main, problem, finding.problems)

    def _related(self, problem: Problem) -> Iterator[Remedy]:
        """Iterate over the likeliest candidates of the other errors."""
        errors = [one for one in self.trials.finding.problems if one.severity is Severity.ERROR]
        others = [one for one in errors if one != problem] if problem in errors else []
        for other in others[:MOST_RELATED]:
            first = next(candidates(self._site(other)), ())
            yield from islice(first, MOST_RELATED)

    def _try(self, problem: Problem, candidate: Remedy, search: _Search) -> None:
        effect = self.trials.effect(candidate)
        if effect is None or identity(problem) not in effect.fixed:
            return
        effects = search.unclean if _errors(effect.added) else search.warned
        effects = effects if _faults(effect.added) else search.clean
        if not _has_enough(candidate, effects):
            effects.append(effect)

    def _behind_faults(self, effects: list[Effect], groups: list[int]) -> tuple[Remedy, ...]:
        """Return the likeliest candidates that uncover nothing but what most of them uncover.

        Those that remove something are left out, as they may uncover nothing for that reason.

        Args:
            effects: of all candidates that remove the problem.
            groups: how many effects there were after each group of candidates.
        """
        first = next((count for count in groups if count), len(effects))
        likely = effects[:first]
        effects = [effect for effect in effects if not is_removal(effect.remedy)]
        if not effects:
            return ()
        usual, count = Counter(effect.added for effect in effects).most_common(1)[0]
        waiting = {(place.graph, place.node) for place in self.trials.finding.waiting}
        behind = all((where.graph, where.node) in waiting for _, where, _ in usual)
        if 2 * count < len(effects) or count < 2 or not behind:
            return ()
        return _best([effect for effect in likely if effect.added == usual])


def _best(effects: list[Effect], own: tuple[Remedy, ...] = ()) -> tuple[Remedy, ...]:
    """Sort effects by what they fix, then by how little they change, without the worse ones.

    Those of ``own`` are kept in any case.
    """
    kept = [
        one
        for one in effects
        if one.remedy in own or not any(_is_better(other, one) for other in effects)
    ]
    ranked = sorted(kept, key=lambda one: (-len(_faults(one.fixed)), cost(one.remedy)))
    return tuple(effect.remedy for effect in ranked[:MOST_SHOWN])


def _is_better(one: Effect, other: Effect) -> bool:
    """Return whether an effect fixes all that another one does, and more, or brings no hints."""
    if is_removal(one.remedy) and not is_removal(other.remedy):
        return False
    errors, others = _errors(one.fixed), _errors(other.fixed)
    if errors != others:
        return errors > others and _faults(one.added) <= other.added
    fixed, less = _faults(one.fixed), _faults(other.fixed)
    if fixed == less:
        return bool(other.added) and not one.added
    return fixed > less and one.added <= other.added


def _errors(problems: Iterable[Identity]) -> frozenset[Identity]:
    return frozenset(one for one in problems if one[0] is Severity.ERROR)


def _faults(problems: Iterable[Identity]) -> frozenset[Identity]:
    """Return the problems without hints."""
    return frozenset(one for one in problems if one[0] is not Severity.HINT)


def _has_enough(candidate: Remedy, effects: list[Effect]) -> bool:
    """Return whether remedies differ from a candidate only in a value, as many as are shown."""
    remedies = [effect.remedy for effect in effects]
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
