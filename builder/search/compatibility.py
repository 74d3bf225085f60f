"""Compatibility of ports: whether an edge can join two, and which new nodes fit one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from builder.document.document import READ_ONLY, Document
from builder.document.port_end import PortEnd
from builder.search.search import COMMON_TYPES, SearchItem, all_items
from codegen.check.checked_graph import CheckedGraph
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, KindMismatch, Output, Port, TensorSpec
from nodes.core.shapes.shape import Bindings
from nodes.library.library import with_library

MAX_NAMED = 5
"""The number of nodes of a cycle that a message names."""

CONSUMERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.TOKENS: ("Embedding", "PositionIds", "ShiftRight"),
    Kind.MASK: ("MultiHeadAttention", "PaddingMask", "EncoderLayer", "MeanPooling", "CombineMasks"),
    Kind.LENGTHS: ("LengthMask", "LSTM", "GRU", "RNN", "LastStep", "MeanPooling"),
    Kind.STATE: ("LSTM", "GRU", "RNN"),
}
"""The usual consumers of each kind; for features, those of `COMMON_TYPES`."""

PRODUCERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.TOKENS: ("TokenInput", "PositionIds", "PaddedPositionIds"),
    Kind.MASK: ("CausalMask", "LengthMask", "PaddingMask", "MaskInput", "CombineMasks"),
    Kind.LENGTHS: ("LengthInput",),
    Kind.STATE: ("LSTM", "GRU", "RNN"),
}
"""The usual producers of each kind."""


def connection_error(
    document: Document, checked: CheckedGraph | None, source: PortEnd, target: PortEnd
) -> str:
    """Return why an edge cannot join two ports, or "" if it can.

    Different sizes are no reason: they become a problem, with its remedies.

    Args:
        document: the document.
        checked: the checked graph that is shown; it knows the specs of outputs.
        source: one end.
        target: the other end; an edge that ends at it is replaced.
    """
    return connection_errors(document, checked, source, (target,))[target]


def connection_errors(
    document: Document, checked: CheckedGraph | None, start: PortEnd, ends: Iterable[PortEnd]
) -> dict[PortEnd, str]:
    """Return, for each of many ports, why no edge can join it to the start, or ""."""
    if not document.editable:
        return dict.fromkeys(ends, READ_ONLY)
    reachable = _reachable(document, start)
    start_port = _port(document, checked, start)
    found = {}
    for end in ends:
        if end.is_input == start.is_input:
            found[end] = f"expected an output and an input, got two {_side(start)}s"
        elif end.ref.node == start.ref.node:
            found[end] = "an edge cannot join a node to itself"
        elif end.ref.node in reachable:
            cycle = _cycle(reachable, end.ref.node, start.is_input)
            found[end] = f"the edge would close a cycle: {cycle}"
        else:
            port = _port(document, checked, end)
            source, target = (port, start_port) if start.is_input else (start_port, port)
            found[end] = _kind_error(source, target)
    return found


def _side(end: PortEnd) -> str:
    return "input" if end.is_input else "output"


def _reachable(document: Document, start: PortEnd) -> dict[str, str]:
    """Map each node upstream of an output, or downstream of an input, to the one before it."""
    graph, previous = document.graph, {start.ref.node: ""}
    targets: dict[str, list[str]] = {}
    for target, source in graph.edges.items() if start.is_input else ():
        targets.setdefault(source.node, []).append(target.node)
    queue = [start.ref.node]
    for name in queue:
        if start.is_input:
            following = targets.get(name, [])
        else:
            following = [ref.node for ref in graph.sources.get(name, {}).values()]
        for reader in following:
            if reader not in previous:
                previous[reader] = name
                queue.append(reader)
    return previous


def _cycle(previous: Mapping[str, str], end: str, forward: bool) -> str:
    """Format the cycle that an edge between the end of a path and its start would close."""
    path = [end]
    while previous[path[-1]]:
        path.append(previous[path[-1]])
    if forward:
        path.reverse()
    cycle = [*path, path[0]]
    if len(cycle) > MAX_NAMED:
        cycle = [*cycle[:2], "...", *cycle[-2:]]
    return " -> ".join(cycle)


def _kind_error(source: Port | None, target: Port | None) -> str:
    if source is None or target is None:
        return "the port no longer exists"
    if Kind.ANY in (source.kind, target.kind) or source.kind is target.kind:
        return ""
    return str(KindMismatch(target.kind, source.kind))


def _port(document: Document, checked: CheckedGraph | None, end: PortEnd) -> Port | None:
    """Find a port, with the kind of its spec if that is known."""
    node = document.graph.nodes.get(end.ref.node)
    if node is None:
        return None
    port = find_port(document.model, node, end)
    spec = checked.spec(end.ref) if checked and not end.is_input else None
    return replace(port, kind=spec.kind) if port and spec else port


def find_port(model: Model, node: Node, end: PortEnd) -> Port | None:
    """Find a port of a node on one of its sides."""
    find = model.find_input if end.is_input else model.find_output
    return find(node, end.ref.port)


def compatible_items(
    document: Document, ref: PortEnd, checked: CheckedGraph | None = None
) -> list[SearchItem]:
    """List the new nodes that an edge could join to a port, the usual ones first.

    Each item names the port to connect; a node is listed once for each of its ports that fit.
    """
    port = _port(document, checked, ref)
    if port is None:
        return []
    spec = checked.spec(ref.ref) if checked and not ref.is_input else None
    found, model = [], with_library(document.model)
    for entry in all_items(document):
        ports = model.ports(entry.node)[1 if ref.is_input else 0]
        pairs = [(other, port) if ref.is_input else (port, other) for other in ports]
        fitting = [pair for pair in pairs if not _kind_error(*pair)]
        fitting.sort(key=lambda pair: not _related_names(*pair))
        for index, ends in enumerate(fitting):
            rank = _rank(document, entry, ends, spec, ref.is_input)
            other = ends[0 if ref.is_input else 1]
            found.append(((index > 0, *rank), _with_port(entry, other, len(ports))))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def insertable_items(
    document: Document, target: PortRef, checked: CheckedGraph | None = None
) -> list[SearchItem]:
    """List the new nodes that fit on the edge that ends at a port, the usual ones first."""
    source = document.graph.edges.get(target)
    if source is None:
        return []
    output = _port(document, checked, PortEnd(source, is_input=False))
    following = _port(document, checked, PortEnd(target, is_input=True))
    if output is None:
        return []
    spec = checked.spec(source) if checked else None
    found, model = [], with_library(document.model)
    for entry in all_items(document):
        inputs, outputs = model.ports(entry.node)
        fitting = [port for port in inputs if not _kind_error(output, port)]
        if fitting and any(_fits_through(output, port, following) for port in outputs):
            rank = _rank(document, entry, (output, fitting[0]), spec, is_input=False)
            found.append((rank, _with_port(entry, fitting[0], len(inputs))))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def _related_names(source: Port, target: Port) -> bool:
    """Return whether one name contains the other, such as ``hidden`` and ``initial_hidden``."""
    return source.name in target.name or target.name in source.name


def _fits_through(source: Port, output: Output, target: Port | None) -> bool:
    """Return whether a node's output fits a target; one of any kind has that of its input."""
    resolved = replace(output, kind=source.kind) if output.kind is Kind.ANY else output
    return not _kind_error(resolved, target)


