"""The candidates of a problem: edits that may be remedies, the most likely first."""

from collections.abc import Iterable, Iterator
from itertools import chain

from codegen.check.end_candidates import (
    input_candidates,
    lacks_input,
    output_candidates,
    port_candidates,
)
from codegen.check.expansions import TooManyExpansions
from codegen.check.input_checks import CycleError
from codegen.check.problem_site import ProblemSite
from codegen.check.remedy import Remedy
from codegen.check.removal_candidates import removal_candidates, unused_candidates
from codegen.check.size_candidates import size_candidates
from codegen.check.source_candidates import (
    conversion_candidates,
    converted_source_candidates,
    cycle_candidates,
    is_missing,
    joint_candidates,
    other_port_candidates,
    pair_candidates,
    source_candidates,
)
from codegen.check.unknown_nodes import NotLoaded
from nodes.core.graphs.graph import MAIN
from nodes.core.graphs.node_guard import NodeFault
from nodes.core.shapes.size_limits import DimError


def candidates(site: ProblemSite) -> Iterator[Iterable[Remedy]]:
    """Iterate over groups of candidates; one is needed only where those before have no remedy."""
    own = site.problem.candidates
    if site.node is None:
        yield (*_at_graph(site), *own)
    elif site.target in site.graph.edges:
        yield (*own, *port_candidates(site), *size_candidates(site))
        yield (
            *conversion_candidates(site),
            *other_port_candidates(site),
            *source_candidates(site),
        )
    elif is_missing(site):
        inputs = [*input_candidates(site)]
        first, later = (inputs, []) if lacks_input(site) else ([], inputs)
        yield (
            *own,
            *joint_candidates(site),
            *first,
            *pair_candidates(site),
            *source_candidates(site),
        )
        yield (*converted_source_candidates(site), *later)
    elif isinstance(site.problem.cause, CycleError):
        yield cycle_candidates(site, site.problem.cause.nodes)
    else:
        parts = size_candidates(site), port_candidates(site), own, unused_candidates(site)
        yield chain.from_iterable(parts)
    # A node that meets a limit, or whose file is at fault, is not the one that is wrong.
    if not isinstance(site.problem.cause, DimError | TooManyExpansions | NodeFault | NotLoaded):
        yield removal_candidates(site)


def _at_graph(site: ProblemSite) -> Iterator[Remedy]:
    """Iterate over the candidates of a problem of a whole graph."""
    if not site.graph.output_nodes:
        yield from output_candidates(site)
    if site.graph_name == MAIN and lacks_input(site):
        yield from input_candidates(site)
