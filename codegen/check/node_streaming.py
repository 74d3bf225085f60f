"""How one node streams, derived from the receptive fields of its outputs.

Each connected input is taken as an input of its own, whose steps are the dimensions of the size
that grows from call to call. What an output step reads of them says what must be kept from earlier
steps: nothing, the position of the first step, or a cached state. An input without such steps is
the same in every call, as the memory that a decoder attends to.
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
    checked: CheckedNode, connected: frozenset[str], used: frozenset[str], sequence: str
) -> Streaming:
    """Derive how a primitive streams.

    Args:
        checked: the primitive.
        connected: its connected inputs.
        used: its outputs that are read.
        sequence: the free size that grows; "" if every free size does.
    """
    key = connected, used, sequence
    if key not in checked.streaming:
        checked.streaming[key] = _node_streaming(checked, connected, used, sequence)
    return checked.streaming[key]


def _node_streaming(
    checked: CheckedNode, connected: frozenset[str], used: frozenset[str], sequence: str
) -> Streaming:
    inferred, node = checked.inferred, checked.node
    assert inferred is not None
    specs = {port: spec for port, spec in checked.input_specs.items() if port in connected}
    outputs = {port: inferred.outputs[port] for port in used}
    timed = {port for port, spec in (specs | outputs).items() if time_dims(spec, sequence)}
    if sequence and not timed:
        return Streaming.POINTWISE
    pairs = {port for port, spec in (specs | outputs).items() if is_pairs(spec, sequence)}
    if pairs and not node.pair_ports and _is_elementwise(node):
        return Streaming.POINTWISE if timed == pairs else Streaming.WHOLE
    pairs &= {*node.pair_ports}
    specs = {port: spec for port, spec in specs.items() if port not in pairs}
    # Lengths are those of the whole sequence, as is a square of its steps.
    whole = (Kind.LENGTHS,) if sequence else (Kind.LENGTHS, Kind.STATE)
    if any(spec.kind in whole for spec in specs.values()):
        return Streaming.WHOLE
    every = [*specs.values(), *(spec for port, spec in outputs.items() if port not in pairs)]
    sizes = {spec.shape[at] for spec in every for at in time_dims(spec, sequence)}
    if len(sizes) > 1 or any(len(time_dims(spec, sequence)) > 1 for spec in every):
        return Streaming.WHOLE
    if used and used <= pairs:
        return Streaming.POSITION
    sources = {port: own_steps(port, spec, sequence) for port, spec in specs.items()}
    fields = node.receptive_fields(field_context("", checked, sources, None))
    kinds = {
        _output_streaming(node, fields[port], spec, sequence) for port, spec in outputs.items()
    }
    by_rank = [kind for kind in reversed(Streaming) if kind in kinds]
    return by_rank[0] if by_rank else Streaming.POINTWISE


def is_pairs(spec: TensorSpec, sequence: str) -> bool:
    """Return whether a tensor has a value for each pair of a query and a key of one sequence."""
    rank = len(spec.shape)
    square = time_dims(spec, sequence) == [rank - 2, rank - 1]
    return square and spec.shape[-2] == spec.shape[-1]


def _is_elementwise(node: Node) -> bool:
    """Return whether each output element reads the input elements of its own indices alone."""
    whole = type(node).receptive_fields is Node.receptive_fields
    return whole and node.each == (SPREAD,) and not node.mixes


def _output_streaming(
    node: Node, field: ReceptiveField, spec: TensorSpec, sequence: str
) -> Streaming:
    """Derive how a node streams for one of its outputs."""
    dims = time_dims(spec, sequence)
    if not dims:
        return Streaming.WHOLE if field.sources else Streaming.POINTWISE
    axes = field.dims[dims[0]]
    if field.sources and len(axes) != 1:
        return Streaming.WHOLE
    result = Streaming.POINTWISE if field.order is Order.NONE else Streaming.POSITION
    if result is Streaming.POSITION and len(time_dims(spec)) > len(dims):
        return Streaming.WHOLE  # distances to the steps of another sequence
    for source in field.sources:
        reach = field.reach(source, axes[0])
        if reach == EACH or reach is None:
            continue
        kept = not node.caches_inputs or source.input in node.state_ports
        if reach.hi > 0 or not (node.state_ports or node.carries_state) or not kept:
            return Streaming.WHOLE
        result = Streaming.STATEFUL
    return result


def own_steps(port: str, spec: TensorSpec, sequence: str = "") -> ReceptiveField:
    """Return the field of an input of its own at a port."""
    builder = FieldBuilder()
    dims: list[list[int]] = [[] for _ in spec.shape]
    for position in time_dims(spec, sequence):
        size = spec.shape[position]
        found = sequence or next(iter(_sequences(size)))
        builder.axes[0] = Axis(size, Clock(found))
        builder.add_source(Source(port, STEPS, found), 0)
        dims[position] = [0]
    return builder.build(dims)


def time_dims(spec: TensorSpec, sequence: str = "") -> list[int]:
    """List the dimensions whose size is the number of steps of a sequence.

    Args:
        spec: the shape and the kind of a tensor.
        sequence: the free size of the sequence; any but that of the batch if it is "".
    """
    found = ((position, _sequences(size)) for position, size in enumerate(spec.shape))
    return [position for position, frees in found if (sequence in frees if sequence else frees)]


def _sequences(size: AnyDim) -> list[str]:
    """List the free sizes, other than that of the batch, that a size depends on."""
    return [] if isinstance(size, int) else sorted(size.frees - {BATCH})
