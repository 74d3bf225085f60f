"""Which steps and rows the outputs of compiled code depend on, measured by changing them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf

import torch
from torch import Tensor, nn

from codegen.check import Report
from nodes.core.graphs.graph import Model
from nodes.core.shapes.dim import evaluate, substitute
from nodes.core.time.receptive_field import ReceptiveField
from nodes.core.time.term import ROWS, STEPS, Source, Term
from tests.agreement import as_tuple, inputs

DRAWS = 3
CLOSE = 1e-10
"""Numbers that differ less are equal: the rows of a batch are summed in another order."""

RUN = {"B": 3, "T": 7, "S": 5}


@dataclass(frozen=True)
class Measured:
    """Which elements of an output change with which steps or rows of an input.

    Attributes:
        output: the name of the output node.
        source: the steps or rows of an input.
        changes: true where an element changes with a step or row, (*shape of the output, n).
    """

    output: str
    source: Source
    changes: Tensor


def measure(
    model: Model, report: Report, module: nn.Module, run: Mapping[str, int] = RUN
) -> Iterator[Measured]:
    """Change each step and each row of each input some times, and compare all outputs."""
    names = [*model.graph.output_nodes]
    found: dict[tuple[str, Source], Tensor] = {}
    with torch.no_grad():
        for _ in range(DRAWS):
            given = inputs(model, report, run)
            before = outputs(module, given)
            for source, position, changed in _changes(model, report, given, run):
                after = outputs(module, {**given, source.input: changed})
                for name, old, new in zip(names, before, after, strict=True):
                    differs = ~torch.isclose(old, new, rtol=CLOSE, atol=CLOSE, equal_nan=True)
                    key = name, source
                    if key not in found:
                        size = given[source.input].shape[0 if source.axis == ROWS else 1]
                        found[key] = torch.zeros(*differs.shape, size, dtype=torch.bool)
                    found[key][..., position] |= differs
    for (name, source), changes in found.items():
        yield Measured(name, source, changes)


def outputs(module: nn.Module, given: Mapping[str, Tensor]) -> list[Tensor]:
    """Run the module in evaluation mode; a model that streams returns its state last."""
    return [one for one in as_tuple(module(*given.values())) if isinstance(one, Tensor)]


def _changes(
    model: Model, report: Report, given: Mapping[str, Tensor], run: Mapping[str, int]
) -> Iterator[tuple[Source, int, Tensor]]:
    other = inputs(model, report, run)
    for name, tensor in given.items():
        for axis, dim in ((ROWS, 0), (STEPS, 1)):
            if tensor.dim() <= dim:
                continue
            length = "B" if axis == ROWS else str(getattr(model.graph.nodes[name], "length", "T"))
            for position in range(tensor.shape[dim]):
                changed = tensor.clone()
                where = (slice(None),) * dim + (position,)
                changed[where] = other[name][where]
                if tensor.dtype is torch.bool:
                    changed[where] = ~tensor[where]
                yield Source(name, axis, length), position, changed


# -- what is declared ------------------------------------------------------------------------------


def declared(
    field: ReceptiveField,
    source: Source,
    shape: Sequence[int],
    model: Model,
    run: Mapping[str, int] = RUN,
) -> Tensor:
    """Evaluate a receptive field at the indices of a tensor: (*shape, n)."""
    count = run[source.length]
    sizes = [evaluate(substitute(axis.size, model.sizes), run) for axis in field.axes]
    result = torch.zeros(*shape, count, dtype=torch.bool)
    for element in torch.cartesian_prod(*map(torch.arange, shape)).reshape(-1, len(shape)):
        index = element.tolist()
        axes = _axis_indices(field, index, sizes)
        for term in field.sources.get(source, ()):
            lo, hi = _steps(term, axes, count)
            if lo <= hi:
                result[(*index, slice(lo, hi + 1))] = True
    return result


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
