"""Rules for operators that move elements without changing them."""

from typing import Any

from torch import fx

from builder.importing.rules.layer_rules import linear
from builder.importing.rules.layout_algebra import (
    LAYOUTS,
    Dims,
    applied,
    is_identity,
    rearrangement,
    start,
)
from builder.importing.rules.region_rules import rotary
from builder.importing.rules.steps import Match, Ref, apply
from builder.importing.tracing.operators import CONVERSIONS, arg, argument, op
from builder.importing.tracing.trace import Size, Trace
from nodes.core.graphs.node import Node
from nodes.core.shapes.size_limits import LARGEST
from nodes.merge.concatenate import Concatenate
from nodes.merge.split import Split
from nodes.merge.stack import Stack
from nodes.reshape.expand import Expand
from nodes.reshape.reverse import Reverse
from nodes.reshape.select import Select
from nodes.reshape.slice import Slice


def converted(trace: Trace, value: fx.Node) -> Match | None:
    """A conversion between types of floating point numbers."""
    if op(value) not in CONVERSIONS:
        return None
    types = trace.dtype(arg(value, 0)), trace.dtype(value)
    if any(one is None or not one.is_floating_point for one in types):
        return None
    return Match(trace, value).alias(arg(value, 0))


def layout(trace: Trace, value: fx.Node) -> Match | None:
    """A chain of views, transposes and the like, as far back as one node does the same."""
    chain: list[fx.Node] = []
    node: fx.Node = value
    while op(node) in LAYOUTS and (node is value or not _ends_a_layer(trace, node)):
        chain.insert(0, node)
        node = arg(node, 0)
    for first in range(len(chain)):
        source = arg(chain[first], 0)
        before = start(trace.shape(source))
        after = _all_applied(trace, chain[first:], before)
        if after is None:
            continue
        match = Match(trace, value, members=tuple(chain[first:]))
        if is_identity(before, after):
            return match.alias(source)
        node_type = rearrangement(before, after)
        if node_type is not None:
            match.add(node_type, {"input": Ref(source)})
            return match
    return None


def _ends_a_layer(trace: Trace, node: fx.Node) -> bool:
    """Tell whether a value is what a layer computes, in the shape in which it returns it."""
    return any(apply(rule, trace, node) is not None for rule in (linear, rotary))


def _all_applied(trace: Trace, chain: list[fx.Node], dims: Dims) -> Dims | None:
    found: Dims | None = dims
    for node in chain:
        found = applied(trace, node, found) if found is not None else None
    return found


def slices(trace: Trace, value: fx.Node) -> Match | None:
    """``x[:, start:stop:step]``, and one piece of ``split`` or ``chunk``."""
    if op(value) == "slice":
        x, dim = arg(value, 0), argument(value, "dim")
        first, step = argument(value, "start") or 0, argument(value, "step")
    elif op(value) == "getitem" and op(arg(value, 0)) in ("split", "chunk", "split_with_sizes"):
        pieces = arg(value, 0)
        if _halves(trace, pieces):
            port = ("first", "second")[arg(value, 1)]
            return Match(trace, value).alias(Ref(pieces, port))
        x, dim, step = arg(pieces, 0), argument(pieces, "dim"), 1
        sizes = [trace.size(piece.shape[dim]) for piece in pieces.meta["val"]]
        first = sum(sizes[: arg(value, 1)])
    else:
        return None
    size, kept = trace.shape(x)[dim], trace.shape(value)[dim]
    if not isinstance(first, int) or not isinstance(step, int):
        return None
    stop = _stop(first, size, kept) if step == 1 else argument(value, "end")
    stop = None if isinstance(stop, int) and stop > LARGEST else stop
    if isinstance(stop, fx.Node):
        return None
    given = {"dim": dim, "start": first, "stop": stop, "step": step}
    match = Match(trace, value)
    match.add(Slice.model_validate(given), {"input": Ref(x)}, "part")
    return match


def _stop(first: int, size: Size, kept: Size) -> Any:
    """Return the end of a slice: from the end of a dimension whose size is open."""
    left_out = size - kept - (first if first >= 0 else size + first)
    if left_out == 0:
        return None
    if isinstance(kept, int):
        return first + kept
    return -int(left_out) if left_out.is_Integer else kept


def halves(trace: Trace, value: fx.Node) -> Match | None:
    """``chunk`` or ``split`` of the last dimension in two."""
    if not _halves(trace, value):
        return None
    size, rest = (trace.size(piece.shape[-1]) for piece in value.meta["val"])
    match = Match(trace, value)
    node = Split() if size == rest else Split.model_validate({"size": size})
    match.add(node, {"input": Ref(arg(value, 0))})
    return match


def _halves(trace: Trace, pieces: fx.Node) -> bool:
    if op(pieces) not in ("split", "chunk", "split_with_sizes") or len(pieces.meta["val"]) != 2:
        return False
    rank = len(trace.shape(arg(pieces, 0)))
    return bool(argument(pieces, "dim") % rank == rank - 1)


def select(trace: Trace, value: fx.Node) -> Match | None:
    """``x[:, index]``, and one piece of ``unbind``."""
    if op(value) == "select":
        x, dim, index = arg(value, 0), arg(value, 1), arg(value, 2)
    elif op(value) == "getitem" and op(arg(value, 0)) == "unbind":
        pieces = arg(value, 0)
        x, dim, index = arg(pieces, 0), argument(pieces, "dim"), arg(value, 1)
    else:
        return None
    if not isinstance(index, int):
        return None
    match = Match(trace, value)
    match.add(Select(dim=dim, index=index), {"input": Ref(x)})
    return match


def joined(trace: Trace, value: fx.Node) -> Match | None:
    """``cat`` and ``stack``."""
    if op(value) not in ("cat", "stack"):
        return None
    dim, parts = argument(value, "dim"), arg(value, 0)
    if op(value) == "cat":
        parts = [part for part in parts if 0 not in trace.shape(part)]
    if len(parts) == 1 and op(value) == "cat":
        return Match(trace, value).alias(parts[0])
    node: Node = Concatenate(dim=dim) if op(value) == "cat" else Stack(dim=dim)
    match = Match(trace, value)
    match.add(node, {f"parts.{i}": Ref(part) for i, part in enumerate(parts)})
    return match


def expand(trace: Trace, value: fx.Node) -> Match | None:
    """``expand`` of dimensions of 1 to sizes that are numbers."""
    if op(value) != "expand":
        return None
    x, shape = arg(value, 0), trace.shape(value)
    before = trace.shape(x)
    if len(before) != len(shape):
        return None
    match, ref = Match(trace, value), Ref(x)
    for dim, (old, new) in enumerate(zip(before, shape, strict=True)):
        if old == new:
            continue
        if not isinstance(new, int):
            return None
        ref = match.add(Expand(dim=dim, size=new), {"input": ref})
    return match


def reverse(trace: Trace, value: fx.Node) -> Match | None:
    """``flip`` of one dimension."""
    if op(value) != "flip" or len(arg(value, 1)) != 1:
        return None
    match = Match(trace, value)
    match.add(Reverse(dim=arg(value, 1)[0]), {"input": Ref(arg(value, 0))})
    return match
