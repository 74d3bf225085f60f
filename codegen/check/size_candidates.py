"""Candidates that change a size: of the node, of a node before it, or by a Linear."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

from codegen.check.model_remedies import SetHyperparameter
from codegen.check.problem import Problem
from codegen.check.problem_site import ProblemSite, placements
from codegen.check.remedy import Insert, Remedy, SetParameter
from nodes.core.graphs.graph import Block, InputNode, Model, PortRef
from nodes.core.graphs.node import InputMismatch, Node
from nodes.core.shapes.dim import AnyDim, Dim, hyper, substitute
from nodes.core.shapes.shape import IndivisibleSize, SizeMismatch, SpreadMismatch
from nodes.core.shapes.size_limits import DimError

MOST_PARTS = 1024
"""The most equal parts that a candidate splits a size into."""

MOST_SETTINGS = 8
"""The most parameters of nodes before the problem that candidates set for one size."""

MOST_VISITED = 60
"""The most nodes before the problem that are looked at for one size."""


@dataclass(frozen=True, slots=True)
class _Difference:
    """A size that should be another one, and the source of the tensor that has it."""

    actual: AnyDim
    expected: AnyDim
    source: PortRef | None


def size_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose sizes with which what arrives at a port is what the port takes."""
    cause: object = site.problem.cause
    if isinstance(cause, InputMismatch):
        cause = cause.cause
    if isinstance(cause, IndivisibleSize):
        yield from _divisors(site, cause)
        yield from _multiples(site, cause)
    elif isinstance(cause, SizeMismatch):
        yield from _own_size(site, cause)
        if cause.expected is not None:
            yield from _settle(site, cause.expected, cause.actual, cause.origin, True)
    elif isinstance(cause, SpreadMismatch):
        pairs = [*zip(reversed(cause.expected), reversed(cause.actual), strict=False)]
        for number, (expected, actual) in enumerate(pairs):
            if expected != actual:
                yield from _settle(site, expected, actual, cause.origin, number == 0)


def _own_size(site: ProblemSite, cause: SizeMismatch) -> Iterator[Remedy]:
    """Propose the size that arrives for the parameter that expects another one."""
    node, word = site.node, cause.word
    if node is not None and word in node.size_fields and is_static(cause.actual):
        yield SetParameter(site.graph_name, site.name, word, cause.actual)


def _settle(
    site: ProblemSite, expected: AnyDim, actual: AnyDim, origin: str | None, last: bool
) -> Iterator[Remedy]:
    """Propose to change either of two sizes that should be equal."""
    source = source_of(site, site.target.port)
    if is_static(expected):
        yield from _settings(site, _Difference(actual, expected, source))
    if origin and is_static(actual):
        yield from _settings(site, _Difference(expected, actual, source_of(site, origin)))
    if last and is_static(expected):
        yield from _linear(site, expected)


def _linear(site: ProblemSite, size: AnyDim) -> Iterator[Remedy]:
    if site.target in site.graph.edges:
        yield Insert(site.graph_name, site.target, "Linear", (("out_features", size),))


def source_of(site: ProblemSite, port: str) -> PortRef | None:
    """Find the source of an input port of the node, the default included."""
    sources = site.graph.sources.get(site.name, {})
    if port in sources:
        return sources[port]
    declared = site.node.find_input(port) if site.node else None
    return sources.get(declared.default) if declared else None


def _divisors(site: ProblemSite, cause: IndivisibleSize) -> Iterator[Remedy]:
    """Propose the nearest divisors of a size for the number of its parts."""
    numbers = _numbers(site.model, cause)
    node = site.node
    if numbers is None or node is None or cause.word not in node.size_fields:
        return
    parts, size = numbers
    divisors = [n for n in range(1, min(size, MOST_PARTS) + 1) if size % n == 0]
    nearest = sorted(divisors, key=lambda divisor: (abs(divisor - parts), divisor))[:2]
    name = _hyperparameter(getattr(node, cause.word))
    for divisor in nearest:
        if name:
            yield SetHyperparameter(name, divisor)
        else:
            yield SetParameter(site.graph_name, site.name, cause.word, divisor)


