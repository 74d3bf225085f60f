"""Whether running a checked graph step by step gives the outputs of the whole sequence.

A checked graph -> its live nodes -> the first of them that needs the whole sequence, if one does.
"""

from collections.abc import Iterable, Iterator, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.check.node_streaming import is_pairs, node_streaming, time_dims
from codegen.check.problem import Problem, Severity
from codegen.check.streaming_kind import Streaming
from nodes.core.graphs.graph import (
    Block,
    Composite,
    Graph,
    InputNode,
    Model,
    OutputNode,
    PortRef,
)
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind, TensorSpec


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
    sources = read_sources(checked, name)
    node, inner = checked.graph.nodes[name], checked.nodes[name].inner
    if inner is None or not isinstance(node, Composite):
        return sources.values()
    live = live_nodes(inner, inner_outputs(inner, node, used))
    of_loop = loop_ports(inner.graph, checked.nodes[name].input_specs)
    return [ref for port, ref in sources.items() if port in live or port in of_loop]


def read_states(body: CheckedGraph, used: frozenset[str]) -> tuple[str, ...]:
    """Return the state outputs of a loop that the outputs which are read depend on, at any step."""
    states, read = body.graph.states, used
    while True:
        live = live_nodes(body, read)
        more = read.union(name for name, state in states.items() if state in live)
        if more == read:
            return tuple(name for name in states if name in read)
        read = more


def loop_ports(body: Graph, specs: Mapping[str, TensorSpec]) -> tuple[str, ...]:
    """Return the inputs that a loop over steps itself reads, whatever its body reads.

    These are the sequences, and features that the zeros of a state have the data type of.
    """
    steps = body.step_inputs
    starts = any(state not in specs for state in body.states.values())
    like = (port for port in (*steps, *specs) if specs[port].kind is Kind.FEATURES)
    return (*steps, *([next(like, steps[0])] if steps and starts else []))


def read_sources(checked: CheckedGraph, name: str) -> Mapping[str, PortRef]:
    """Return the sources that the code of a node reads: an output node has one value."""
    sources = checked.sources[name]
    is_output = isinstance(checked.graph.nodes[name], OutputNode)
    return {"input": sources["input"]} if is_output and len(sources) > 1 else sources


def inner_outputs(checked: CheckedGraph, node: Composite, used: frozenset[str]) -> frozenset[str]:
    """Return the output nodes of a composite's graph that are read.

    A repeat reads the first; a loop over steps reads the states that these depend on, and no other
    output of their values.
    """
    if checked.graph.step_inputs:
        states = read_states(checked, used)
        values = {checked.sources[name]["input"] for name in states}
        others = {name for name in used if checked.sources[name]["input"] not in values}
        return frozenset(others.union(states))
    return used if node.repeat == 1 else used | {next(iter(checked.graph.output_nodes))}


def streaming_of(checked: CheckedGraph, name: str, used: frozenset[str]) -> Streaming:
    """Derive how a primitive of a graph, or a loop over steps, streams."""
    node = checked.nodes[name]
    if node.inner is not None and node.inner.graph.step_inputs:
        return _loop_streaming(node.inner, node.input_specs, used)
    return node_streaming(node, frozenset(checked.sources[name]), used)


def primitives(
    checked: CheckedGraph, output_nodes: frozenset[str]
) -> Iterator[tuple[Location, Node, Streaming]]:
    """Yield the live nodes with how each streams; those in a composite under its location."""
    for name, used in live_nodes(checked, output_nodes).items():
        node, checked_node = checked.graph.nodes[name], checked.nodes[name]
        here = Location(checked.name, name)
        if isinstance(node, InputNode | OutputNode):
            whole = any(s.kind is Kind.LENGTHS for s in checked_node.input_specs.values())
            yield here, node, Streaming.WHOLE if whole else Streaming.POINTWISE
        elif (
            isinstance(node, Composite)
            and (inner := checked_node.inner) is not None
            and not inner.graph.step_inputs
        ):
            for where, part, how in primitives(inner, inner_outputs(inner, node, used)):
                yield where if isinstance(node, Block) else here, part, how
        else:
            yield here, node, streaming_of(checked, name, used)


def _loop_streaming(
    body: CheckedGraph, specs: Mapping[str, TensorSpec], used: frozenset[str]
) -> Streaming:
    """Derive how a loop over steps streams: from its own states, not from a given one.

    The steps of a loop may be no time, as in a loop that the body of another one contains: it then
    begins anew in each call.
    """
    states, steps = body.graph.states, body.graph.step_inputs
    timed = {port: dims for port, spec in specs.items() if (dims := time_dims(spec))}
    if not timed:
        return Streaming.POINTWISE
    given = not specs.keys().isdisjoint(states.values())
    if given or timed != {port: [1] for port in steps} or not used.isdisjoint(states):
        return Streaming.WHOLE
    return Streaming.STATEFUL if read_states(body, used) else Streaming.POINTWISE


def is_streamable(checked: CheckedGraph, output_nodes: frozenset[str]) -> bool:
    """Check whether running a graph step by step gives the outputs of the whole sequence."""
    if any(is_pairs(checked.results[name]) for name in output_nodes):
        return False
    return all(how is not Streaming.WHOLE for _, _, how in primitives(checked, output_nodes))


def cache_hint(model: Model, main: CheckedGraph) -> Problem | None:
    """Name the node that keeps a model that generates from having a cache; None if none does."""
    if model.recipe is None or not model.recipe.generates:
        return None
    found = [*primitives(main, frozenset(main.results))]
    whole = next((where for where, _, how in found if how is Streaming.WHOLE), None)
    if whole is not None:
        return _hint(whole, "steps that a cache of earlier ones suffices for", "all of them")
    counts = any(how is Streaming.STATEFUL and node.caches_inputs for _, node, how in found)
    steps = next((where for where, _, how in found if how is Streaming.POSITION), None)
    if steps is not None and not counts:
        return _hint(steps, "an attention, whose cache counts the steps", "a position without one")
    return None


def _hint(where: Location, expected: str, got: str) -> Problem:
    message = f"expected {expected}, got {got}, so generation computes all steps for each new one"
    return Problem(Severity.HINT, where, message)
