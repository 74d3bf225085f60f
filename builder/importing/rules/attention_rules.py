"""Rules for attention: ``scaled_dot_product_attention``, or a softmax of scores by hand."""

from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import torch
from torch import fx

from builder.importing.rules.elementwise_rules import untransposed
from builder.importing.rules.layer_rules import swapped
from builder.importing.rules.layout_algebra import LAYOUTS
from builder.importing.rules.mask_matching import BLOCKED, Condition, Mask, find_mask
from builder.importing.rules.steps import Match, Ref
from builder.importing.tracing.operators import CONVERSIONS, arg, argument, op
from builder.importing.tracing.trace import Trace
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.masks.invert_mask import InvertMask
from nodes.masks.padding_mask import PaddingMask
from nodes.reshape.reshape import Reshape


@dataclass
class Attention:
    """An attention, as it is found.

    Attributes:
        query, key, value: what it reads, (B, H, T, D) or (B, T, D).
        scale: the factor of the scores; None for the usual one.
        conditions: the parts of its mask.
        biases: what is added to the scores.
        causal: a query attends only to keys at its own and earlier steps.
        softcap: the bound of the scores.
        dropout: the dropout of the attention weights.
        members: the operators that it replaces.
    """

    query: fx.Node
    key: fx.Node
    value: fx.Node
    scale: float | None = None
    conditions: list[Condition] = field(default_factory=list)
    biases: list[fx.Node] = field(default_factory=list)
    causal: bool = False
    softcap: float | None = None
    dropout: float = 0.0
    members: tuple[fx.Node, ...] = ()


def fused_attention(trace: Trace, value: fx.Node) -> Match | None:
    """``F.scaled_dot_product_attention``."""
    if op(value) != "scaled_dot_product_attention":
        return None
    found = Attention(arg(value, 0), arg(value, 1), arg(value, 2), members=(value,))
    mask = argument(value, "attn_mask")
    if mask is not None:
        is_boolean = mask.meta["val"].dtype == torch.bool
        found.conditions = [Condition(mask, "allowed" if is_boolean else "added")]
    found.dropout, found.causal = argument(value, "dropout_p"), argument(value, "is_causal")
    found.scale = argument(value, "scale")
    return _attention(trace, value, found)


def written_attention(trace: Trace, value: fx.Node) -> Match | None:
    """``softmax(q @ k.T * scale, masked) @ v``."""
    if op(value) not in ("matmul", "bmm"):
        return None
    weights, dropout = _without_dropout(arg(value, 0))
    rank = len(trace.shape(weights)) if isinstance(weights, fx.Node) else 0
    if op(weights) not in ("softmax", "_softmax") or arg(weights, 1) not in (-1, rank - 1):
        return None
    found = _scores(trace, arg(weights, 0))
    if found is None:
        return None
    found.value, found.dropout = arg(value, 1), dropout
    found.members = (value, weights)
    return _attention(trace, value, found)


def _without_dropout(node: Any) -> tuple[Any, float]:
    """Skip dropout and conversions; return the probability too."""
    dropout = 0.0
    while True:
        if op(node) == "getitem" and op(arg(node, 0)) == "native_dropout":
            dropout, node = arg(arg(node, 0), 1), arg(arg(node, 0), 0)
        elif op(node) == "dropout":
            dropout, node = arg(node, 1), arg(node, 0)
        elif op(node) in CONVERSIONS:
            node = arg(node, 0)
        else:
            return node, dropout


def _scores(trace: Trace, node: fx.Node) -> Attention | None:
    """Follow scores back to the product of queries and keys."""
    factor, softcap = 1.0, None
    conditions: list[Condition] = []
    biases: list[fx.Node] = []
    while True:
        name, first, second = op(node), arg(node, 0), arg(node, 1)
        if name in CONVERSIONS:
            node = first
        elif name == "masked_fill" and _blocks(trace.number(arg(node, 2))):
            conditions.append(Condition(second, "blocked"))
            node = first
        elif name == "where" and _blocks(trace.number(arg(node, 2))):
            conditions.append(Condition(first, "allowed"))
            node = second
        elif name == "add" and isinstance(second, fx.Node) and factor == 1.0 and softcap is None:
            node, added = _added(trace, first, second)
            is_mask = Condition(added, "added").allowed(trace.runs[0]) is not None
            if is_mask:
                conditions.append(Condition(added, "added"))
            else:
                biases.append(added)
        elif name in ("mul", "div") and isinstance(trace.number(second), Real):
            number = float(trace.number(second))
            factor *= number if name == "mul" else 1 / number
            node = first
        elif name == "tanh" and softcap is None:
            node, softcap, factor = first, factor, 1.0
        elif name in ("matmul", "bmm"):
            return _product(trace, node, (factor, softcap), conditions, biases)
        else:
            return None


