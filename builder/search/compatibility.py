"""What fits where: whether an edge may join two ports, and which nodes may take one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.search.search import COMMON, SearchItem, all_items
from codegen.check.inference import CheckedGraph
from nodes.core.graphs.graph import Block, Model, PortRef
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Input, Kind, KindMismatch, Output, Port, TensorSpec
from nodes.core.graphs.unknown_node import Unknown
from nodes.core.shapes.shape import Bindings

MOST_TOLD = 5
"""How many nodes of a loop are told."""

AFTER: Mapping[Kind, tuple[str, ...]] = {
    Kind.TOKENS: ("Embedding", "PositionIds", "ShiftRight"),
    Kind.MASK: ("MultiHeadAttention", "PaddingMask", "EncoderLayer", "MeanPooling", "CombineMasks"),
    Kind.LENGTHS: ("LengthMask", "LSTM", "GRU", "RNN", "LastStep", "MeanPooling"),
    Kind.STATE: ("LSTM", "GRU", "RNN"),
}
"""What usually comes after an output of a kind; after features, what is most common."""

BEFORE: Mapping[Kind, tuple[str, ...]] = {
    Kind.TOKENS: ("TokenInput", "PositionIds"),
    Kind.MASK: ("CausalMask", "LengthMask", "PaddingMask", "MaskInput", "CombineMasks"),
    Kind.LENGTHS: ("LengthInput",),
    Kind.STATE: ("LSTM", "GRU", "RNN"),
}
"""What usually comes before an input of a kind."""


def connection_error(
    document: Document, checked: CheckedGraph | None, source: PortEnd, target: PortEnd
) -> str:
    """Tell why an edge may not join two ports; "" where it may.

    Sizes that differ are no reason: that becomes a problem, with its remedies.

    Args:
        document: where the ports are.
        checked: the flows of the graph that is shown.
        source: one end.
        target: the other; an edge that is there already gives way.
    """
    return connection_errors(document, checked, source, (target,))[target]


def connection_errors(
    document: Document, checked: CheckedGraph | None, start: PortEnd, ends: Iterable[PortEnd]
) -> dict[PortEnd, str]:
    """Tell of many ports at once why an edge from one of them may not end there."""
    if not document.editable:
        reason = "what a composite stands for can only be looked at; take it apart to change it"
        return dict.fromkeys(ends, reason)
    onward = _ways(document, start)
    near = _port(document, checked, start)
    found = {}
    for end in ends:
        if end.is_input == start.is_input:
            found[end] = "an edge leads from an output to an input"
        elif end.ref.node == start.ref.node:
            found[end] = "a node cannot feed itself"
        elif end.ref.node in onward:
            found[end] = f"that would make a loop: {_loop(onward, end.ref.node, start.is_input)}"
        else:
            far = _port(document, checked, end)
            source, target = (far, near) if start.is_input else (near, far)
            found[end] = _mismatch(source, target)
    return found


def _ways(document: Document, start: PortEnd) -> dict[str, str]:
    """Find all nodes up the stream of an output, or down that of an input, and the way there."""
    graph, onward = document.graph, {start.ref.node: ""}
    targets: dict[str, list[str]] = {}
    for target, source in graph.edges.items() if start.is_input else ():
        targets.setdefault(source.node, []).append(target.node)
    waiting = [start.ref.node]
    for name in waiting:
        if start.is_input:
            following = targets.get(name, ())
        else:
            following = [ref.node for ref in graph.arriving.get(name, {}).values()]
        for one in following:
            if one not in onward:
                onward[one] = name
                waiting.append(one)
    return onward


def _loop(onward: Mapping[str, str], end: str, forward: bool) -> str:
    """Tell the loop that an edge between the end of a way and its start would close."""
    way = [end]
    while onward[way[-1]]:
        way.append(onward[way[-1]])
    if forward:
        way.reverse()
    loop = [*way, way[0]]
    if len(loop) > MOST_TOLD:
        loop = [*loop[:2], "...", *loop[-2:]]
    return " -> ".join(loop)


def _mismatch(source: Port | None, target: Port | None) -> str:
    if source is None or target is None:
        return "there is no such port any more"
    if Kind.ANY in (source.kind, target.kind) or source.kind is target.kind:
        return ""
    return str(KindMismatch(target.kind, source.kind))


def _port(document: Document, checked: CheckedGraph | None, end: PortEnd) -> Port | None:
    """Find a port, with the kind of what flows there if that is known."""
    node = document.graph.nodes.get(end.ref.node)
    if node is None:
        return None
    port = find_port(document.model, node, end)
    spec = checked.spec(end.ref) if checked and not end.is_input else None
    return replace(port, kind=spec.kind) if port and spec else port


def find_port(model: Model, node: Node, end: PortEnd) -> Port | None:
    """Find the port of a node; one whose ports nobody knows has every port."""
    name = end.ref.port
    lost = isinstance(node, Block) and node.block not in model.blocks
    if lost or isinstance(node, Unknown):
        made = Input if end.is_input else Output
        return made("...", kind=Kind.ANY, name=name)
    if isinstance(node, Block):
        ports = model.ports(node)[0 if end.is_input else 1]
        return next((port for port in ports if port.name == name), None)
    return node.find_input(name) if end.is_input else node.find_output(name)


def compatible_items(
    document: Document, ref: PortEnd, checked: CheckedGraph | None = None
) -> list[SearchItem]:
    """List the nodes that could take an edge from a port, the usual ones first.

    Each entry names the port that the edge would join; a node with several that fit is there
    several times.
    """
    port = _port(document, checked, ref)
    if port is None:
        return []
    spec = checked.spec(ref.ref) if checked and not ref.is_input else None
    found = []
    for entry in all_items(document):
        ports = document.model.ports(entry.node)[1 if ref.is_input else 0]
        pairs = [(other, port) if ref.is_input else (port, other) for other in ports]
        fitting = [pair for pair in pairs if not _mismatch(*pair)]
        fitting.sort(key=lambda pair: not _namesakes(*pair))
        for place, ends in enumerate(fitting):
            rank = _rank(document, entry, ends, spec, ref.is_input)
            other = ends[0 if ref.is_input else 1]
            found.append(((place > 0, *rank), _naming(entry, other, len(ports))))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def insertable_items(
    document: Document, target: PortRef, checked: CheckedGraph | None = None
) -> list[SearchItem]:
    """List the nodes that could be put on the edge that ends at a port, the usual ones first."""
    source = document.graph.edges.get(target)
    if source is None:
        return []
    before = _port(document, checked, PortEnd(source, is_input=False))
    after = _port(document, checked, PortEnd(target, is_input=True))
    spec = checked.spec(source) if checked else None
    found = []
    for entry in all_items(document):
        inputs, outputs = document.model.ports(entry.node)
        fitting = [one for one in inputs if not _mismatch(before, one)]
        if fitting and any(_passes(before, one, after) for one in outputs):
            rank = _rank(document, entry, (before, fitting[0]), spec, is_input=False)
            found.append((rank, _naming(entry, fitting[0], len(inputs))))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def _namesakes(source: Port, target: Port) -> bool:
    """Tell whether two ports speak of the same, as a hidden state and an initial one do."""
    return source.name in target.name or target.name in source.name


def _passes(before: Port | None, output: Output, after: Port | None) -> bool:
    """Tell whether what leaves a node fits; of any kind is what gives back the kind it takes."""
    given = replace(output, kind=before.kind) if before and output.kind is Kind.ANY else output
    return not _mismatch(given, after)


def _naming(entry: SearchItem, port: Port, count: int) -> SearchItem:
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
    """Rank a node that fits: by kind, by shape, by how usual it is."""
    source, target = ends
    kind = target.kind if is_input else source.kind
    usual = (BEFORE if is_input else AFTER).get(kind, COMMON)
    is_known = entry.key in usual or isinstance(entry.node, Block)
    place = usual.index(entry.key) if entry.key in usual else 0 if is_known else len(usual)
    # Of what fits only because it takes any kind, what is not usual comes last.
    wanted = Kind.FEATURES if kind is Kind.ANY else kind
    strange = not is_known and (source if is_input else target).kind is not wanted
    if is_input:
        return strange, _differ(source, target), place
    return strange, _misfit(document.model, target, spec), place


def _misfit(model: Model, target: Port, spec: TensorSpec | None) -> int:
    """Tell whether a shape does not fit a pattern; one made for just such shapes comes first."""
    if spec is None:
        return 0
    wanted = target.parsed
    try:
        Bindings({}, model.sizes).match(wanted, spec.shape, target.name)
    except ValueError:
        return 1
    return -1 if not wanted.spread and len(wanted.items) > 3 else 0


def _differ(source: Port, target: Port) -> bool:
    """Tell whether two patterns can hardly mean one shape, as their batches do not meet."""
    gives, takes = source.parsed, target.parsed
    if gives.spread or takes.spread:
        return False
    missing = len(takes.items) - len(gives.items)
    if missing and not (missing > 0 and isinstance(target, Input) and target.broadcast):
        return True
    pairs = zip(gives.items, takes.items[missing:], strict=True)
    return any((one == "B") != (other == "B") for one, other in pairs)
