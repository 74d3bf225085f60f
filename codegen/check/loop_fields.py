"""The receptive fields of a block that is the body of a loop over steps.

The body is analysed for all steps at once: its batch dimension has the axes of the rows, several
in a loop within a loop, and one of the steps. A state is what the body made of all earlier steps,
so the analysis of the body is repeated until the fields of the states no longer change.
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
    batch, steps = specs[body.step_inputs[0]].shape[:2]
    rows = _rows(body, sources) or (batch,)
    incoming = {
        port: _at_each_step(field, (*rows, steps), is_step=port in body.step_inputs)
        if port in body.step_inputs or specs[port].shape[:1] == (batch,)
        else field  # it has no batch
        for port, field in sources.items()
        if port in body.nodes
    }
    starts = {name: incoming.get(name, _zeros((*rows, steps))) for name in body.states.values()}
    incoming = {**incoming, **starts}
    for _ in range(MOST_PASSES):
        fields = analyse(inner, incoming)
        states = _carried(body, starts, fields, len(rows))
        if all(incoming[name] is field for name, field in states.items()):
            return fields
        incoming = {**incoming, **states}
    return analyse(inner, {name: _anything(field) for name, field in incoming.items()})


def sequence_fields(body: Graph, sources: Fields, results: Fields) -> Fields:
    """Return the fields at the ports: those of all steps, and those of the last states."""
    rows = len(_rows(body, sources)) or 1
    return {
        name: _last(field, rows) if body.output_nodes[name].is_state else _all_steps(field, rows)
        for name, field in results.items()
    }


def _rows(body: Graph, sources: Fields) -> tuple[AnyDim, ...]:
    """Return the sizes of the axes of the batch at a loop, none where no source has any."""
    fields = [sources[name] for name in body.step_inputs if name in sources]
    sizes = (tuple(field.axes[axis].size for axis in field.dims[0]) for field in fields)
    return max(sizes, key=len, default=())


def _at_each_step(
    field: ReceptiveField, sizes: tuple[AnyDim, ...], *, is_step: bool
) -> ReceptiveField:
    """Make the steps the last axis of the batch."""
    builder, own = FieldBuilder.of(field), len(field.axes)
    new = [*range(own, own + len(sizes))]
    rows, steps = list(field.dims[0]) or new[:-1], list(field.dims[1]) if is_step else []
    if len(steps) > 1:
        builder.merge(steps, new[-1])
    if len(steps) != 1:
        steps = new[-1:]
    for axis, size in zip(new, sizes, strict=True):
        if axis in (*rows, *steps):
            builder.axes.setdefault(axis, Axis(size))
    return builder.build([[*rows, *steps], *field.dims[2 if is_step else 1 :]])


def _zeros(sizes: tuple[AnyDim, ...]) -> ReceptiveField:
    builder = FieldBuilder()
    builder.axes = {number: Axis(size) for number, size in enumerate(sizes)}
    return builder.build([[*builder.axes], []])


def _carried(
    body: Graph, starts: Fields, fields: FieldGraph, rows: int
) -> dict[str, ReceptiveField]:
    """Return the fields of the states: of the start, or what any earlier step made of them."""
    found: dict[str, ReceptiveField] = {}
    for output, name in body.states.items():
        start, result = starts[name], fields.results.get(output)
        if result is None or not result.terms:
            found[name] = start
            continue
        if len(result.dims[0]) != rows + 1 or len(start.dims[0]) not in (0, rows + 1):
            found[name] = _anything(result)
            continue
        base = len(start.axes)
        builder = FieldBuilder.of(result, base)
        *batch, step = (base + axis for axis in result.dims[0])
        clock = builder.axes[step]
        builder.move(step, {rows: 1}, -INF, -1)
        builder.axes[rows] = clock
        for number, row in enumerate(batch):
            builder.rename(row, number)
        for axes in result.dims[1:]:
            for axis in axes:
                builder.gather(base + axis)
        joined = FieldBuilder.of(start)
        joined.join(builder, Support.NONE)
        joined.order = Order.USED
        found[name] = joined.build([[*range(rows + 1)], *([] for _ in result.dims[1:])])
    return found


def _anything(field: ReceptiveField) -> ReceptiveField:
    builder = FieldBuilder.of(field)
    builder.terms = {source: [ANYTHING] for source in builder.terms}
    return builder.build(field.dims)


def _all_steps(field: ReceptiveField, rows: int) -> ReceptiveField:
    """Make the steps the second dimension."""
    batch = field.dims[0]
    pair = [batch[:rows], batch[rows:]] if len(batch) == rows + 1 else [batch, ()]
    return FieldBuilder.of(field).build([*pair, *field.dims[1:]])


def _last(field: ReceptiveField, rows: int) -> ReceptiveField:
    """Gather the steps: a state after the last step depends on all of them, padding included."""
    batch = field.dims[0]
    builder = FieldBuilder.of(field)
    for axis in batch[rows:]:
        builder.look_ahead(axis, INF)
    builder.order = Order.USED
    return builder.build([batch[:rows], *field.dims[1:]])
