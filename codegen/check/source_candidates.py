"""Candidates that connect a port: to another source, through a new node, or to another port."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice

from codegen.check.conversions import Conversion, conversions
from codegen.check.edge_remedies import MoveEdge, SwapEdges
from codegen.check.problem_site import ProblemSite
from codegen.check.remedy import AddNode, Connect, Disconnect, Insert, Remedy, Several
from nodes.core.graphs.graph import Block, PortRef
from nodes.core.graphs.port import Input, Kind, TensorSpec, find_input
from nodes.core.shapes.shape import Bindings

MOST_SOURCES = 10
"""The most other sources that are proposed for one port."""

MOST_CONVERTED = 12
"""The most sources that are converted for one port, and the most conversions of an unread one."""

MOST_JOINED = 3
"""The most other ports that are connected to sources of their own."""

MOST_TOGETHER = 4
"""The most sources that are proposed for several ports together."""


def source_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose sources whose kind and shape fit a port, unread ones first, then the nearest."""
    stem = site.target.port.partition(".")[0]
    sources = site.graph.sources.get(site.name, {}).items()
    present = {source for port, source in sources if port.partition(".")[0] == stem}
    for source in islice(fitting_sources(site), MOST_SOURCES):
        if source not in present:
            yield Connect(site.graph_name, source, site.target)


def fitting_sources(site: ProblemSite) -> list[PortRef]:
    """List the sources whose kind and shape fit a port, unread ones first, then the nearest."""
    read = set(site.graph.edges.values())
    found = [ref for ref in site.outputs() if _fits(site, ref)]
    return sorted(found, key=lambda ref: ref in read)


def _fits(site: ProblemSite, ref: PortRef) -> bool:
    """Check what an output carries, with the other inputs as they are, against the port."""
    port, node, spec = site.input, site.node, site.spec(ref)
    if port is None or node is None:
        return False
    if spec is None:
        declared = site.model.find_output(site.graph.nodes[ref.node], ref.port)
        return declared is not None and _kinds_fit(port.kind, declared.kind)
    return _kinds_fit(port.kind, spec.kind) and accepts(site, port, spec)


def _kinds_fit(port: Kind, kind: Kind) -> bool:
    return kind is port or Kind.ANY in (port, kind)


def accepts(site: ProblemSite, port: Input, spec: TensorSpec) -> bool:
    """Check a spec against a port, with the other inputs of the node as they are."""
    node, values = site.node, site.model.sizes
    if site.wanted is not None:
        return spec.shape == site.wanted
    try:
        if node is None or isinstance(node, Block):
            Bindings({}, values).match(port.parsed, spec.shape, port.name, port.broadcast)
        else:
            node.bind({**site.specs, site.target.port: spec}, values)
    except (ValueError, KeyError):
        return False
    return True


def other_port_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose to move the edge to a free port of the node, or to swap it with another."""
    ports = site.graph.sources.get(site.name, {})
    for port in site.model.ports(site.node)[0] if site.node else ():
        if port.name not in ports and not port.variadic:
            yield MoveEdge(site.graph_name, site.target, PortRef(site.name, port.name))
    for name, source in ports.items():
        if name != site.target.port and source != ports[site.target.port]:
            yield SwapEdges(site.graph_name, site.target, PortRef(site.name, name))


def conversion_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose nodes from the catalogue that make of what arrives what the port takes."""
    source = site.graph.edges.get(site.target)
    spec = site.spec(source) if source else None
    if spec is None or site.input is None:
        return
    beside = _sequence_beside(site)
    for found in _conversions(site, spec, site.input, site.spec(beside) if beside else None):
        yield Insert(
            site.graph_name,
            site.target,
            found.type,
            found.parameters,
            found.input,
            found.output,
            ((found.also, beside),) if found.also and beside else (),
        )


def _sequence_beside(site: ProblemSite) -> PortRef | None:
    """Find the source of the first input of the node, where that is another port."""
    first = next(iter(site.graph.sources.get(site.name, {}).items()), None)
    return first[1] if first and first[0] != site.target.port else None


def _conversions(
    site: ProblemSite, spec: TensorSpec, port: Input, beside: TensorSpec | None = None
) -> Iterator[Conversion]:
    """Find the conversions whose results fit the port."""
    kind = spec.kind if port.kind is Kind.ANY else port.kind
    found = conversions(site.model, spec, kind, beside)
    yield from (one for one in found if accepts(site, port, one.spec))


