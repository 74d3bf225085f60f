"""Problems of time: steps that look ahead, padding that is read, an order that cannot matter.

The receptive fields at the outputs are compared with what the training recipe expects of them. A
problem is located at the node where the look-ahead, the padding or the mixing of rows begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.check.field_cache import FieldGraph
from codegen.check.field_trace import Holds, Origin, find_origin
from codegen.check.problem import Problem, Severity
from codegen.check.reach_text import show_steps
from codegen.check.remedy import Remedy, RemoveNode
from codegen.check.time_candidates import (
    look_ahead_candidates,
    order_candidates,
    padding_candidates,
    row_candidates,
    whole_sequence_candidates,
)
from nodes.core.graphs.graph import Model, PortRef
from nodes.core.graphs.recipe import Recipe
from nodes.core.shapes.dim import Dim, free
from nodes.core.shapes.shape import Shape
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.reach import EACH, INF, Reach
from nodes.core.time.receptive_field import Order, ReceptiveField
from nodes.core.time.term import ROWS, STEPS, Source
from nodes.pooling.first_step import FirstStep
from nodes.reshape.select import Select


def output_problems(model: Model, fields: FieldGraph) -> Iterator[Problem]:
    """Find the problems of time that show at the outputs of the main graph."""
    for name, field in fields.results.items():
        exit_ = _Exit(model, fields, PortRef(name, "input"), field)
        yield from exit_.row_problems()
        if model.recipe is None or not exit_.fits(model.recipe):
            continue
        steps = [source for source in field.sources if exit_.is_data(source, model.recipe)]
        causality: list[Problem] = []
        if model.recipe.generates:
            for source in steps:
                causality += exit_.causality_problems(source, model.recipe)
        yield from causality
        if model.recipe.padding_id is not None and field.ahead:
            yield exit_.padding_problem(model.recipe)
        for source in () if causality else steps:
            yield from exit_.order_problems(source, model.recipe)


@dataclass(frozen=True, slots=True)
class _Exit:
    """An output of the main graph.

    Attributes:
        model: the model.
        fields: the receptive fields of its main graph.
        target: the input port of the output node.
        field: the field there.
    """

    model: Model
    fields: FieldGraph
    target: PortRef
    field: ReceptiveField

    @property
    def shape(self) -> Shape:
        return self.fields.checked.nodes[self.target.node].input_specs[self.target.port].shape

    def fits(self, recipe: Recipe) -> bool:
        """Check that the batch and the steps are where a recipe expects them."""
        expected = recipe.shape(recipe.output_shape)
        return len(self.shape) == len(expected) and all(
            size is known
            for size, known in zip(self.shape, expected, strict=True)
            if isinstance(known, Dim) and known.frees
        )

    def is_data(self, source: Source, recipe: Recipe) -> bool:
        """Check whether a source is the steps of what a recipe feeds."""
        node = self.fields.checked.graph.nodes[source.input]
        return source.axis == STEPS and node.outputs[0].kind is recipe.input_kind

    def origin(self, holds: Holds) -> Origin:
        """Find where a property that holds here begins."""
        return find_origin(self.fields, self.target, holds)

    # -- steps that look ahead -------------------------------------------------------------------

    def causality_problems(self, source: Source, recipe: Recipe) -> Iterator[Problem]:
        """Check that each step depends on the step itself and on no later one.

        The steps of a sequence of another length are not those of the output.
        """
        if len(self.shape) < 2 or self.shape[1] is not free(source.length):
            return
        if (reach := _dimension_reach(self.field, source, 1)) is None:
            return
        expected = f"expected no step to depend on a later one for {recipe.title}"
        if reach.hi > 0:
            origin = _maker_of_band(self.origin(lambda f, s: looks_ahead(f, s, source)))
            candidates = look_ahead_candidates(self.model, origin, reach.hi)
            later = "all later ones" if reach.hi == INF else f"{show_steps(reach.hi)} ahead"
            message = f"{expected}, got {later}{_gathered(origin, source)}"
            yield _problem(Severity.ERROR, origin, message, candidates)
        elif reach.hi < 0:
            origin = self.origin(lambda f, s: _is_late(f, source))
            expected = f"expected each step to depend on the step itself for {recipe.title}"
            before = f"only those at least {show_steps(-reach.hi)} before"
            message = f"{expected}, whose targets are one step ahead, got {before}"
            graph = origin.fields.checked.name
            yield _problem(Severity.WARNING, origin, message, [RemoveNode(graph, origin.node)])

    # -- padding ---------------------------------------------------------------------------------

    def padding_problem(self, recipe: Recipe) -> Problem:
        """Report that what fills up a sequence changes the output."""
        sequences = self.field.padding
        origin = self.origin(lambda f, s: any(name in sequences for name in f.padding))
        most = max(sequences.values())
        message = (
            "expected nothing to depend on padding, which fills up shorter sequences for "
            f"{recipe.title}, got {'any' if most == INF else show_steps(most)} of it"
        )
        return _problem(Severity.ERROR, origin, message, padding_candidates(self.model, origin))

    # -- order -----------------------------------------------------------------------------------

    def order_problems(self, source: Source, recipe: Recipe) -> Iterator[Problem]:
        """Warn where the order of the steps cannot matter, or only the first steps do."""
        if self.field.order is Order.NONE and _gathers(self.field, source):
            origin = self.origin(lambda f, s: _gathers(f, source))
            message = "expected the order of the steps to matter, got the same for any order"
            candidates = order_candidates(self.model, origin, recipe)
            yield _problem(Severity.WARNING, origin, message, candidates)
            return
        if any(self.field.time_axes()):
            return
        terms = self.field.sources[source]
        if all(not term.rates and term.ends == 0 and term.hi < INF for term in terms):
            origin = self.origin(lambda f, s: not any(f.time_axes()) and source in f.sources)
            if isinstance(origin.primitive, FirstStep | Select):
                count = max(term.hi for term in terms) + 1
                seen = "first step only" if count == 1 else f"first {show_steps(count)} only"
                message = f"expected to depend on all steps for {recipe.title}, got the {seen}"
                candidates = whole_sequence_candidates(
                    self.model, origin.location.graph, origin.node, ("LastStep", "MeanPooling")
                )
                yield _problem(Severity.WARNING, origin, message, candidates)

    # -- rows ------------------------------------------------------------------------------------

    def row_problems(self) -> Iterator[Problem]:
        """Check that each row of the batch depends on no other one."""
        for source in self.field.sources:
            if source.axis == ROWS and _mixes(self.field, source):
                origin = self.origin(lambda f, s: _mixes(f, source))  # noqa: B023
                message = "expected each row of the batch to depend on itself alone, got other rows"
                severity = Severity.WARNING if self.model.recipe is None else Severity.ERROR
                yield _problem(severity, origin, message, row_candidates(self.model, origin))
                return


def _dimension_reach(field: ReceptiveField, source: Source, dim: int) -> Reach | None:
    """Return the steps of a source relative to the index of a dimension; None without any."""
    axes = field.dims[dim]
    if len(axes) < 2:
        return field.reach(source, axes[0] if axes else None)
    builder = FieldBuilder.of(field)
    merged_axis = len(field.axes)
    builder.merge(axes, merged_axis)
    dims = [list(own) for own in field.dims]
    dims[dim] = [merged_axis]
    whole_field = builder.build(dims)
    return whole_field.reach(source, whole_field.dims[dim][0])


def looks_ahead(field: ReceptiveField, shape: Shape, source: Source) -> bool:
    """Return whether an element depends on steps ahead of its own, whatever counts as its own.

    A dimension as long as the sequence that no axis stands for has the same terms at each index.
    """
    if any(field.time_axes()):
        return field.looks_ahead(source)
    terms = field.sources.get(source, ())
    steps = free(source.length)
    return any(size is steps for size in shape) and any(t.hi > 0 or t.ends > 0 for t in terms)


def _is_late(field: ReceptiveField, source: Source) -> bool:
    """Return whether an element depends on no step as late as its own."""
    reaches = [field.reach(source, axis) for axis in field.time_axes()]
    return bool(reaches) and all(reach is not None and reach.hi < 0 for reach in reaches)


def _gathers(field: ReceptiveField, source: Source) -> bool:
    """Return whether an element depends on steps other than its own."""
    if source not in field.sources:
        return False
    return all(field.reach(source, axis) != EACH for axis in field.time_axes())


def _mixes(field: ReceptiveField, source: Source) -> bool:
    """Return whether an element depends on rows other than its own."""
    return source in field.sources and all(
        field.reach(source, axis) != EACH for axis in range(len(field.axes))
    )


def _maker_of_band(origin: Origin) -> Origin:
    """Return the node that makes the mask, if that lets attention look ahead by its band."""
    mask = origin.fields.inputs(origin.node).get("mask")
    if mask is None or not _allows_later(mask):
        return origin
    return find_origin(
        origin.fields, PortRef(origin.node, "mask"), lambda field, _: _allows_later(field)
    )


def _allows_later(mask: ReceptiveField) -> bool:
    """Return whether a mask has a band that reaches later keys."""
    if len(mask.dims) < 2:
        return False
    queries, keys = mask.dims[-2:]
    for band in mask.bands:
        if band.a in queries and band.b in keys:
            return band.hi > 0
        if band.a in keys and band.b in queries:
            return band.lo < 0
    return False


def _gathered(origin: Origin, source: Source) -> str:
    """Name the node that has made one vector of all steps, if that is what reaches a step."""
    for port, field in origin.fields.inputs(origin.node).items():
        if source in field.sources and not any(field.time_axes()):
            pooled = find_origin(
                origin.fields,
                PortRef(origin.node, port),
                lambda f, _: source in f.sources and not any(f.time_axes()),
            )
            return f" at {port}, which {pooled.node} makes of all steps"
    return ""


def _problem(
    severity: Severity, origin: Origin, message: str, candidates: Iterator[Remedy] | list[Remedy]
) -> Problem:
    return Problem(severity, origin.location, message, tuple(candidates))