def _product(
    trace: Trace,
    node: fx.Node,
    scales: tuple[float, float | None],
    conditions: list[Condition],
    biases: list[fx.Node],
) -> Attention | None:
    key = untransposed(trace, arg(node, 1))
    if key is None:
        return None
    factor, softcap = scales
    scale = factor if softcap is None else factor * softcap
    return Attention(
        arg(node, 0), key, key, scale, conditions, biases, softcap=softcap, members=(node,)
    )


def _blocks(value: Any) -> bool:
    return isinstance(value, Real) and float(value) <= BLOCKED


def _added(trace: Trace, first: fx.Node, second: fx.Node) -> tuple[fx.Node, fx.Node]:
    """Tell scores from what is added to them: they come from a product."""
    node = second
    while op(node) in {"mul", "div", *CONVERSIONS}:
        node = arg(node, 0)
    is_scores = op(node) in ("matmul", "bmm") and op(first) not in ("matmul", "bmm", "mul", "div")
    return (second, first) if is_scores else (first, second)


def _attention(trace: Trace, value: fx.Node, found: Attention) -> Match | None:
    """Make the steps of an attention."""
    rank = len(trace.shape(found.query))
    if rank not in (3, 4):
        return None
    match = Match(trace, value, members=found.members)
    mask = find_mask(trace, found.conditions)
    ports = _mask_ports(match, found, mask)
    if ports is None:
        return None
    mask = mask or Mask()
    heads = trace.shape(found.query)[1]
    sources = [_unrepeated(match, x, heads) for x in (found.query, found.key, found.value)]
    if rank == 3:
        single = Reshape(pattern="B T C -> B 1 T C")
        sources = [match.add(single, {"input": x}, outside=False) for x in sources]
    size = trace.shape(found.query)[-1]
    usual = (
        isinstance(size, int)
        and found.scale is not None
        and abs(found.scale * size**0.5 - 1) < 1e-6
    )
    node = ScaledDotProductAttention(
        dropout_p=found.dropout,
        causal=found.causal or mask.causal,
        scale=None if usual else found.scale,
        window=mask.window,
        softcap=found.softcap,
    )
    ports |= dict(zip(("query", "key", "value"), sources, strict=True))
    match.add(node, ports, "attention")
    if rank == 3:
        match.add(Reshape(pattern="B 1 T C -> B T C"), {"input": match.result or sources[0]})
    return match


def _mask_ports(match: Match, found: Attention, mask: Mask | None) -> dict[str, Ref] | None:
    """Connect the mask and the bias; None if there is more than one of a kind that nodes lack."""
    ports: dict[str, Ref] = {}
    biases = list(found.biases)
    if mask is None:
        added = [x for x in found.conditions if x.meaning == "added"]
        others = [x for x in found.conditions if x.meaning != "added"]
        biases += [x.value for x in added]
        if len(others) > 1:
            return None
        for condition in others:
            ports["mask"] = Ref(condition.value)
            if condition.meaning == "blocked":
                ports["mask"] = match.add(InvertMask(), {"mask": ports["mask"]}, "mask")
    elif mask.keys is not None:
        ports["mask"] = match.add(PaddingMask(), {"mask": mask.keys.add(match)}, "padding_mask")
    if len(biases) > 1:
        return None
    return ports | ({"bias": Ref(biases[0])} if biases else {})


def _unrepeated(match: Match, node: fx.Node, heads: Any) -> Ref:
    """Skip the repetition of heads of keys or values, which each serve a group of queries."""
    trace = match.trace
    if not isinstance(heads, int) or len(trace.shape(node)) != 4:
        return Ref(node)
    before, found = node, trace.runs[0][node]
    while op(before) in LAYOUTS | {"expand", "slice", "repeat_interleave"}:
        before = arg(before, 0)
        value, shape = trace.runs[0][before], trace.shape(before)
        if len(shape) != 4:
            continue
        for dim in (1, 2):
            few = shape[dim]
            if not isinstance(few, int) or few >= heads or heads % few:
                continue
            repeated = value.transpose(1, dim).repeat_interleave(heads // few, 1)
            if torch.equal(repeated, found):
                return Ref(before) if dim == 1 else swapped(match, Ref(before), 1, 2)
    return Ref(node)
