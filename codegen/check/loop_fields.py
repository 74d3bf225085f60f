"""The receptive fields of a block that is the body of a loop over steps.

The body is analysed for all steps at once: its batch dimension has two axes, the rows and the
steps. A state is what the body made of all earlier steps, so the analysis of the body is repeated
until the fields of the states no longer change.
"""

from collections.abc import Callable, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.check.field_cache import FieldGraph
from nodes.core.graphs.graph import Graph
from nodes.core.graphs.port import TensorSpec
from nodes.core.shapes.dim import AnyDim
from nodes.core.time.axis import Axis
from nodes.core.time.field_builder import FieldBuilder, Support
from nodes.core.time.field_context import Fields
from nodes.core.time.reach import INF
from nodes.core.time.receptive_field import Order, ReceptiveField
from nodes.core.time.term import ANYTHING

MOST_PASSES = 6
"""After as many passes a state that still changes may depend on anything."""

Analysis = Callable[[CheckedGraph, Fields], FieldGraph]


def loop_fields(
    inner: CheckedGraph, specs: Mapping[str, TensorSpec], sources: Fields, analyse: Analysis
) -> FieldGraph:
    """Compute the fields in the body of a loop.

    Args:
        inner: the body.
        specs: the specs at the ports of the block.
        sources: the fields at these ports.
        analyse: computes the fields of a graph from those at its input nodes.
    """
    body = inner.graph
    sizes = specs[body.step_inputs[0]].shape[:2]
    incoming = {
        port: _at_each_step(field, specs[port], sizes, is_step=port in body.step_inputs)
        for port, field in sources.items()
        if port in body.nodes
    }
    starts = {name: incoming.get(name, _zeros(sizes)) for name in body.states.values()}
    incoming = {**incoming, **starts}
    for _ in range(MOST_PASSES):
        fields = analyse(inner, incoming)
        states = _carried(body, starts, fields, sizes)
        if all(incoming[name] is field for name, field in states.items()):
            return fields
        incoming = {**incoming, **states}
    return analyse(inner, {name: _anything(field) for name, field in incoming.items()})


def sequence_fields(body: Graph, results: Fields) -> Fields:
    """Return the fields at the ports: those of all steps, and those of the last states."""
    return {
        name: _last(field) if body.output_nodes[name].is_state else _all_steps(field)
        for name, field in results.items()
    }


def _at_each_step(
    field: ReceptiveField, spec: TensorSpec, sizes: tuple[AnyDim, ...], is_step: bool
) -> ReceptiveField:
    """Make the steps a second axis of the batch; what has no batch is left as it is."""
    if not is_step and spec.shape[:1] != sizes[:1]:
        return field
    builder, dims = FieldBuilder.of(field), [list(axes) for axes in field.dims]
    own = len(field.axes)
    pair = []
    for position, size in enumerate(sizes):
        axes = dims[position] if position == 0 or is_step else []
        if len(axes) == 1:
            pair.append(axes[0])
            continue
        pair.append(own + position)
        if axes:
            builder.merge(axes, pair[-1])
        else:
            builder.axes[pair[-1]] = Axis(size)
    return builder.build([pair, *dims[2 if is_step else 1 :]])


def _zeros(sizes: tuple[AnyDim, ...]) -> ReceptiveField:
    builder = FieldBuilder()
    builder.axes = {number: Axis(size) for number, size in enumerate(sizes)}
    return builder.build([[0, 1], []])


def _carried(
    body: Graph, starts: Fields, fields: FieldGraph, sizes: tuple[AnyDim, ...]
) -> dict[str, ReceptiveField]:
    """Return the fields of the states: of the start, or what any earlier step made of them."""
    found: dict[str, ReceptiveField] = {}
    for output, name in body.states.items():
        start, result = starts[name], fields.results.get(output)
        if result is None or len(result.dims[0]) != 2:
            found[name] = start if result is None or not result.terms else _anything(result)
            continue
        base = len(start.axes)
        builder = FieldBuilder.of(result, base)
        row, step = (base + axis for axis in result.dims[0])
        clock = builder.axes[step]
        builder.move(step, {1: 1}, -INF, -1)
        builder.axes[1] = clock
        builder.rename(row, 0)
        for axes in result.dims[1:]:
            for axis in axes:
                builder.gather(base + axis)
        joined = FieldBuilder.of(start)
        joined.join(builder, Support.NONE)
        joined.order = Order.USED
        found[name] = joined.build([[0, 1], *([] for _ in result.dims[1:])])
    return found


def _anything(field: ReceptiveField) -> ReceptiveField:
    builder = FieldBuilder.of(field)
    builder.terms = {source: [ANYTHING] for source in builder.terms}
    return builder.build(field.dims)


def _all_steps(field: ReceptiveField) -> ReceptiveField:
    """Make the steps the second dimension."""
    batch = field.dims[0]
    pair = [[axis] for axis in batch] if len(batch) == 2 else [[*batch], []]
    return FieldBuilder.of(field).build([*pair, *field.dims[1:]])


def _last(field: ReceptiveField) -> ReceptiveField:
    """Gather the steps: a state after the last step depends on all of them, padding included."""
    batch = field.dims[0]
    builder = FieldBuilder.of(field)
    for axis in batch[1:]:
        builder.look_ahead(axis, INF)
    builder.order = Order.USED
    return builder.build([batch[:1], *field.dims[1:]])
