"""The type of the cache with which a checked graph runs step by step.

A checked graph -> its `CachedState`, which mirrors the graph: the keys and values of an attention,
the state of a recurrent layer, a list with one entry for each copy of a repeated node, and a tuple
for a graph with several such nodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.check.checked_graph import CheckedGraph
from codegen.check.streamable_graph import (
    inner_outputs,
    live_nodes,
    read_states,
    streaming_of,
)
from codegen.check.streaming_kind import Streaming
from codegen.check.tied_weights import tie_path
from codegen.planning.shared_values import node_values, shared_values
from nodes.core.graphs.graph import Composite
from nodes.core.graphs.python_expression import Expr

CACHE = "Cache"
MASKED_CACHE = "MaskedCache"
STATE = "State"

MAX_TUPLE_ITEMS = 3
"""A longer tuple is annotated as ``tuple[A | B, ...]``."""


MAX_ANNOTATION = 48
"""A longer tuple is annotated as ``tuple``, so that a parameter fits on a line."""


@dataclass(frozen=True, slots=True)
class CachedState:
    """The state of one node or graph between two calls.

    Attributes:
        annotation: its type in the generated code.
        path: the subscripts that lead to the keys of the first attention; None without one.
    """

    annotation: str
    path: tuple[int, ...] | None


def weight_owners(checked: CheckedGraph, live: Iterable[str]) -> dict[str, str]:
    """Map each live node that shares its weight to the one that owns it.

    The owner is the node at which the ties end; if that is not live, the first node tied to it.
    """
    nodes = checked.graph.nodes
    live = list(live)
    ends = {node: tie_path(nodes, node)[-1] for node in live if nodes[node].tied_to}
    owners = {end: end if end in live else node for node, end in reversed(ends.items())}
    return {node: owners[end] for node, end in ends.items()}


def cached_state(checked: CheckedGraph, output_nodes: frozenset[str]) -> CachedState | None:
    """Return the cached state of a graph; None if it has none."""
    states = list(cached_states(checked, output_nodes).values())
    if len(states) <= 1:
        return states[0] if states else None
    paths = [(i, *state.path) for i, state in enumerate(states) if state.path is not None]
    annotations = [state.annotation for state in states]
    if len(states) > MAX_TUPLE_ITEMS:
        annotations = [" | ".join(dict.fromkeys(annotations)), "..."]
    annotation = f"tuple[{', '.join(annotations)}]"
    short = annotation if len(annotation) <= MAX_ANNOTATION else "tuple"
    return CachedState(short, next(iter(paths), None))


def cached_states(checked: CheckedGraph, output_nodes: frozenset[str]) -> Mapping[str, CachedState]:
    """Return the cached state of each node of a graph that has one."""
    states = {
        name: _node_state(checked, name, used)
        for name, used in live_nodes(checked, output_nodes).items()
    }
    return {name: state for name, state in states.items() if state is not None}


def _node_state(checked: CheckedGraph, name: str, used: frozenset[str]) -> CachedState | None:
    node, inner = checked.graph.nodes[name], checked.nodes[name].inner
    is_loop = inner is not None and inner.graph.step_inputs
    if isinstance(node, Composite) and inner is not None and not is_loop:
        state = cached_state(inner, inner_outputs(inner, node, used))
        if state is None or node.repeat == 1:
            return state
        path = None if state.path is None else (0, *state.path)
        return CachedState(f"list[{state.annotation}]", path)
    if streaming_of(checked, name, used) is not Streaming.STATEFUL:
        return None
    if inner is not None:
        count = len(read_states(inner, used))
        several = f"tuple[{', '.join(['Tensor'] * count)}]" if count <= MAX_TUPLE_ITEMS else "tuple"
        return CachedState("Tensor" if count == 1 else several, None)
    if node.caches_inputs:
        kept = [port for port in node.state_ports if port in checked.sources[name]]
        return CachedState(CACHE if len(kept) == 2 else MASKED_CACHE, (0,))
    return CachedState(STATE if len(node.state_ports) > 1 else "Tensor", None)


def has_positions(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether some node depends on the position of the first step."""
    own = needs_start(checked, output_nodes)
    return own or any(one.continues for one in shared_values(checked, output_nodes))


def needs_start(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether a node reads the position of the first step itself, in no shared value."""
    for name, used in live_nodes(checked, output_nodes).items():
        node, inner = checked.graph.nodes[name], checked.nodes[name].inner
        if inner is not None and inner.graph.step_inputs:
            continue
        if isinstance(node, Composite) and inner is not None:
            if takes_start(inner, inner_outputs(inner, node, used)):
                return True
        elif (
            not node_values(checked, name, used)
            and streaming_of(checked, name, used) is Streaming.POSITION
        ):
            return True
    return False


def takes_start(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether a class needs ``start`` as a parameter: it has no cached keys to count."""
    state = cached_state(checked, output_nodes)
    return needs_start(checked, output_nodes) and (state is None or state.path is None)


def cached_length(cache: Expr, path: tuple[int, ...]) -> Expr:
    """Write the number of steps in a cache, the length of the keys at ``path``."""
    for index in path:
        cache = cache[index]
    return cache.attr("shape")[2]
