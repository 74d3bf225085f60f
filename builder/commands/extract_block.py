"""Nodes cut out of a graph to be a block of their own, with ports where edges were cut."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from builder.commands.editing import unique_names, without_nodes
from builder.commands.ports import input_at, output_kind, outputs
from builder.document.document import Refused
from builder.layout.placement import X_STEP
from codegen.source.identifiers import identifier
from nodes.core.graphs.graph import Graph, Model, Point, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind
from nodes.io import BlockInput, GraphOutput

GENERIC_PORTS = frozenset({"input", "output", "terms", "factors", "parts", "x", "query", "first"})
"""The names of ports that say nothing of what arrives there."""


@dataclass(frozen=True)
class ExtractedBlock:
    """Nodes that became a block, and what is left.

    Attributes:
        block: the nodes, with inputs and outputs.
        positions: where all of that lies.
        left: the graph without them.
        sources: what each port of the block reads.
        readers: the ports outside that read the block, each with the port it reads.
    """

    block: Graph
    positions: Mapping[str, Point]
    left: Graph
    sources: Mapping[str, PortRef]
    readers: Mapping[PortRef, str]


def extract_block(
    model: Model, graph: Graph, names: frozenset[str], positions: Mapping[str, Point]
) -> ExtractedBlock:
    """Cut nodes out of a graph.

    Raises:
        Refused: they share a weight with others, or other nodes lie on a way between them.
    """
    _see_ties(graph, names)
    _see_no_way_back(graph, names)
    nodes = {name: node for name, node in graph.nodes.items() if name in names}
    inner = {t: s for t, s in graph.edges.items() if {t.node, s.node} <= names}
    entering = _by_source(graph, names, entering=True)
    leaving = _in_order(model, nodes, _by_source(graph, names, entering=False))
    leaving = leaving or dict.fromkeys(_ends(model, graph, nodes), ())
    taken = dict(_input_names(model, graph, entering))
    given = dict(_output_names(leaving))
    fresh = iter(unique_names([*taken.values(), *given.values()], nodes))
    called_in = {source: next(fresh) for source in taken}
    called_out = {source: next(fresh) for source in given}
    ends = {
        name: BlockInput(kind=_kind(model, graph, s, entering[s])) for s, name in called_in.items()
    }
    output_nodes = {name: GraphOutput() for name in called_out.values()}
    edges = dict(inner)
    for source, targets in entering.items():
        edges.update(dict.fromkeys(targets, PortRef(called_in[source], "output")))
    edges.update((PortRef(name, "input"), source) for source, name in called_out.items())
    block = Graph({**ends, **nodes, **output_nodes}, edges, bypassed=graph.bypassed & names)
    return ExtractedBlock(
        block,
        _placed(block, {name: at for name, at in positions.items() if name in names}),
        without_nodes(graph, names),
        {name: source for source, name in called_in.items()},
        {target: called_out[source] for source, targets in leaving.items() for target in targets},
    )


def _see_ties(graph: Graph, names: frozenset[str]) -> None:
    for name, node in graph.nodes.items():
        other = node.tied_to
        if other in graph.nodes and (name in names) != (other in names):
            raise Refused(f"{name} shares the weight of {other}; select both, or neither of them")


def _see_no_way_back(graph: Graph, names: frozenset[str]) -> None:
    """See that nothing leaves the nodes and comes back to them through others."""
    readers: dict[str, list[str]] = {}
    for target, source in graph.edges.items():
        readers.setdefault(source.node, []).append(target.node)
    outside = {r: name for name in graph.nodes if name in names for r in readers.get(name, ())}
    before = {reader: name for reader, name in outside.items() if reader not in names}
    waiting = [*before]
    while waiting:
        name = waiting.pop()
        for reader in readers.get(name, ()):
            if reader in names:
                raise Refused(
                    f"{name} lies between {_first(before, name)} and {reader}, which are to be "
                    f"in the block; select {name} too"
                )
            if reader not in before:
                before[reader] = name
                waiting.append(reader)


def _first(before: Mapping[str, str], name: str) -> str:
    """Go back to the node from which a way went out."""
    while name in before:
        name = before[name]
    return name


def _by_source(
    graph: Graph, names: frozenset[str], *, entering: bool
) -> dict[PortRef, list[PortRef]]:
    """Collect the edges that are cut, by where they start."""
    found: dict[PortRef, list[PortRef]] = {}
    for name in graph.nodes:
        for port, source in graph.arriving[name].items():
            if (name in names) == entering and (source.node in names) != entering:
                found.setdefault(source, []).append(PortRef(name, port))
    return found


def _in_order(
    model: Model, nodes: Mapping[str, Node], leaving: Mapping[PortRef, list[PortRef]]
) -> dict[PortRef, list[PortRef]]:
    """Put what leaves in the order of the nodes and ports that it leaves."""
    ports = (PortRef(n, port.name) for n, node in nodes.items() for port in model.ports(node)[1])
    places = {port: place for place, port in enumerate(ports)}
    return dict(sorted(leaving.items(), key=lambda item: places.get(item[0], len(places))))


def _ends(model: Model, graph: Graph, nodes: Mapping[str, Node]) -> Iterator[PortRef]:
    """Find the outputs that nothing reads, of nodes that nothing reads."""
    read = {source.node for source in graph.edges.values()}
    for name in nodes:
        if name not in read:
            yield from [*outputs(model, graph, name)][:1]


def _kind(model: Model, graph: Graph, source: PortRef, targets: Iterable[PortRef]) -> str:
    """Tell the kind of what enters, by where it comes from or where it goes."""
    found = output_kind(model, graph, source)
    kinds = (port.kind for one in targets if (port := input_at(model, graph, one)))
    asked = (kind for kind in kinds if kind is not Kind.ANY)
    return (found if found is not Kind.ANY else next(asked, Kind.ANY)).value


def _input_names(
    model: Model, graph: Graph, entering: Mapping[PortRef, list[PortRef]]
) -> Iterator[tuple[PortRef, str]]:
    """Name what enters: by its port where that says what it is, else by the node it comes from."""
    for source, targets in entering.items():
        ports = {target.port.partition(".")[0] for target in targets}
        (first, *others) = sorted(ports)
        if not others and first not in GENERIC_PORTS:
            yield source, first
        elif len(entering) == 1:
            yield source, "x"
        else:
            yield source, identifier(source.node)


def _output_names(leaving: Mapping[PortRef, object]) -> Iterator[tuple[PortRef, str]]:
    """Name what leaves: by its port where that says what it is, else by the node it comes from."""
    for source in leaving:
        if source.port not in GENERIC_PORTS:
            yield source, source.port
        elif len(leaving) == 1:
            yield source, "output"
        else:
            yield source, f"{identifier(source.node)}_output"


def _placed(block: Graph, positions: Mapping[str, Point]) -> dict[str, Point]:
    """Put the inputs to the left of the nodes, and the outputs to the right."""
    points = [*positions.values()] or [(0.0, 0.0)]
    left, right = min(x for x, _ in points) - X_STEP, max(x for x, _ in points) + X_STEP
    top = min(y for _, y in points)
    placed = dict(positions)
    for names, x in ((block.input_nodes, left), (block.output_nodes, right)):
        for row, name in enumerate(names):
            placed[name] = x, top + 100.0 * row
    return {name: placed[name] for name in block.nodes if name in placed}
