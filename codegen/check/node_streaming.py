"""How one node streams, derived from the receptive fields of its outputs.

Each connected input is taken as an input of its own, whose steps are the dimensions of a size that
a run chooses. What an output step reads of them says what must be kept from earlier steps: nothing,
the position of the first step, or a cached state.
"""

from codegen.check.checked_graph import CheckedNode
from codegen.check.streaming_kind import Streaming
from codegen.check.time_analysis import field_context
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.shapes.dim import AnyDim
from nodes.core.shapes.pattern import SPREAD
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.reach import EACH
from nodes.core.time.receptive_field import Order, ReceptiveField
from nodes.core.time.term import STEPS, Source

BATCH = "B"
"""The free size of a batch; any other counts steps."""


def node_streaming(
    checked: CheckedNode, connected: frozenset[str], used: frozenset[str]
) -> Streaming:
    """Derive how a primitive streams, for its connected inputs and used outputs."""
    key = connected, used
    if key not in checked.streaming:
        checked.streaming[key] = _node_streaming(checked, connected, used)
    return checked.streaming[key]


def _node_streaming(
    checked: CheckedNode, connected: frozenset[str], used: frozenset[str]
) -> Streaming:
    inferred, node = checked.inferred, checked.node
    assert inferred is not None
    specs = {port: spec for port, spec in checked.input_specs.items() if port in connected}
    outputs = {port: inferred.outputs[port] for port in used}
    pairs = {port for port, spec in {**specs, **outputs}.items() if is_pairs(spec)}
    if pairs and not node.pair_ports and _is_elementwise(node):
        timed = {port for port, spec in {**specs, **outputs}.items() if time_dims(spec)}
        return Streaming.POINTWISE if timed == pairs else Streaming.WHOLE
    pairs &= {*node.pair_ports}
    specs = {port: spec for port, spec in specs.items() if port not in pairs}
    # Lengths and an initial state are those of the whole sequence, as is a square of its steps.
    if any(spec.kind in (Kind.LENGTHS, Kind.STATE) for spec in specs.values()):
        return Streaming.WHOLE
    every = [*specs.values(), *(spec for port, spec in outputs.items() if port not in pairs)]
    if len({size for spec in every for size in _lengths(spec)}) > 1 or any(map(_is_square, every)):
        return Streaming.WHOLE
    if used and used <= pairs:
        return Streaming.POSITION
    sources = {port: own_steps(port, spec) for port, spec in specs.items()}
    fields = node.receptive_fields(field_context("", checked, sources, None))
    kinds = {_output_streaming(node, fields[port], inferred.outputs[port]) for port in used}
    by_rank = [kind for kind in reversed(Streaming) if kind in kinds]
    return by_rank[0] if by_rank else Streaming.POINTWISE


def _lengths(spec: TensorSpec) -> list[AnyDim]:
    return [spec.shape[position] for position in time_dims(spec)]


def _is_square(spec: TensorSpec) -> bool:
    return len(time_dims(spec)) > 1


def is_pairs(spec: TensorSpec) -> bool:
    """Return whether a tensor has a value for each pair of a query and a key of one sequence."""
    rank = len(spec.shape)
    return time_dims(spec) == [rank - 2, rank - 1] and spec.shape[-2] == spec.shape[-1]


def _is_elementwise(node: Node) -> bool:
    """Return whether each output element reads the input elements of its own indices alone."""
    whole = type(node).receptive_fields is Node.receptive_fields
    return whole and node.each == (SPREAD,) and not node.mixes


def _output_streaming(node: Node, field: ReceptiveField, spec: TensorSpec) -> Streaming:
    """Derive how a node streams for one of its outputs."""
    dims = time_dims(spec)
    if not dims:
        return Streaming.WHOLE if field.sources else Streaming.POINTWISE
    axes = field.dims[dims[0]]
    if field.sources and len(axes) != 1:
        return Streaming.WHOLE
    result = Streaming.POINTWISE if field.order is Order.NONE else Streaming.POSITION
    for source in field.sources:
        reach = field.reach(source, axes[0])
        if reach == EACH or reach is None:
            continue
        kept = not node.caches_inputs or source.input in node.state_ports
        if reach.hi > 0 or not (node.state_ports or node.carries_state) or not kept:
            return Streaming.WHOLE
        result = Streaming.STATEFUL
    return result


def own_steps(port: str, spec: TensorSpec) -> ReceptiveField:
    """Return the field of an input of its own at a port."""
    builder = FieldBuilder()
    dims: list[list[int]] = [[] for _ in spec.shape]
    for position in time_dims(spec):
        size = spec.shape[position]
        sequence = _sequence(size)
        builder.axes[0] = Axis(size, Clock(sequence))
        builder.add_source(Source(port, STEPS, sequence), 0)
        dims[position] = [0]
    return builder.build(dims)


def time_dims(spec: TensorSpec) -> list[int]:
    """List the dimensions whose size is the number of steps of a sequence."""
    return [position for position, size in enumerate(spec.shape) if _sequence(size)]


def _sequence(size: AnyDim) -> str:
    """Return the free size, other than that of the batch, that a size depends on; "" if none."""
    frees = () if isinstance(size, int) else sorted(size.frees - {BATCH})
    return frees[0] if frees else ""
