"""Which steps and rows the outputs of compiled code depend on, measured by changing them.

The measurement knows nothing of receptive fields: it changes one index of one input, runs the code
again, and looks which elements of the outputs differ. Only the comparison reads what is declared.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, prod

import torch
from torch import Tensor

from codegen.check.time_analysis import field_context
from codegen.harness.one_node import CompiledNode, DrawnCase, as_tuple, compile_node
from nodes.core.graphs.port import Kind, TensorSpec
from nodes.core.shapes.dim import evaluate, free, substitute
from nodes.core.time.axis import Axis, Clock
from nodes.core.time.field_builder import FieldBuilder
from nodes.core.time.receptive_field import ReceptiveField
from nodes.core.time.term import STEPS, Source, Term

RUN = {"B": 3, "T": 7, "S": 5}
DRAWS = 4
CLOSE = 1e-10
"""Numbers that differ less are equal: packing sums the rows of a batch in another order."""

Results = Mapping[str, Tensor]
Run = Callable[[Mapping[str, Tensor]], Results]
Dimension = tuple[str, int]
"""An input and one of its dimensions."""


@dataclass(frozen=True)
class Comparison:
    """What is declared of an output and one dimension of an input, and what was measured.

    Attributes:
        output: the name of the output.
        source: the name of the input.
        declared, measured: true where an element may depend, and depends, on an index of the
            dimension, the last one here; dimensions of the output that nothing is said of are 1.
        alike: the dimensions of the output that are as long, by the same free size.
    """

    output: str
    source: str
    declared: Tensor
    measured: Tensor
    alike: tuple[int, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing depends on more than is declared."""
        return not bool((self.measured & ~self.declared).any())

    @property
    def is_exact(self) -> bool:
        """Whether the least and the greatest offset to each index alike are those declared."""
        return self._offsets(self.declared) == self._offsets(self.measured)

    def _offsets(self, depends: Tensor) -> list[tuple[int, int]]:
        where = depends.nonzero()
        if not len(where):
            return []
        relative = where[:, -1:] - where[:, [*self.alike]] if self.alike else where[:, -1:]
        return [*zip(relative.amin(0).tolist(), relative.amax(0).tolist(), strict=True)]


# -- measurement -----------------------------------------------------------------------------------


