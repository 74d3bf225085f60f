"""Whether a checked graph can be run step by step with a cache, and the type of that cache.

A checked graph -> its live nodes and its `CachedState`, which mirrors the graph: the keys and
values of an attention, the state of a recurrent layer, a list with one entry for each copy of a
repeated node, and a tuple for a graph with several such nodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.check.checked_graph import CheckedGraph
from codegen.check.streaming_kind import Streaming
from codegen.check.tied_weights import tie_path
from codegen.planning.node_streaming import node_streaming
from nodes.core.graphs.graph import Composite, InputNode, OutputNode, PortRef
from nodes.core.graphs.port import Kind
from nodes.core.graphs.python_expression import Expr

CACHE = "Cache"
STATE = "State"

MAX_TUPLE_ITEMS = 3
"""A longer tuple is annotated as ``tuple[A | B, ...]``."""


@dataclass(frozen=True, slots=True)
class CachedState:
    """The state of one node or graph between two calls.

    Attributes:
        annotation: its type in the generated code.
        path: the subscripts that lead to the keys of the first attention; None without one.
    """

    annotation: str
    path: tuple[int, ...] | None


def live_nodes(checked: CheckedGraph, output_nodes: frozenset[str]) -> dict[str, frozenset[str]]:
    """Find the nodes that the output nodes depend on, in order, each with its used output ports."""
    if output_nodes not in checked.live:
        checked.live[output_nodes] = _live_nodes(checked, output_nodes)
    return checked.live[output_nodes]


def _live_nodes(checked: CheckedGraph, output_nodes: frozenset[str]) -> dict[str, frozenset[str]]:
    used: dict[str, set[str]] = {name: set() for name in output_nodes}
    for name in reversed(checked.order):
        if name in used:
            for ref in _dependencies(checked, name, frozenset(used[name])):
                used.setdefault(ref.node, set()).add(ref.port)
    return {name: frozenset(used[name]) for name in checked.order if name in used}


def _dependencies(checked: CheckedGraph, name: str, used: frozenset[str]) -> Iterable[PortRef]:
    """Find the ports that a node reads; a composite may not read all of its inputs."""
    sources = checked.sources[name]
    node, inner = checked.graph.nodes[name], checked.nodes[name].inner
    if inner is None or not isinstance(node, Composite):
        return sources.values()
    live = live_nodes(inner, inner_outputs(inner, node, used))
    return [ref for port, ref in sources.items() if port in live]


def inner_outputs(checked: CheckedGraph, node: Composite, used: frozenset[str]) -> frozenset[str]:
    """Return the output nodes of a composite's graph that are read; a repeat reads the first."""
    return used if node.repeat == 1 else used | {next(iter(checked.graph.output_nodes))}


def weight_owners(checked: CheckedGraph, live: Iterable[str]) -> dict[str, str]:
    """Map each live node that shares its weight to the one that owns it.

    The owner is the node at which the ties end; if that is not live, the first node tied to it.
    """
    nodes = checked.graph.nodes
    live = list(live)
    ends = {node: tie_path(nodes, node)[-1] for node in live if nodes[node].tied_to}
    owners = {end: end if end in live else node for node, end in reversed(ends.items())}
    return {node: owners[end] for node, end in ends.items()}


def is_streamable(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether running a graph step by step gives the outputs of the whole sequence."""
    for name, used in live_nodes(checked, output_nodes).items():
        node, checked_node = checked.graph.nodes[name], checked.nodes[name]
        if isinstance(node, InputNode | OutputNode):
            if any(
                spec.kind in (Kind.MASK, Kind.LENGTHS) for spec in checked_node.input_specs.values()
            ):
                return False
        elif isinstance(node, Composite) and checked_node.inner is not None:
            if not is_streamable(checked_node.inner, inner_outputs(checked_node.inner, node, used)):
                return False
        elif _streaming(checked, name, used) is Streaming.WHOLE:
            return False
    return True


def cached_state(checked: CheckedGraph, output_nodes: frozenset[str]) -> CachedState | None:
    """Return the cached state of a graph; None if it has none."""
    states = list(cached_states(checked, output_nodes).values())
    if len(states) <= 1:
        return states[0] if states else None
    paths = [(i, *state.path) for i, state in enumerate(states) if state.path is not None]
    annotations = [state.annotation for state in states]
    if len(states) > MAX_TUPLE_ITEMS:
        annotations = [" | ".join(dict.fromkeys(annotations)), "..."]
    return CachedState(f"tuple[{', '.join(annotations)}]", next(iter(paths), None))


def cached_states(checked: CheckedGraph, output_nodes: frozenset[str]) -> Mapping[str, CachedState]:
    """Return the cached state of each node of a graph that has one."""
    states = {
        name: _node_state(checked, name, used)
        for name, used in live_nodes(checked, output_nodes).items()
    }
    return {name: state for name, state in states.items() if state is not None}


def _node_state(checked: CheckedGraph, name: str, used: frozenset[str]) -> CachedState | None:
    node, inner = checked.graph.nodes[name], checked.nodes[name].inner
    if isinstance(node, Composite) and inner is not None:
        state = cached_state(inner, inner_outputs(inner, node, used))
        if state is None or node.repeat == 1:
            return state
        path = None if state.path is None else (0, *state.path)
        return CachedState(f"list[{state.annotation}]", path)
    if _streaming(checked, name, used) is not Streaming.STATEFUL:
        return None
    if node.caches_inputs:
        return CachedState(CACHE, (0,))
    return CachedState(STATE if len(node.state_ports) > 1 else "Tensor", None)


def _streaming(checked: CheckedGraph, name: str, used: frozenset[str]) -> Streaming:
    """Derive how a primitive of a graph streams."""
    return node_streaming(checked.nodes[name], frozenset(checked.sources[name]), used)


def has_positions(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether some node depends on the position of the first step."""
    for name, used in live_nodes(checked, output_nodes).items():
        node, inner = checked.graph.nodes[name], checked.nodes[name].inner
        if isinstance(node, Composite) and inner is not None:
            if needs_start(inner, inner_outputs(inner, node, used)):
                return True
        elif _streaming(checked, name, used) is Streaming.POSITION:
            return True
    return False


def needs_start(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether a class needs ``start`` as a parameter: it has no cached keys to count."""
    state = cached_state(checked, output_nodes)
    return has_positions(checked, output_nodes) and (state is None or state.path is None)


def cached_length(cache: Expr, path: tuple[int, ...]) -> Expr:
    """Write the number of steps in a cache, the length of the keys at ``path``."""
    for index in path:
        cache = cache[index]
    return cache.attr("shape")[2]
