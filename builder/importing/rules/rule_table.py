"""All rules, in the order in which they are tried, and what becomes of operators without one.

A rule takes a traced model and the operator of one value, and returns the steps that compute the
value, or None. What its steps read is matched next, so a rule that covers more comes first.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import torch
from torch import fx

from builder.importing.rules import elementwise_rules as elements
from builder.importing.rules import layer_rules as layers
from builder.importing.rules import layout_rules as layouts
from builder.importing.rules.attention_rules import fused_attention, written_attention
from builder.importing.rules.pooling_rules import pooling
from builder.importing.rules.position_rules import (
    added_positions,
    learned_tokens,
    step_numbers,
)
from builder.importing.rules.recurrent_rules import recurrent, recurrent_output
from builder.importing.rules.region_rules import rotary, written_function, written_norm
from builder.importing.rules.shift_rules import shifted
from builder.importing.rules.steps import Match, Ref, Rule, Step, apply
from builder.importing.rules.transformer_rules import (
    attention_call,
    transformer_call,
    transformer_output,
)
from builder.importing.tracing.operators import arg, op
from builder.importing.tracing.trace import Trace
from nodes.core.graphs.unknown_node import Unknown

RULES: Sequence[Rule] = (
    layouts.converted,
    recurrent_output,
    recurrent,
    transformer_output,
    attention_call,
    transformer_call,
    fused_attention,
    written_attention,
    layers.linear,
    layers.embedding,
    layers.layer_norm,
    layers.dropout,
    layers.conv1d,
    layers.max_pool1d,
    added_positions,
    pooling,
    shifted,
    written_norm,
    rotary,
    written_function,
    elements.function,
    elements.reduction,
    elements.layer_scale,
    elements.addition,
    elements.multiplication,
    elements.gated_linear_unit,
    elements.logic,
    elements.matrix_product,
    step_numbers,
    learned_tokens,
    layouts.layout,
    layouts.halves,
    layouts.slices,
    layouts.select,
    layouts.joined,
    layouts.expand,
    layouts.reverse,
)


def matched(trace: Trace, value: fx.Node) -> Match:
    """Return what the first rule that applies makes of a value, or a node of an unknown type."""
    for rule in RULES:
        match = apply(rule, trace, value)
        if match is not None and match.result is not None:
            if isinstance(match.result.of, Step) and not match.result.port:
                match.result.of.computes = value
            return match
    return unknown(trace, value)


def unknown(trace: Trace, value: fx.Node) -> Match:
    """Keep an operator as a node of a type that is not installed, which the check reports."""
    if op(value) == "getitem":
        return Match(trace, value).alias(Ref(arg(value, 0), f"output_{arg(value, 1)}"))
    name = f"aten.{op(value)}" if op(value) else "constant"
    if trace.weight(value):
        name = "weight"
    inputs: dict[str, Ref | fx.Node] = {}
    parameters: dict[str, Any] = {}
    schema = getattr(value.target, "_schema", None)
    declared = [one.name for one in schema.arguments] if schema is not None else []
    given = {**dict(zip(declared, value.args, strict=False)), **value.kwargs}
    for key, argument in given.items():
        if _is_tensor(argument):
            inputs[key] = argument
        elif isinstance(argument, list) and any(isinstance(one, fx.Node) for one in argument):
            inputs |= {f"{key}_{i}": one for i, one in enumerate(argument) if _is_tensor(one)}
        elif not isinstance(argument, torch.device | type(None)):
            parameters[key] = _plain(trace, argument)
    if value.op == "get_attr":
        parameters["name"] = str(value.target).removeprefix("model.")
    match = Match(trace, value)
    match.add(Unknown(type=name, parameters=parameters), inputs, op(value) or "constant")
    match.result = Ref(match.steps[-1], "output")
    return match


def _is_tensor(argument: Any) -> bool:
    return isinstance(argument, fx.Node) and isinstance(argument.meta.get("val"), torch.Tensor)


def _plain(trace: Trace, argument: Any) -> Any:
    """Return an argument as it can be written in a file."""
    if isinstance(argument, list | tuple):
        return [_plain(trace, one) for one in argument]
    if isinstance(argument, fx.Node):
        return str(trace.size(argument)) if argument.meta.get("val") is not None else ""
    if isinstance(argument, float) and not isfinite(argument):
        return str(argument)
    return argument if isinstance(argument, bool | int | float | str) else str(argument)
