"""Rules for positions: learned and sinusoidal encodings, and embeddings of step numbers."""

from typing import Any

import torch
from torch import Tensor, fx

from builder.importing.rules.steps import Match, Ref, WeightEntry
from builder.importing.rules.weight_entries import entry_name, weight_entry
from builder.importing.tracing.operators import CONVERSIONS, arg, op
from builder.importing.tracing.trace import Trace
from nodes.core.graphs.node import Node
from nodes.embedding.learned_tokens import LearnedTokens
from nodes.position.learned_encoding import LearnedEncoding
from nodes.position.position_ids import PositionIds
from nodes.position.sinusoidal_encoding import SinusoidalEncoding

_PASSED = CONVERSIONS | {"unsqueeze", "squeeze", "expand", "view", "slice"}


def added_positions(trace: Trace, value: fx.Node) -> Match | None:
    """``x + positions``: rows of a weight or of a table, one for each step."""
    if op(value) != "add" or len(trace.shape(value)) != 3:
        return None
    for x, rows in ((arg(value, 0), arg(value, 1)), (arg(value, 1), arg(value, 0))):
        if not _are_rows(trace, x, rows):
            continue
        found = _learned(trace, rows) or _sinusoidal(trace, rows)
        if found is not None:
            node, weights, at = found
            match = Match(trace, value, members=(at,))
            match.add(node, {"input": Ref(x)}, "positions", weights)
            return match
    return None


def _are_rows(trace: Trace, x: Any, rows: Any) -> bool:
    """Tell whether values are (B, T, C), and the same for all sequences."""
    if not isinstance(x, fx.Node) or not isinstance(rows, fx.Node):
        return False
    shape = trace.shape(rows)
    return not trace.inputs(rows) and len(trace.shape(x)) == 3 and shape[-2:] == trace.shape(x)[-2:]


def _learned(trace: Trace, rows: fx.Node) -> tuple[Node, dict[str, WeightEntry], fx.Node] | None:
    """Find the weight whose first rows are added, one for each step."""
    table = rows
    while op(table) in _PASSED:
        table = arg(table, 0)
    first: int | None = 0
    entry = weight_entry(trace, table)
    if op(table) == "embedding":
        first = _first_position(trace, arg(table, 1))
        entry = weight_entry(trace, arg(table, 0))
    if entry is None or first is None:
        return None
    shape = trace.shape(arg(table, 0) if op(table) == "embedding" else table)
    if tuple(shape[:-2]) not in ((), (1,)) or not isinstance(shape[-2], int):
        return None
    if op(table) != "embedding" and not _starts(trace, rows, table):
        return None
    extra: dict[str, Any] = {"from": first} if first else {}
    extra |= {"squeeze": 0} if len(shape) > 2 else {}
    if extra:
        entry = ({"name": entry} if isinstance(entry, str) else entry) | extra
    node = LearnedEncoding(max_length=shape[-2] - first)
    return node, {"weight": entry}, table if op(table) == "embedding" else rows


def _starts(trace: Trace, rows: fx.Node, table: fx.Node) -> bool:
    """Tell whether values are the first rows of a table."""
    found, whole = trace.runs[1][rows], trace.runs[1][table]
    count = found.shape[-2]
    flat = found.reshape(-1, count, found.shape[-1])[0]
    return torch.equal(flat, whole.reshape(-1, *whole.shape[-2:])[0, :count])


def _first_position(trace: Trace, ids: fx.Node) -> int | None:
    """Return the number of the first step, where ids are those of successive steps."""
    if trace.sources(ids):
        return None
    for values in trace.runs:
        row = values[ids].reshape(-1, values[ids].shape[-1])
        if not torch.equal(row, row[:1, :1] + torch.arange(row.shape[1]).expand_as(row)):
            return None
    return int(trace.runs[0][ids].flatten()[0])


def _sinusoidal(trace: Trace, rows: fx.Node) -> tuple[Node, dict[str, WeightEntry], fx.Node] | None:
    if trace.sources(rows):
        return None
    table: Tensor = trace.runs[1][rows]
    table = table.reshape(-1, *table.shape[-2:])[0]
    length, width = table.shape
    if width % 2:
        return None
    rates = 10000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * rates
    expected = torch.stack([angles.sin(), angles.cos()], -1).flatten(1).to(table.dtype)
    if not torch.allclose(table, expected, atol=1e-4):
        return None
    return SinusoidalEncoding(), {}, rows


def step_numbers(trace: Trace, value: fx.Node) -> Match | None:
    """``arange(T)``, and the same plus a number."""
    if not _is_integer(trace, value) or len(trace.shape(value)) != 1:
        return None
    first = _first_position(trace, value)
    if first is None:
        return None
    length = trace.shape(value)[0]
    for source in trace.placeholders:
        if len(trace.shape(source)) > 1 and trace.shape(source)[1] == length:
            match = Match(trace, value)
            match.add(PositionIds(offset=first), {"input": Ref(source)}, "position_ids")
            return match
    return None


def learned_tokens(trace: Trace, value: fx.Node) -> Match | None:
    """Rows of a weight for each sequence of the batch, such as a class token."""
    if op(value) not in ("expand", "repeat") or len(trace.shape(value)) != 3:
        return None
    batch, count, width = trace.shape(value)
    weight = arg(value, 0)
    while op(weight) in _PASSED:
        weight = arg(weight, 0)
    entry, shape = weight_entry(trace, weight), trace.shape(weight)
    if entry is None or shape not in ((count, width), (1, count, width)):
        return None
    if len(shape) == 3:
        entry = {"name": entry_name(entry), "squeeze": 0}
    for node in trace.operators:
        sizes = trace.shape(node) if trace.inputs(node) and trace.dtype(node) else ()
        fits = len(sizes) == 3 and (sizes[0], sizes[2]) == (batch, width)
        if fits and value not in trace.ancestors([node]):
            match = Match(trace, value, members=(value,))
            tokens = LearnedTokens(num_tokens=count)
            match.add(tokens, {"input": Ref(node)}, _last_part(entry), {"weight": entry})
            return match
    return None


def _last_part(entry: WeightEntry) -> str:
    """Return the name of a weight without the path of its module."""
    return entry_name(entry).rpartition(".")[2]


def _is_integer(trace: Trace, value: fx.Node) -> bool:
    tensor = trace.runs[0].get(value)
    return isinstance(tensor, Tensor) and tensor.dtype == torch.int64