def _with_port(entry: SearchItem, port: Port, count: int) -> SearchItem:
    title = f"{entry.title} · {port.name}" if count > 1 else entry.title
    name = f"{port.name}.0" if isinstance(port, Input) and port.variadic else port.name
    return replace(entry, title=title, port=name)


def _rank(
    document: Document,
    entry: SearchItem,
    ends: tuple[Port, Port],
    spec: TensorSpec | None,
    is_input: bool,
) -> tuple[int, ...]:
    """Return the sort key of a node that fits: by kind, shape and how common it is."""
    source, target = ends
    kind = target.kind if is_input else source.kind
    usual = (PRODUCERS if is_input else CONSUMERS).get(kind, COMMON_TYPES)
    is_usual = entry.key in usual or (isinstance(entry.node, Block) and not entry.library)
    index = usual.index(entry.key) if entry.key in usual else 0 if is_usual else len(usual)
    # Unusual nodes that fit only because they accept any kind come last.
    specific = Kind.FEATURES if kind is Kind.ANY else kind
    unspecific = not is_usual and (source if is_input else target).kind is not specific
    if is_input:
        return unspecific, _batches_differ(source, target), index
    return unspecific, _shape_rank(document.model, target, spec), index


def _shape_rank(model: Model, target: Port, spec: TensorSpec | None) -> int:
    """Return 1 for a pattern that a shape does not match, and -1 for a match of high rank."""
    if spec is None:
        return 0
    pattern = target.parsed
    try:
        Bindings({}, model.sizes).match(pattern, spec.shape, target.name)
    except ValueError:
        return 1
    return -1 if not pattern.spread and len(pattern.items) > 3 else 0


def _batches_differ(source: Port, target: Port) -> bool:
    """Return whether two patterns have their batch dimensions at different axes."""
    output, input_ = source.parsed, target.parsed
    if output.spread or input_.spread:
        return False
    missing = len(input_.items) - len(output.items)
    if missing and not (missing > 0 and isinstance(target, Input) and target.broadcast):
        return True
    pairs = zip(output.items, input_.items[missing:], strict=True)
    return any((first == "B") != (second == "B") for first, second in pairs)
