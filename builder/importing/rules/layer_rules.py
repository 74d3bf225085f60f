"""Rules for operators that are layers: Linear, Embedding, normalizations, convolution, dropout."""

from math import prod
from typing import Any

import sympy
from torch import fx

from builder.importing.rules.layout_algebra import (
    VIEWS,
    applied,
    rearrangement,
    regrouped,
    split_up,
    start,
)
from builder.importing.rules.steps import Match, Ref, WeightEntry
from builder.importing.rules.weight_entries import weight_entry
from builder.importing.tracing.operators import arg, argument, op
from builder.importing.tracing.trace import Size, Trace
from nodes.convolution.conv1d import Conv1d
from nodes.convolution.max_pool1d import MaxPool1d
from nodes.core.graphs.node import Node
from nodes.dropout.dropout import Dropout
from nodes.embedding.embedding import Embedding
from nodes.linear.linear import Linear
from nodes.normalization.layer_norm import LayerNorm
from nodes.normalization.rms_norm import RMSNorm
from nodes.reshape.transpose import Transpose


def linear(trace: Trace, value: fx.Node) -> Match | None:
    """``linear(x, W, b)``, ``addmm(b, x, W)`` and ``x @ W``, also of a view of x as a matrix."""
    product, x = _product(trace, value)
    if product is None or x is None:
        return None
    weights = _linear_weights(trace, product)
    if weights is None:
        return None
    match = Match(trace, value, members=(product, value))
    rows = trace.shape(value)[:-1]
    ref: Ref | None = Ref(x)
    if rows != trace.shape(x)[:-1]:
        ref = _rows(match, arg(x, 0) if op(x) in VIEWS else x, rows)
    if ref is None:
        return None
    out_features = trace.shape(value)[-1]
    node = Linear.model_validate({"out_features": out_features, "bias": "bias" in weights})
    match.add(node, {"input": ref}, "linear", weights)
    return match


def _product(trace: Trace, value: fx.Node) -> tuple[fx.Node | None, fx.Node | None]:
    """Find the product of an input and a weight that a value is, or is a view of."""
    product = value
    if op(value) in VIEWS:
        product = arg(value, 0)
        if trace.shape(product)[-1:] != trace.shape(value)[-1:]:
            return None, None
    position = {"linear": 0, "addmm": 1, "mm": 0, "matmul": 0}.get(op(product))
    x = None if position is None else arg(product, position)
    return (product, x) if isinstance(x, fx.Node) else (None, None)


def _linear_weights(trace: Trace, product: fx.Node) -> dict[str, WeightEntry] | None:
    """Return the weight and the bias of a product; None if it has no weight."""
    name, weight, bias = op(product), arg(product, 1), arg(product, 2)
    if name == "addmm":
        bias, weight = arg(product, 0), arg(product, 2)
    if not isinstance(weight, fx.Node) or len(trace.shape(weight)) != 2:
        return None
    entry = weight_entry(trace, weight)
    if entry is not None and name != "linear":
        entry = {"name": entry} if isinstance(entry, str) else dict(entry)
        entry["transpose"] = not entry.get("transpose", False)
        entry = (
            entry if entry["transpose"] else {k: v for k, v in entry.items() if k != "transpose"}
        )
        entry = entry["name"] if len(entry) == 1 else entry
    if entry is None:
        return None
    added = weight_entry(trace, bias) if bias is not None else None
    if bias is not None and added is None:
        return None
    return {"weight": entry} if added is None else {"weight": entry, "bias": added}


def _rows(match: Match, source: fx.Node, rows: tuple[Size, ...]) -> Ref | None:
    """Bring the rows of a matrix into the dimensions that the product is viewed with."""
    shape = match.trace.shape(source)
    before = start(shape)
    width = sympy.cancel(sympy.sympify(prod(shape)) / prod(rows))
    grouped = regrouped([factor for dim in before for factor in dim], (*rows, width))
    if grouped is None:
        return None
    if split_up(before) == split_up(grouped):
        return Ref(source)
    node = rearrangement(before, grouped)
    return None if node is None else match.add(node, {"input": Ref(source)})


def embedding(trace: Trace, value: fx.Node) -> Match | None:
    """``embedding(W, ids)``."""
    if op(value) != "embedding":
        return None
    entry = weight_entry(trace, arg(value, 0))
    ids = arg(value, 1)
    if entry is None or not isinstance(ids, fx.Node):
        return None
    rows, width = trace.shape(arg(value, 0))
    padding = argument(value, "padding_idx")
    given = {"num_embeddings": rows, "embedding_dim": width}
    if padding >= 0:
        given["padding_idx"] = padding
    match = Match(trace, value)
    match.add(Embedding.model_validate(given), {"input": Ref(ids)}, "embed", {"weight": entry})
    return match


