"""Where a weight of a node comes from: a weight of the model, or a part of one."""

from typing import Any

from torch import fx

from builder.importing.rules.steps import WeightEntry
from builder.importing.tracing.operators import CONVERSIONS, arg, argument, op
from builder.importing.tracing.trace import Trace
from codegen.weights.key_map import Entry


def weight_entry(trace: Trace, node: object) -> WeightEntry | None:
    """Return the key map's entry of a value that is a weight; None if it is not.

    A transposed weight, one that is flattened, and an equal part of the rows are entries too.
    """
    if not isinstance(node, fx.Node):
        return None
    chain: list[fx.Node] = []
    while node.op == "call_function":
        chain.append(node)
        before = node.args[0] if node.args else None
        if not isinstance(before, fx.Node):
            return None
        node = before
    name = trace.weight(node)
    if name is None:
        return None
    entry: dict[str, Any] = {"name": name}
    for operator in reversed(chain):
        change = _change(trace, operator, entry)
        if change is None:
            return None
        entry |= change
    return _plain(entry)


def _change(trace: Trace, node: fx.Node, entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return what an operator adds to an entry; None if no entry says it."""
    name = op(node)
    if name in CONVERSIONS or name in ("split", "chunk"):
        return {}
    if name in ("t", "transpose", "permute") and len(trace.shape(node)) == 2:
        return {"transpose": not entry.get("transpose", False)}
    if name in ("getitem", "slice"):
        return _part(trace, node)
    if name in ("view", "reshape", "squeeze", "flatten") and len(trace.shape(node)) == 1:
        return {"shape": list(trace.shape(arg(node, 0)))}
    return None


def _part(trace: Trace, node: fx.Node) -> dict[str, Any] | None:
    whole = node.args[0]
    if not isinstance(whole, fx.Node):
        return None
    if op(node) == "getitem":
        index, pieces = node.args[1], whole.meta["val"]
        sizes = {tuple(piece.shape) for piece in pieces}
        dim = argument(whole, "dim")
        return {"part": [index, len(pieces)], **_dim(dim)} if len(sizes) == 1 else None
    dim, start = argument(node, "dim"), argument(node, "start") or 0
    size, kept = trace.shape(whole)[dim], trace.shape(node)[dim]
    if not all(isinstance(x, int) for x in (size, kept, start)) or argument(node, "step") != 1:
        return None
    if size % kept or start % kept:
        return None
    return {} if size == kept else {"part": [start // kept, size // kept], **_dim(dim)}


def _dim(dim: int) -> dict[str, Any]:
    return {"dim": 1} if dim == 1 else {}


def _plain(entry: dict[str, Any]) -> WeightEntry:
    kept = {key: value for key, value in entry.items() if value is not False}
    return kept["name"] if len(kept) == 1 else kept


def entry_name(entry: WeightEntry) -> str:
    """Return the name of the weight that an entry is made of."""
    return entry if isinstance(entry, str) else str(entry["name"])


def part_of(entry: WeightEntry, index: int, count: int) -> WeightEntry:
    """Return an equal part of the rows of a weight."""
    return {"name": entry_name(entry), "part": [index, count]}


def parsed(entry: WeightEntry) -> Entry:
    """Parse an entry, as the reader of key maps does."""
    return Entry.parse("weight", entry)
