"""Whether running a graph step by step gives the outputs of the whole sequence.

`GraphUse` -> its live primitives, each with how it streams -> the first of them that needs the
whole sequence, if one does.
"""

from collections.abc import Iterator, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.check.encoder_part import encoder_part
from codegen.check.graph_use import GraphUse, read_states
from codegen.check.node_streaming import BATCH, is_pairs, node_streaming, time_dims
from codegen.check.problem import Problem, Severity
from codegen.check.streaming_kind import Streaming
from nodes.core.graphs.graph import Block, InputNode, Model, OutputNode
from nodes.core.graphs.location import Location
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind, TensorSpec


def streaming_of(use: GraphUse, name: str) -> Streaming:
    """Derive how a primitive of a graph, or a loop over steps, streams."""
    node, used = use.checked.nodes[name], use.live[name]
    if node.inner is not None and node.inner.graph.step_inputs:
        return _loop_streaming(node.inner, node.input_specs, used, use.sequence)
    return node_streaming(node, frozenset(use.checked.sources[name]), used, use.sequence)


def primitives(use: GraphUse) -> Iterator[tuple[Location, Node, Streaming]]:
    """Yield the live nodes with how each streams; those in a composite under its location."""
    for name in use.live:
        node, inner = use.checked.graph.nodes[name], use.inner(name)
        here = Location(use.checked.name, name)
        if isinstance(node, InputNode | OutputNode):
            specs = use.checked.nodes[name].input_specs.values()
            whole = any(spec.kind is Kind.LENGTHS for spec in specs)
            yield here, node, Streaming.WHOLE if whole else Streaming.POINTWISE
        elif inner is not None and not inner.checked.graph.step_inputs:
            for where, part, how in primitives(inner):
                yield where if isinstance(node, Block) else here, part, how
        else:
            yield here, node, streaming_of(use, name)


def _loop_streaming(
    body: CheckedGraph, specs: Mapping[str, TensorSpec], used: frozenset[str], sequence: str
) -> Streaming:
    """Derive how a loop over steps streams: from its own states, or from one that is given first.

    The steps of a loop may be no time, as in a loop that the body of another one contains: it then
    begins anew in each call.
    """
    states, steps = body.graph.states, body.graph.step_inputs
    timed = {port: dims for port, spec in specs.items() if (dims := time_dims(spec, sequence))}
    if not timed:
        return Streaming.POINTWISE
    given = not sequence and not specs.keys().isdisjoint(states.values())
    if given or timed != {port: [1] for port in steps} or not used.isdisjoint(states):
        return Streaming.WHOLE
    return Streaming.STATEFUL if read_states(body, used) else Streaming.POINTWISE


def growing_sequence(main: CheckedGraph) -> str:
    """Return the free size of the steps of the outputs of a model; "" if they differ."""
    found = growing_sequences(main)
    return found.pop() if len(found) == 1 else ""


def growing_sequences(main: CheckedGraph) -> set[str]:
    """Return the free sizes of the steps of the outputs of a model."""
    firsts = ((spec, time_dims(spec)[:1]) for spec in main.results.values())
    sizes = [spec.shape[dims[0]] for spec, dims in firsts if dims]
    return {free for size in sizes if not isinstance(size, int) for free in size.frees - {BATCH}}


def is_streamable(use: GraphUse) -> bool:
    """Check whether running a graph step by step gives the outputs of the whole sequence."""
    if any(is_pairs(use.checked.results[name], use.sequence) for name in use.output_nodes):
        return False
    return all(how is not Streaming.WHOLE for _, _, how in primitives(use))


def generates(model: Model, use: GraphUse) -> bool:
    """Check whether a model continues a sequence: by its recipe, or as a decoder of an encoder.

    A decoder reads earlier steps, which a cache can keep.
    """
    if model.recipe is not None:
        return model.recipe.generates
    kinds = (how for _, _, how in primitives(use))
    return bool(encoder_part(use)) and Streaming.STATEFUL in kinds


def cache_hint(model: Model, main: CheckedGraph) -> Problem | None:
    """Name the node that keeps a model that generates from having a cache; None if none does."""
    use = GraphUse(main, frozenset(main.results), growing_sequence(main))
    if not generates(model, use):
        return None
    found = [*primitives(use)]
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