def converted_source_candidates(site: ProblemSite, together: bool = False) -> Iterator[Remedy]:
    """Propose sources that a new node converts, for a port without an edge, or for all of them."""
    if site.input is None:
        return
    kinds = (site.input.kind, Kind.ANY)
    places = [one for one in missing_ports(site) if one.input and one.input.kind in kinds]
    targets = tuple(one.target for one in places) if together else (site.target,)
    read = set(site.graph.edges.values())
    sources = sorted(islice(site.outputs(), MOST_CONVERTED), key=lambda ref: ref in read)
    for ref in sources:
        spec = site.spec(ref)
        found = _conversions(site, spec, site.input) if spec is not None else iter(())
        for conversion in islice(found, 1 if ref in read else MOST_CONVERTED):
            yield AddNode(
                site.graph_name,
                conversion.type,
                conversion.parameters,
                source=ref,
                targets=targets,
                input=conversion.input,
                output=conversion.output,
            )


def cycle_candidates(site: ProblemSite, nodes: tuple[str, ...]) -> list[Remedy]:
    """Propose another source for each edge of a cycle, unread ones first."""
    found: list[tuple[bool, Remedy]] = []
    graph, cycle = site.graph, {*nodes} | site.graph.bypassed
    for target in [t for t, s in graph.edges.items() if {s.node, t.node} <= cycle]:
        place = _without_edge(site, target)
        read = set(place.graph.edges.values())
        for source in fitting_sources(place)[:MOST_SOURCES]:
            found.append((source in read, Connect(site.graph_name, source, target)))
        found.append((True, Disconnect(site.graph_name, target)))
    return [remedy for _, remedy in sorted(found, key=lambda pair: pair[0])]


def _without_edge(site: ProblemSite, target: PortRef) -> ProblemSite:
    """Return the site of a port as if its edge were missing."""
    model = site.model.edit(site.graph_name, lambda graph: graph.without_edge(target))
    where = replace(site.problem.location, node=target.node, port=target.port)
    return ProblemSite(model, site.main, replace(site.problem, location=where), site.problems)


def joint_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose to connect the ports of the graph that have no edge together.

    All that fit are connected to one source; of a few ports the others to sources of their own.
    """
    others = [place for place in missing_ports(site) if place.problem != site.problem]
    own = {place.name: fitting_sources(place)[:1] for place in others[:MOST_JOINED]}
    sources = fitting_sources(site)[:MOST_TOGETHER] if others else []
    for source in sources:
        parts: list[Remedy] = [Connect(site.graph_name, source, site.target)]
        alone: list[Remedy] = []
        for place in others:
            fits = source.node not in place.downstream and _fits(place, source)
            found = [source] if fits else own.get(place.name, [])
            (parts if fits else alone).extend(
                Connect(site.graph_name, one, place.target) for one in found
            )
        if alone and len(others) <= MOST_JOINED:
            yield Several((*parts, *alone))
        if len(parts) > 1:
            yield Several(tuple(parts))
    if others and not sources:
        yield from islice(converted_source_candidates(site, together=True), MOST_TOGETHER)


def pair_candidates(site: ProblemSite) -> Iterator[Remedy]:
    """Propose to connect two sources to a port that joins its edges."""
    port, taken = site.input, site.graph.sources.get(site.name, {})
    if port is None or not port.joins or any(find_input((port,), key) for key in taken):
        return
    second = PortRef(site.target.node, f"{port.name}.1")
    for source, other in combinations(fitting_sources(site)[:MOST_TOGETHER], 2):
        first = Connect(site.graph_name, source, site.target)
        yield Several((first, Connect(site.graph_name, other, second)))


def missing_ports(site: ProblemSite) -> list[ProblemSite]:
    """List the problems of the graph that are ports without an edge."""
    places = [
        ProblemSite(site.model, site.main, other, site.problems)
        for other in site.problems
        if other.location.graph == site.graph_name and other.location.node
    ]
    return [place for place in places if is_missing(place)]


def is_missing(site: ProblemSite) -> bool:
    """Return whether the problem is a port without an edge."""
    return site.input is not None and site.target not in site.graph.edges
