"""Recognizes masks of attention by their values: causal, windows, padding, in any polarity.

How a mask is computed varies more than what it says, so its values on the examples are compared
with those of the masks that nodes make.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, fx

from builder.importing.rules.steps import Match, Ref
from builder.importing.tracing.trace import Trace, Values
from nodes.core.graphs.node import Node
from nodes.masks.invert_mask import InvertMask
from nodes.masks.length_mask import LengthMask
from nodes.masks.token_mask import TokenMask

BLOCKED = -1e4
"""Scores to which at most this is added are blocked."""

LONGEST = 5000
"""The longest example on which a mask is computed, to see where a window ends."""


@dataclass(frozen=True)
class Condition:
    """A part of a mask.

    Attributes:
        value: the operator that computes it.
        meaning: true where a query may attend, true where it may not, or added to the scores.
        keys: it is (B, S), for the keys; otherwise it fits the scores.
    """

    value: fx.Node
    meaning: Literal["allowed", "blocked", "added"]
    keys: bool = False

    def allowed(self, values: Values) -> Tensor | None:
        """Return where attention is allowed, (B, H, T, S); None for a bias that is no mask."""
        mask: Tensor = values[self.value]
        if self.meaning == "added":
            is_mask = bool(((mask == 0) | (mask <= BLOCKED)).all())
            mask = mask == 0
            if not is_mask:
                return None
        mask = ~mask if self.meaning == "blocked" else mask
        mask = mask.bool()
        if self.keys:
            return mask[:, None, None, :]
        return mask[(None,) * (4 - mask.dim())]


@dataclass(frozen=True)
class KeyMask:
    """A mask of the keys, (B, S), true at valid steps.

    Attributes:
        source: the input that it is made of.
        node: the node that makes it; None for the input itself.
    """

    source: fx.Node
    node: Node | None

    def valid(self, values: Values, keys: int) -> Tensor:
        """Return the mask on an example."""
        given: Tensor = values[self.source]
        if isinstance(self.node, LengthMask):
            return torch.arange(keys) < given[:, None]
        if isinstance(self.node, TokenMask):
            return given != int(str(self.node.padding_id))
        return ~given if isinstance(self.node, InvertMask) else given

    def add(self, match: Match) -> Ref:
        """Add the node that makes the mask."""
        if self.node is None:
            return Ref(self.source)
        if isinstance(self.node, LengthMask):
            sequences = [x for x in match.trace.placeholders if len(match.trace.shape(x)) > 1]
            ports = {"lengths": self.source, "input": sequences[0]}
            return match.add(self.node, ports, "mask", outside=True)
        port = self.node.inputs[0].name
        return match.add(self.node, {port: Ref(self.source)}, "mask", outside=True)


@dataclass(frozen=True)
class Mask:
    """What the conditions of an attention say together."""

    causal: bool = False
    window: int | None = None
    keys: KeyMask | None = None


def find_mask(trace: Trace, conditions: Sequence[Condition]) -> Mask | None:
    """Find the mask that has the values of the conditions; None if no node makes it."""
    if not conditions:
        return Mask()
    examples = [*trace.runs, *_longer(trace, conditions)]
    windows = [None, *_windows(conditions, examples[-1])]
    kinds = [(False, None), *((True, window) for window in windows)]
    values = [condition.value for condition in conditions]
    masks = (Mask(*kind, keys) for keys in key_masks(trace, values) for kind in kinds)
    return next(
        (mask for mask in masks if all(_agrees(mask, conditions, one) for one in examples)), None
    )


def _combined(conditions: Sequence[Condition], values: Values) -> Tensor | None:
    found: Tensor | None = None
    for condition in conditions:
        allowed = condition.allowed(values)
        if allowed is None:
            return None
        found = allowed if found is None else found & allowed
    return found


def _agrees(mask: Mask, conditions: Sequence[Condition], values: Values) -> bool:
    actual = _combined(conditions, values)
    if actual is None:
        return False
    queries, keys = actual.shape[2:]
    expected = torch.ones(1, 1, queries, keys, dtype=torch.bool)
    if mask.causal:
        if queries != keys:
            return False
        expected = expected.tril()
        if mask.window is not None:
            expected = expected.triu(1 - mask.window)
    if mask.keys is not None:
        valid = mask.keys.valid(values, keys)
        if valid.shape[1] != keys:
            return False
        expected = expected & valid[:, None, None, :]
    try:
        return not bool((actual != expected).any())
    except RuntimeError:  # the shapes do not fit
        return False


def _windows(conditions: Sequence[Condition], values: Values) -> list[int]:
    """Return the only window that a causal mask may have."""
    actual = _combined(conditions, values)
    return [] if actual is None else [int(actual.sum(-1).max())]


def key_masks(trace: Trace, values: Sequence[fx.Node]) -> Iterator[KeyMask | None]:
    """List the masks of keys that values may be computed with, None for no mask first."""
    yield None
    sources = [x for x in trace.placeholders if any(x in trace.inputs(one) for one in values)]
    for source in sources:
        dtype, rank = source.meta["val"].dtype, len(trace.shape(source))
        if dtype == torch.bool:
            yield from (KeyMask(source, None), KeyMask(source, InvertMask()))
        elif rank == 1:
            yield KeyMask(source, LengthMask())
        elif not dtype.is_floating_point:
            for number in _numbers(trace, values):
                yield KeyMask(source, TokenMask(padding_id=number))


def _numbers(trace: Trace, values: Sequence[fx.Node]) -> list[int]:
    """List the whole numbers that occur in the computation of values."""
    members = trace.ancestors(values)
    arguments = [x for node in members for x in (*node.args, *node.kwargs.values())]
    return sorted({x for x in arguments if type(x) is int and x >= 0})


def _longer(trace: Trace, conditions: Sequence[Condition]) -> list[Values]:
    """Compute the conditions on a longer example, if they can be."""
    nodes = [condition.value for condition in conditions]
    most = max([0, *_numbers(trace, nodes)])
    for length in (most + 3, 67):
        if 64 < length <= LONGEST:
            sizes = {"B": 1, "T": length, "S": length}
            try:
                return [trace.computed(nodes, sizes)]
            except (RuntimeError, IndexError):
                continue
    return []
