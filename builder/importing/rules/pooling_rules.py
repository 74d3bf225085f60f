"""Rules for pooling over the steps of a sequence, with its mask or lengths, by their values."""

import torch
from torch import Tensor, fx

from builder.importing.rules.layer_rules import swapped
from builder.importing.rules.mask_matching import KeyMask, key_masks
from builder.importing.rules.regions import Region, agrees, regions
from builder.importing.rules.steps import Match, Ref
from builder.importing.tracing.operators import op
from builder.importing.tracing.trace import Trace
from nodes.core.graphs.node import Node
from nodes.masks.length_mask import LengthMask
from nodes.pooling.last_step import LastStep
from nodes.pooling.max_pooling import MaxPooling
from nodes.pooling.mean_pooling import MeanPooling

_ENDS = frozenset(
    [
        "div",
        "mul",
        "index",
        "gather",
        "amax",
        "max",
        "sum",
        "mean",
        "squeeze",
        "select",
        "view",
        "getitem",
        "adaptive_max_pool1d",
    ]
)
_PARTS = frozenset(
    {"amax", "max", "index", "gather", "sum", "adaptive_max_pool1d", "adaptive_avg_pool1d", "mean"}
)


def pooling(trace: Trace, value: fx.Node) -> Match | None:
    """The mean, the maximum or the last of the valid steps."""
    if op(value) not in _ENDS or trace.dtype(value) is None or len(trace.shape(value)) != 2:
        return None
    for region in regions(trace, value, with_masks=True):
        if not region.names & _PARTS or region.weights or len(trace.shape(region.source)) != 3:
            continue
        if region.names <= {"mean", "select"}:
            continue  # a node of its own
        batch, *sizes = trace.shape(region.source)
        for steps in (1, 2):
            if trace.shape(value) != (batch, sizes[2 - steps]):
                continue
            found = _pooled(region, steps)
            if found is not None:
                return _match(region, steps, *found)
    return None


def _match(region: Region, steps: int, node: Node, keys: KeyMask | None) -> Match:
    match = Match(region.trace, region.result, members=region.members)
    source = Ref(region.source)
    ports = {"input": source if steps == 1 else swapped(match, source, 1, 2)}
    if keys is not None and isinstance(keys.node, LengthMask):
        ports["lengths"] = Ref(keys.source)
    elif keys is not None:
        ports["mask"] = keys.add(match)
    match.add(node, ports, "pool")
    return match


def _pooled(region: Region, steps: int) -> tuple[Node, KeyMask | None] | None:
    """Find the pooling with the values of a region."""
    runs = range(len(region.trace.runs))
    for keys in key_masks(region.trace, region.members):
        for node in (MeanPooling(), MaxPooling(), LastStep()):
            if all(_agrees(region, steps, node, keys, run) for run in runs):
                return node, keys
    return None


def _agrees(region: Region, steps: int, node: Node, keys: KeyMask | None, run: int) -> bool:
    x = region.sample(1.0, run)
    try:
        actual = region.on(x, run=run)
    except (RuntimeError, IndexError, TypeError):
        return False
    x = x if steps == 1 else x.transpose(1, 2)
    valid = torch.ones(x.shape[:2], dtype=torch.bool)
    if keys is not None:
        valid = keys.valid(region.trace.runs[run], x.shape[1])
    return valid.shape == x.shape[:2] and agrees(actual, _expected(node, x, valid))


def _expected(node: Node, x: Tensor, valid: Tensor) -> Tensor:
    mask = valid[:, :, None]
    if isinstance(node, MeanPooling):
        return (x * mask).sum(1) / mask.sum(1).clamp(min=1)
    if isinstance(node, MaxPooling):
        return x.masked_fill(~mask, -torch.inf).amax(1)
    last = valid.int().cumsum(1).argmax(1)
    return x[torch.arange(len(x)), last]
