"""Whether and how a checked graph can be fed piece by piece, remembering what came before.

What is remembered is a nest that mirrors the graph: an attention remembers its keys and values, a
recurrent node its state, a repeated node a list with one entry a copy, and a graph with several
such nodes a tuple.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.check.inference import CheckedGraph
from nodes.core.graphs.graph import Composite, InputNode, OutputNode, PortRef
from nodes.core.graphs.node import Node, Time
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr

CACHE = "Cache"
STATE = "State"

MOST_SPELLED = 3
"""So many parts of a memory are told one by one in its type."""


@dataclass(frozen=True, slots=True)
class CachedState:
    """What one node, or one graph, remembers.

    Attributes:
        annotation: its type in the generated code.
        path: the subscripts that lead to the first attention's keys; None where there is none.
    """

    annotation: str
    path: tuple[int, ...] | None


def live_nodes(checked: CheckedGraph, output_nodes: frozenset[str]) -> dict[str, frozenset[str]]:
    """Find the nodes that the given exits need, in order, each with its output ports in use."""
    if output_nodes not in checked.live:
        checked.live[output_nodes] = _live_nodes(checked, output_nodes)
    return checked.live[output_nodes]


def _live_nodes(checked: CheckedGraph, output_nodes: frozenset[str]) -> dict[str, frozenset[str]]:
    used: dict[str, set[str]] = {name: set() for name in output_nodes}
    for name in reversed(checked.order):
        if name in used:
            for ref in _needed(checked, name, frozenset(used[name])):
                used.setdefault(ref.node, set()).add(ref.port)
    return {name: frozenset(used[name]) for name in checked.order if name in used}


def _needed(checked: CheckedGraph, name: str, used: frozenset[str]) -> Iterable[PortRef]:
    """Find what a node reads; a composite may leave some of its inputs out."""
    sources, inner = checked.sources[name], checked.found[name].inner
    if inner is None:
        return sources.values()
    node = checked.graph.nodes[name]
    live = live_nodes(inner, inner_exits(inner, node, used))
    return [ref for port, ref in sources.items() if port in live]


def inner_exits(checked: CheckedGraph, node: Composite, used: frozenset[str]) -> frozenset[str]:
    """Tell which exits of a composite's graph are wanted; a chain needs the first."""
    return used if node.repeat == 1 else used | {next(iter(checked.graph.output_nodes))}


def streams(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Tell whether a graph, fed piece by piece, can give what the whole sequence gives."""
    for name, used in live_nodes(checked, output_nodes).items():
        node, found = checked.graph.nodes[name], checked.found[name]
        if isinstance(node, InputNode | OutputNode):
            if any(spec.kind in (Kind.MASK, Kind.LENGTHS) for spec in found.arriving.values()):
                return False
        elif found.inner is not None:
            if not streams(found.inner, inner_exits(found.inner, node, used)):
                return False
        elif node.streams(frozenset(checked.sources[name]), used) is Time.WHOLE:
            return False
    return True


def memory(checked: CheckedGraph, output_nodes: frozenset[str]) -> CachedState | None:
    """Tell what a graph remembers; None if nothing."""
    parts = list(memories(checked, output_nodes).values())
    if len(parts) <= 1:
        return parts[0] if parts else None
    path = next(((i, *part.path) for i, part in enumerate(parts) if part.path is not None), None)
    annotations = [part.annotation for part in parts]
    if len(parts) > MOST_SPELLED:
        annotations = [" | ".join(dict.fromkeys(annotations)), "..."]
    return CachedState(f"tuple[{', '.join(annotations)}]", path)


def memories(checked: CheckedGraph, output_nodes: frozenset[str]) -> Mapping[str, CachedState]:
    """Tell which nodes of a graph remember, and what."""
    found: dict[str, CachedState] = {}
    for name, used in live_nodes(checked, output_nodes).items():
        if (one := _node_memory(checked, name, used)) is not None:
            found[name] = one
    return found


def _node_memory(checked: CheckedGraph, name: str, used: frozenset[str]) -> CachedState | None:
    node, inner = checked.graph.nodes[name], checked.found[name].inner
    if isinstance(node, Composite) and inner is not None:
        one = memory(inner, inner_exits(inner, node, used))
        if one is None or node.repeat == 1:
            return one
        return CachedState(f"list[{one.annotation}]", None if one.path is None else (0, *one.path))
    if node.streams(frozenset(checked.sources[name]), used) is not Time.MEMORY:
        return None
    if remembers_inputs(node):
        return CachedState(CACHE, (0,))
    return CachedState(STATE if len(node.state_ports) > 1 else "Tensor", None)


def remembers_inputs(node: Node) -> bool:
    """Tell an attention, which remembers what it was given, from a recurrent node."""
    return any(node.find_input(port) is not None for port in node.state_ports)


def has_positions(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Tell whether some node must know where in the sequence the piece begins."""
    for name, used in live_nodes(checked, output_nodes).items():
        node, inner = checked.graph.nodes[name], checked.found[name].inner
        if inner is not None:
            if needs_start(inner, inner_exits(inner, node, used)):
                return True
        elif node.streams(frozenset(checked.sources[name]), used) is Time.POSITION:
            return True
    return False


def needs_start(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Tell whether a graph must be told the position, having no attention to tell it by."""
    own = memory(checked, output_nodes)
    return has_positions(checked, output_nodes) and (own is None or own.path is None)


def start_of(past: Expr, path: tuple[int, ...]) -> Expr:
    """Write how many steps the past holds."""
    for index in path:
        past = past[index]
    return past.attr("shape")[2]
