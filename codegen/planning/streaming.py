"""The type of the cache with which a checked graph runs step by step.

A `GraphUse` -> its `CachedState`, which mirrors the graph: the keys and values of an attention,
the state of a recurrent layer, a list with one entry for each copy of a repeated node, and a tuple
for a graph with several such nodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.check.checked_graph import CheckedGraph
from codegen.check.graph_use import GraphUse, read_states
from codegen.check.node_streaming import time_dims
from codegen.check.streamable_graph import streaming_of
from codegen.check.streaming_kind import Streaming
from codegen.check.tied_weights import tie_path
from codegen.planning.shared_values import node_values, shared_values
from nodes.core.graphs.graph import MAIN, Composite, InputNode
from nodes.core.graphs.python_expression import Expr

CACHE = "Cache"
MASKED_CACHE = "MaskedCache"
MEMORY_CACHE = "MemoryCache"
STATE = "State"

MEMORY_PORTS = ("key", "value")
"""The inputs of an attention that it computes once where they come from a memory."""

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


def cached_state(use: GraphUse) -> CachedState | None:
    """Return the cached state of a graph; None if it has none."""
    states = list(cached_states(use).values())
    if len(states) <= 1:
        return states[0] if states else None
    paths = [(i, *state.path) for i, state in enumerate(states) if state.path is not None]
    annotations = [state.annotation for state in states]
    if len(states) > MAX_TUPLE_ITEMS:
        annotations = [" | ".join(dict.fromkeys(annotations)), "..."]
    annotation = f"tuple[{', '.join(annotations)}]"
    short = annotation if len(annotation) <= MAX_ANNOTATION else "tuple"
    return CachedState(short, next(iter(paths), None))


def cached_states(use: GraphUse) -> Mapping[str, CachedState]:
    """Return the cached state of each node of a graph that has one."""
    states = {name: _node_state(use, name) for name in use.live}
    return {name: state for name, state in states.items() if state is not None}


def _node_state(use: GraphUse, name: str) -> CachedState | None:
    node, inner = use.checked.graph.nodes[name], use.inner(name)
    if isinstance(node, Composite) and inner is not None and not inner.checked.graph.step_inputs:
        state = cached_state(inner)
        if state is None or node.repeat == 1:
            return state
        path = None if state.path is None else (0, *state.path)
        return CachedState(f"list[{state.annotation}]", path)
    if streaming_of(use, name) is not Streaming.STATEFUL:
        return CachedState(MEMORY_CACHE, None) if reads_memory(use, name) else None
    if inner is not None:
        count = len(read_states(inner.checked, use.live[name]))
        several = f"tuple[{', '.join(['Tensor'] * count)}]" if count <= MAX_TUPLE_ITEMS else "tuple"
        return CachedState("Tensor" if count == 1 else several, None)
    if node.caches_inputs:
        kept = [port for port in node.state_ports if port in use.checked.sources[name]]
        return CachedState(CACHE if len(kept) == 2 else MASKED_CACHE, (0,))
    return CachedState(STATE if len(node.state_ports) > 1 else "Tensor", None)


def reads_memory(use: GraphUse, name: str) -> bool:
    """Check whether a node attends to keys that its class computes, the same in every call."""
    node, checked, graph = use.checked.graph.nodes[name], use.checked.nodes[name], use.checked.graph
    if not (use.sequence and node.caches_inputs and streaming_of(use, name) is Streaming.POINTWISE):
        return False
    sources = [use.checked.sources[name][port].node for port in MEMORY_PORTS]
    if use.checked.name == MAIN or any(isinstance(graph.nodes[one], InputNode) for one in sources):
        return False
    specs = checked.input_specs
    grows = any(time_dims(spec, use.sequence) for spec in specs.values())
    return grows and all(time_dims(specs[port]) for port in MEMORY_PORTS)


def has_positions(use: GraphUse) -> bool:
    """Check whether some node depends on the position of the first step."""
    own = needs_start(use)
    return own or any(one.continues for one in shared_values(use))


def needs_start(use: GraphUse) -> bool:
    """Check whether a node reads the position of the first step itself, in no shared value."""
    for name in use.live:
        inner = use.inner(name)
        if inner is not None:
            if not inner.checked.graph.step_inputs and takes_start(inner):
                return True
        elif not node_values(use, name) and streaming_of(use, name) is Streaming.POSITION:
            return True
    return False


def takes_start(use: GraphUse) -> bool:
    """Check whether a class needs ``start`` as a parameter: it has no cached keys to count."""
    state = cached_state(use)
    return needs_start(use) and (state is None or state.path is None)


def cached_length(cache: Expr, path: tuple[int, ...]) -> Expr:
    """Write the number of steps in a cache, the length of the keys at ``path``."""
    for index in path:
        cache = cache[index]
    return cache.attr("shape")[2]