@torch.no_grad()
def measure(
    run: Run, draw: Callable[[bool], Mapping[str, Tensor]], dimensions: Sequence[Dimension]
) -> dict[tuple[str, Dimension], Tensor]:
    """Change each index of some dimensions of the inputs, one by one, and compare the outputs.

    Args:
        run: runs the code.
        draw: draws inputs; those of the first draw have no padding and mask nothing.
        dimensions: what is changed.

    Returns:
        For each output and dimension where an element changes with an index: (*output shape, n).
    """
    found: dict[tuple[str, Dimension], Tensor] = {}
    for number in range(DRAWS):
        given, other = draw(number < DRAWS // 2), draw(False)
        before = run(given)
        for (name, dim), index, changed in _changes(given, other, dimensions):
            after = run({**given, name: changed})
            for output, old in before.items():
                key = output, (name, dim)
                size = *old.shape, given[name].shape[dim]
                found.setdefault(key, torch.zeros(size, dtype=torch.bool))
                found[key][..., index] |= differs(old, after[output])
    return found


def _changes(
    given: Results, other: Results, dimensions: Sequence[Dimension]
) -> Iterator[tuple[Dimension, int, Tensor]]:
    """Yield each input with one index of a dimension changed."""
    for name, dim in dimensions:
        for index in range(given[name].shape[dim]):
            changed = given[name].clone()
            where = (slice(None),) * dim + (index,)
            own = given[name][where]
            changed[where] = ~own if own.dtype is torch.bool else other[name][where]
            yield (name, dim), index, changed


def filled_up(
    tensors: Mapping[str, Tensor], length: int, specs: Mapping[str, TensorSpec]
) -> Results:
    """Make every step valid: masks all true, and lengths those of the whole sequence."""
    values = {Kind.MASK: True, Kind.LENGTHS: length}
    return {
        name: torch.full_like(tensor, values[specs[name].kind])
        if specs[name].kind in values
        else tensor
        for name, tensor in tensors.items()
    }


def differs(one: Tensor, other: Tensor) -> Tensor:
    """Return where two results differ."""
    return ~torch.isclose(one, other, rtol=CLOSE, atol=CLOSE, equal_nan=True)


def dependence_faults(drawn_case: DrawnCase) -> list[str]:
    """List the outputs of a node that depend on more than its receptive fields declare."""
    return [
        f"{one.output} depends on more indices of {one.source} than its receptive field declares"
        for one in compare_node(drawn_case)
        if not one.is_sound
    ]


def compare_node(drawn_case: DrawnCase) -> Iterator[Comparison]:
    """Compare the fields of one node, each of whose inputs is one of its own, with its code."""
    drawn_case.run.update(RUN)
    ports = tuple(port.name for port in drawn_case.node.outputs)
    compiled = compile_node(drawn_case, ports)
    compiled.module.double().eval()
    fields, sources = _own_fields(drawn_case)
    checked = compiled.checked.nodes["node"]
    declared = checked.node.receptive_fields(field_context("node", checked, fields, None))

    def draw(whole: bool) -> Results:
        tensors = _tensors(drawn_case)
        return filled_up(tensors, RUN["T"], drawn_case.specs) if whole else tensors

    measured = measure(_runner(compiled, ports), draw, [*sources])
    for (output, dimension), changes in measured.items():
        yield comparison(
            output, declared[output], sources[dimension], changes, drawn_case.numbers, RUN
        )


def _runner(compiled: CompiledNode, ports: Sequence[str]) -> Run:
    def run(given: Mapping[str, Tensor]) -> Results:
        return dict(zip(ports, as_tuple(compiled.module(*given.values())), strict=True))

    return run


def _tensors(drawn_case: DrawnCase) -> dict[str, Tensor]:
    tensors = drawn_case.tensors()
    return {k: one.double() if one.is_floating_point() else one for k, one in tensors.items()}


def _own_fields(
    drawn_case: DrawnCase,
) -> tuple[dict[str, ReceptiveField], dict[Dimension, Source]]:
    """Make each dimension of an input whose size a run chooses a source of its own."""
    fields, sources = {}, {}
    for port, spec in drawn_case.specs.items():
        builder = FieldBuilder()
        dims: list[list[int]] = []
        for dim, size in enumerate(spec.shape):
            frees = () if isinstance(size, int) else tuple(size.frees)
            if len(frees) != 1 or str(size) != frees[0]:
                dims.append([])
                continue
            (length,) = frees
            source = sources[port, dim] = Source(f"{port}.{dim}", STEPS, length)
            clock = None if length == "B" else Clock(length)
            builder.axes[dim] = Axis(size, clock)
            builder.add_source(source, dim)
            dims.append([dim])
        fields[port] = builder.build(dims)
    return fields, sources


# -- what is declared ------------------------------------------------------------------------------


def comparison(
    output: str,
    field: ReceptiveField,
    source: Source,
    changes: Tensor,
    values: Mapping[str, int],
    run: Mapping[str, int],
) -> Comparison:
    """Compare one measurement with a field, without the dimensions that this has no axis for."""
    plain = [dim for dim, axes in enumerate(field.dims) if not axes]
    measured = changes.any(dim=plain, keepdim=True) if plain else changes
    declared = evaluate_field(field, source, measured.shape, values, run)
    alike = tuple(
        dim
        for dim, axes in enumerate(field.dims)
        if len(axes) == 1 and field.axes[axes[0]].size == free(source.length)
    )
    return Comparison(output, f"{source.input} {source.axis}", declared, measured, alike)


def evaluate_field(
    field: ReceptiveField,
    source: Source,
    shape: Sequence[int],
    values: Mapping[str, int],
    run: Mapping[str, int],
) -> Tensor:
    """Evaluate a field at each index of a shape (*shape, n): true at the n steps it allows."""
    *shape, count = shape
    sizes = [evaluate(substitute(axis.size, values), run) for axis in field.axes]
    result = torch.zeros(*shape, count, dtype=torch.bool)
    flat = result.view(prod(shape), count)
    for number in range(prod(shape)):
        axes = _axis_indices(field, _index(number, shape), sizes)
        if any(not band.lo <= axes[band.b] - axes[band.a] <= band.hi for band in field.bands):
            continue  # the element is zero
        for term in field.sources.get(source, ()):
            lo, hi = _steps(term, axes, count)
            flat[number, lo : max(lo, hi + 1)] = True
    return result


def _index(number: int, shape: Sequence[int]) -> list[int]:
    index: list[int] = []
    rest = number
    for size in reversed(shape):
        rest, own = divmod(rest, size)
        index.insert(0, own)
    return index


def _axis_indices(
    field: ReceptiveField, index: Sequence[int], sizes: Sequence[int]
) -> dict[int, int]:
    """Divide the index on each dimension into those on its axes."""
    result: dict[int, int] = {}
    for axes, whole in zip(field.dims, index, strict=True):
        rest = whole
        for axis in reversed(axes[1:]):
            rest, result[axis] = divmod(rest, sizes[axis])
        if axes:
            result[axes[0]] = rest
    return result


def _steps(term: Term, axes: Mapping[int, int], count: int) -> tuple[int, int]:
    if any(axes[axis] < first for axis, first in term.since):
        return 0, -1
    base = sum(rate * axes[axis] for axis, rate in term.rates) + term.ends * (count - 1)
    lo = 0 if term.lo == -inf else max(0, ceil(base + term.lo))
    hi = count - 1 if term.hi == inf else min(count - 1, floor(base + term.hi))
    return lo, hi