def layer_norm(trace: Trace, value: fx.Node) -> Match | None:
    """``layer_norm`` and ``rms_norm`` over the last dimension."""
    if op(value) not in ("layer_norm", "rms_norm") or len(argument(value, "normalized_shape")) != 1:
        return None
    weights = {}
    for name in ("weight", "bias"):
        given = argument(value, name)
        entry = weight_entry(trace, given)
        if given is not None and entry is None:
            return None
        if entry is not None:
            weights[name] = entry
    if "bias" in weights and "weight" not in weights:
        return None
    node: Node = RMSNorm(eps=argument(value, "eps"), elementwise_affine="weight" in weights)
    if op(value) == "layer_norm":
        has_bias = "bias" in weights or "weight" not in weights
        eps = argument(value, "eps")
        node = LayerNorm(eps=eps, elementwise_affine="weight" in weights, bias=has_bias)
    match = Match(trace, value)
    match.add(node, {"input": Ref(arg(value, 0))}, "norm", weights)
    return match


def dropout(trace: Trace, value: fx.Node) -> Match | None:
    """``dropout`` and the first output of ``native_dropout``."""
    source = arg(value, 0) if op(value) == "getitem" and arg(value, 1) == 0 else value
    if op(source) not in ("native_dropout", "dropout"):
        return None
    x, p = arg(source, 0), arg(source, 1)
    match = Match(trace, value)
    if p == 0.0:
        return match.alias(x)
    match.add(Dropout(p=p), {"input": Ref(x)}, "dropout")
    return match


def conv1d(trace: Trace, value: fx.Node) -> Match | None:
    """``conv1d``, with padding in front alone, or cut off at the end, as a causal convolution."""
    conv, cut = _convolution(trace, value)
    if conv is None:
        return None
    x = arg(conv, 0)
    weight, bias = argument(conv, "weight"), argument(conv, "bias")
    entries = {"weight": weight_entry(trace, weight), "bias": weight_entry(trace, bias)}
    weights = {name: entry for name, entry in entries.items() if entry is not None}
    if "weight" not in weights or (bias is not None and "bias" not in weights):
        return None
    sizes = trace.shape(weight)
    stride, dilation, groups = (
        _one(conv, "stride"),
        _one(conv, "dilation"),
        argument(conv, "groups"),
    )
    extent = dilation * (int(sizes[2]) - 1)
    padding: Any = argument(conv, "padding")
    padding = padding if isinstance(padding, str) else _one(conv, "padding")
    padding = 0 if padding == "valid" else padding
    front = _front_padding(x)
    if cut is not None and not (padding == cut == extent and stride == 1 and extent):
        return None
    if cut is not None or (front is not None and front == extent and padding == 0):
        padding, x = "causal", x if cut is not None else arg(x, 0)
    given = {"out_channels": sizes[0], "kernel_size": sizes[2], "stride": stride, "groups": groups}
    given |= {"padding": padding, "dilation": dilation, "bias": "bias" in weights}
    match = Match(trace, value, members=(conv, value) if cut is not None else ())
    before = swapped(match, Ref(x), 1, 2)
    found = match.add(Conv1d.model_validate(given), {"input": before}, "conv", weights)
    match.add(Transpose(), {"input": found}, outside=True)
    return match


def _convolution(trace: Trace, value: fx.Node) -> tuple[fx.Node | None, int | None]:
    """Find a convolution, and how many steps are cut off at its end."""
    if op(value) == "conv1d":
        return value, None
    source = arg(value, 0)
    if op(value) != "slice" or op(source) != "conv1d" or argument(value, "dim") % 3 != 2:
        return None, None
    left_out = trace.shape(source)[2] - trace.shape(value)[2]
    first = argument(value, "start") in (None, 0)
    whole = isinstance(left_out, int) or left_out.is_Integer
    return (source, int(left_out)) if first and whole else (None, None)


def _front_padding(x: object) -> int | None:
    """Return the number of zeros in front of the steps of a padded value; None for another one."""
    if op(x) not in ("constant_pad_nd", "pad"):
        return None
    pad, number = arg(x, 1), argument(x, "value")
    return pad[0] if len(pad) == 2 and pad[1] == 0 and not number else None


def _one(conv: fx.Node, name: str) -> int:
    given = argument(conv, name)
    return int(given if isinstance(given, int) else given[0])


def max_pool1d(trace: Trace, value: fx.Node) -> Match | None:
    """``max_pool1d``."""
    if op(value) != "max_pool1d" or _one(value, "dilation") != 1 or argument(value, "ceil_mode"):
        return None
    given = {name: _one(value, name) for name in ("kernel_size", "stride", "padding")}
    match = Match(trace, value)
    before = swapped(match, Ref(arg(value, 0)), 1, 2)
    found = match.add(MaxPool1d.model_validate(given), {"input": before}, "pool")
    match.add(Transpose(), {"input": found}, outside=True)
    return match


def swapped(match: Match, value: Ref, first: int, second: int) -> Ref:
    """Swap two dimensions; of a value that is made by swapping them, return what it is made of."""
    source = value.of
    if isinstance(source, fx.Node) and op(source) in ("transpose", "permute"):
        dims = start(match.trace.shape(source))
        order = list(range(len(dims)))
        order[first], order[second] = second, first
        if applied(match.trace, source, dims) == [dims[i] for i in order]:
            return Ref(arg(source, 0))
    return match.add(Transpose(dim0=first, dim1=second), {"input": value}, outside=True)