def _multiples(site: ProblemSite, cause: IndivisibleSize) -> Iterator[Remedy]:
    """Propose the nearest multiples of the number of parts, or of all such numbers, for a size."""
    if (numbers := _numbers(site.model, cause)) is None:
        return
    parts, size = numbers
    found = [_indivisible(problem) for problem in site.problems]
    others = [_numbers(site.model, other) for other in found if other is not None]
    every = lcm(parts, *(other[0] for other in others if other and other[1] == size))
    multiples = dict.fromkeys((*_nearest(size, parts), *_nearest(size, every)))
    source = source_of(site, site.target.port)
    for multiple in multiples:
        yield from _settings(site, _Difference(cause.actual, multiple, source))
    yield from _linear(site, size + -size % parts)


def _nearest(size: int, parts: int) -> list[int]:
    """List the multiples of a number on either side of a size, the nearest first."""
    below = size - size % parts
    return sorted((n for n in (below, below + parts) if n), key=lambda n: abs(n - size))


def _indivisible(problem: Problem) -> IndivisibleSize | None:
    cause: object = problem.cause
    if isinstance(cause, InputMismatch):
        cause = cause.cause
    return cause if isinstance(cause, IndivisibleSize) else None


def _numbers(model: Model, cause: IndivisibleSize) -> tuple[int, int] | None:
    """Evaluate the number of parts and the size, if both are static."""
    try:
        parts = substitute(cause.parts, model.sizes)
        size = substitute(cause.actual, model.sizes)
    except DimError:
        return None
    if isinstance(parts, int) and isinstance(size, int) and parts > 0:
        return parts, size
    return None


def _settings(site: ProblemSite, difference: _Difference) -> Iterator[Remedy]:
    """Propose to change the parameters, before a source, that its size comes from."""
    if difference.source is None:
        return
    found: list[Remedy] = []
    values = site.model.sizes
    for graph_name, name, node in nodes_before(site, difference.source):
        for key in node.size_fields:
            value = getattr(node, key)
            wanted = None if key == "repeat" else _scaled(value, difference, values)
            if wanted is None:
                continue
            hyperparameter = _hyperparameter(value)
            if hyperparameter and isinstance(wanted, int):
                found.append(SetHyperparameter(hyperparameter, wanted))
            else:
                other = (graph_name, name) != (site.graph_name, site.name)
                found.append(SetParameter(graph_name, name, key, wanted, other_node=other))
        if len(found) >= MOST_SETTINGS:
            break
    yield from found[:MOST_SETTINGS]


def _scaled(value: AnyDim | None, difference: _Difference, values: dict[str, int]) -> AnyDim | None:
    """Change a parameter as a size that is equal to it, or a multiple of it, has to change."""
    actual, expected = difference.actual, difference.expected
    if value is None:
        return None
    if value == actual:
        return expected
    try:
        numbers = [substitute(size, values) for size in (value, actual, expected)]
    except DimError:
        return None
    own, before, after = (size if isinstance(size, int) else 0 for size in numbers)
    if own < 2 or not before or not after:
        return None
    if own == before:
        return expected
    return own * after // before if before % own == 0 and own * after % before == 0 else None


def nodes_before(site: ProblemSite, source: PortRef) -> Iterator[tuple[str, str, Node]]:
    """Iterate over a node and those before it, nearest first, through the ports of blocks."""
    model = site.model
    pending = [(site.graph_name, source)]
    seen: set[tuple[str, str]] = set()
    while pending and len(seen) < MOST_VISITED:
        graph_name, ref = pending.pop(0)
        node = model.graphs[graph_name].nodes.get(ref.node)
        if node is None or (graph_name, ref.node) in seen:
            continue
        seen.add((graph_name, ref.node))
        yield graph_name, ref.node, node
        if isinstance(node, Block) and node.block in model.blocks:
            inner = model.blocks[node.block].sources.get(ref.port, {})
            pending += [(node.block, one) for one in inner.values()]
        if isinstance(node, InputNode) and graph_name:
            for outer, place in placements(model, graph_name):
                outside = model.graphs[outer].sources[place].get(ref.node)
                pending += [(outer, outside)] if outside else []
        pending += [
            (graph_name, one) for one in model.graphs[graph_name].sources[ref.node].values()
        ]


def _hyperparameter(value: object) -> str:
    """Return the hyperparameter that a parameter is set to; "" if it is another expression."""
    names = value.hypers if isinstance(value, Dim) else ()
    return next((name for name in names if value == hyper(name)), "")


def is_static(size: AnyDim | None) -> bool:
    """Check that a size is the same in every run."""
    return isinstance(size, int) or (isinstance(size, Dim) and not size.frees)
