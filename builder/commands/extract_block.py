"""Extracting a block: nodes become a graph of their own, with ports where edges were cut."""

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
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput

GENERIC_PORTS = frozenset({"input", "output", "terms", "factors", "parts", "x", "query", "first"})
"""Names of ports that do not describe their values."""

_ROW_HEIGHT = 100.0


@dataclass(frozen=True)
class ExtractedBlock:
    """Nodes that became a block, and the rest of the graph.

    Attributes:
        block: the nodes, with inputs and outputs.
        positions: their positions.
        rest: the graph without the nodes.
        sources: the source of each input of the block.
        consumers: the ports that read the block, each with the output that it reads.
    """

    block: Graph
    positions: Mapping[str, Point]
    rest: Graph
    sources: Mapping[str, PortRef]
    consumers: Mapping[PortRef, str]


def extract_block(
    model: Model, graph: Graph, names: frozenset[str], positions: Mapping[str, Point]
) -> ExtractedBlock:
    """Extract nodes of a graph as a block.

    Raises:
        Refused: they share a weight with other nodes, or the block would close a cycle.
    """
    _require_no_split_ties(graph, names)
    _require_no_cycle(graph, names)
    nodes = {name: node for name, node in graph.nodes.items() if name in names}
    inner = {t: s for t, s in graph.edges.items() if {t.node, s.node} <= names}
    entering = _cut_edges(graph, names, entering=True)
    leaving = _in_port_order(model, nodes, _cut_edges(graph, names, entering=False))
    leaving = leaving or {output: [] for output in _unread_outputs(model, graph, nodes)}
    input_hints = dict(_input_names(model, graph, entering))
    output_hints = dict(_output_names(leaving))
    free = iter(unique_names([*input_hints.values(), *output_hints.values()], nodes))
    input_names = {source: next(free) for source in input_hints}
    output_names = {source: next(free) for source in output_hints}
    input_nodes = {
        name: BlockInput.model_validate({"kind": _kind(model, graph, source, entering[source])})
        for source, name in input_names.items()
    }
    output_nodes = {name: GraphOutput() for name in output_names.values()}
    edges = dict(inner)
    for source, targets in entering.items():
        edges.update(dict.fromkeys(targets, PortRef(input_names[source], "output")))
    edges.update((PortRef(name, "input"), source) for source, name in output_names.items())
    block = Graph({**input_nodes, **nodes, **output_nodes}, edges, bypassed=graph.bypassed & names)
    return ExtractedBlock(
        block,
        _with_ends(block, {name: at for name, at in positions.items() if name in names}),
        without_nodes(graph, names),
        {name: source for source, name in input_names.items()},
        {target: output_names[source] for source, targets in leaving.items() for target in targets},
    )


def _require_no_split_ties(graph: Graph, names: frozenset[str]) -> None:
    for name, node in graph.nodes.items():
        other = node.tied_to
        if other in graph.nodes and (name in names) != (other in names):
            raise Refused(f"{name} shares the weight of {other}; select both, or neither of them")


def _require_no_cycle(graph: Graph, names: frozenset[str]) -> None:
    """Check that no path leaves the nodes and enters them again."""
    consumers: dict[str, list[str]] = {}
    for target, source in graph.edges.items():
        consumers.setdefault(source.node, []).append(target.node)
    readers = {r: name for name in graph.nodes if name in names for r in consumers.get(name, ())}
    previous = {reader: name for reader, name in readers.items() if reader not in names}
    stack = [*previous]
    while stack:
        name = stack.pop()
        for consumer in consumers.get(name, ()):
            if consumer in names:
                raise Refused(
                    f"the block would close a cycle: {name} lies between "
                    f"{_path_start(previous, name)} and {consumer}; select {name} too"
                )
            if consumer not in previous:
                previous[consumer] = name
                stack.append(consumer)


def _path_start(previous: Mapping[str, str], name: str) -> str:
    while name in previous:
        name = previous[name]
    return name


def _cut_edges(
    graph: Graph, names: frozenset[str], *, entering: bool
) -> dict[PortRef, list[PortRef]]:
    """Collect the targets of the edges that are cut, by source."""
    found: dict[PortRef, list[PortRef]] = {}
    for name in graph.nodes:
        for port, source in graph.sources[name].items():
            if (name in names) == entering and (source.node in names) != entering:
                found.setdefault(source, []).append(PortRef(name, port))
    return found


def _in_port_order(
    model: Model, nodes: Mapping[str, Node], leaving: Mapping[PortRef, list[PortRef]]
) -> dict[PortRef, list[PortRef]]:
    """Sort the edges that leave by node and port."""
    ports = (PortRef(n, port.name) for n, node in nodes.items() for port in model.ports(node)[1])
    index = {port: number for number, port in enumerate(ports)}
    return dict(sorted(leaving.items(), key=lambda item: index.get(item[0], len(index))))


def _unread_outputs(model: Model, graph: Graph, nodes: Mapping[str, Node]) -> Iterator[PortRef]:
    """Yield the first output of each node that no edge leaves."""
    read = {source.node for source in graph.edges.values()}
    for name in nodes:
        if name not in read:
            yield from [*outputs(model, graph, name)][:1]


def _kind(model: Model, graph: Graph, source: PortRef, targets: Iterable[PortRef]) -> str:
    """Return the kind of a block's input, by its source or else its targets."""
    kind = output_kind(model, graph, source)
    ports = (input_at(model, graph, target) for target in targets)
    specific = (port.kind for port in ports if port is not None and port.kind is not Kind.ANY)
    return (kind if kind is not Kind.ANY else next(specific, Kind.ANY)).value


def _input_names(
    model: Model, graph: Graph, entering: Mapping[PortRef, list[PortRef]]
) -> Iterator[tuple[PortRef, str]]:
    """Name each input after its port if that is descriptive, else after its source."""
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
    """Name each output after its port if that is descriptive, else after its node."""
    for source in leaving:
        if source.port not in GENERIC_PORTS:
            yield source, source.port
        elif len(leaving) == 1:
            yield source, "output"
        else:
            yield source, f"{identifier(source.node)}_output"


def _with_ends(block: Graph, positions: Mapping[str, Point]) -> dict[str, Point]:
    """Add positions of the inputs left of the nodes, and of the outputs right of them."""
    points = [*positions.values()] or [(0.0, 0.0)]
    left, right = min(x for x, _ in points) - X_STEP, max(x for x, _ in points) + X_STEP
    top = min(y for _, y in points)
    found = dict(positions)
    for names, x in ((block.input_nodes, left), (block.output_nodes, right)):
        for row, name in enumerate(names):
            found[name] = x, top + _ROW_HEIGHT * row
    return {name: found[name] for name in block.nodes if name in found}
