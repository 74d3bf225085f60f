"""Which errors one edit has caused: a removed node leaves several inputs without an edge."""

from collections.abc import Iterator

from codegen.check.problem import Problem, Severity
from codegen.check.problem_site import ProblemSite
from codegen.check.source_candidates import is_missing

MOST_SHARED = 5
"""The most errors with one cause that a remedy of one of them is completed for."""


def errors_of_one_cause(site: ProblemSite) -> tuple[Problem, ...]:
    """List the other errors with the cause of one; none where too many have it."""
    own = frozenset(_causes(site))
    others = [
        other
        for other in site.problems
        if other.severity is Severity.ERROR
        and other != site.problem
        and not own.isdisjoint(_causes(ProblemSite(site.model, site.main, other, site.problems)))
    ]
    return tuple(others) if len(others) < MOST_SHARED else ()


def _causes(site: ProblemSite) -> Iterator[tuple[str, ...]]:
    """Iterate over what may have caused an error, as values to compare."""
    where = site.problem.location
    if site.node is None:
        return
    if is_missing(site):
        yield "an edge is missing", where.graph
    elif site.target in site.graph.edges:
        yield "the source of the edge", where.graph, *site.graph.edges[site.target]
    elif where.parameter:
        yield "the parameter", where.graph, where.node, where.parameter
    yield "the message", site.problem.message
