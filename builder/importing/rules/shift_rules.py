"""The rule for sequences that are shifted by some steps, by their values."""

import torch
from torch import fx

from builder.importing.rules.regions import Region, regions
from builder.importing.rules.steps import Match, Ref
from builder.importing.tracing.operators import op
from builder.importing.tracing.trace import Trace
from nodes.reshape.shift_right import ShiftRight

_ENDS = frozenset({"cat", "slice", "pad", "constant_pad_nd"})


def shifted(trace: Trace, value: fx.Node) -> Match | None:
    """A sequence that is padded in front, and cut off at its end."""
    if op(value) not in _ENDS or len(trace.shape(value)) != 3:
        return None
    for region in regions(trace, value):
        if region.weights or trace.shape(region.source) != trace.shape(value):
            continue
        steps = _steps(region)
        if steps:
            match = Match(trace, value, members=region.members)
            match.add(ShiftRight(steps=steps), {"input": Ref(region.source)}, "shift")
            return match
    return None


def _steps(region: Region) -> int:
    """Return by how many steps a region shifts its source; 0 if it does something else."""
    for run in (0, 1):
        x = region.sample(1.0, run)
        actual = region.on(x, run=run)
        empty = (actual == 0).all(-1).all(0)
        steps = int(empty.sum())
        expected = torch.zeros_like(x)
        expected[:, steps:] = x[:, : x.shape[1] - steps]
        if steps == 0 or not torch.equal(actual, expected):
            return 0
    return steps
