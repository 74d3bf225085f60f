"""The kinds and names of the ports of blocks."""

from typing import NamedTuple

import torch
from torch import fx

from builder.importing.rules.steps import Step
from builder.importing.tracing.trace import Trace
from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind
from nodes.io.block_input import BlockInput

Value = tuple[fx.Node | Step, str]

_NAMES = {
    Kind.FEATURES: "x",
    Kind.TOKENS: "tokens",
    Kind.MASK: "mask",
    Kind.LENGTHS: "lengths",
    Kind.STATE: "state",
    Kind.ANY: "x",
}


class SourceKind(NamedTuple):
    """The kind of a value, and a name for a port that takes it."""

    kind: Kind
    name: str


def source_kind(trace: Trace, value: Value) -> SourceKind:
    """Return the kind of a value."""
    source, port = value
    if isinstance(source, fx.Node):
        kind = trace.example(source).node().outputs[0].kind
    else:
        output = source.node.find_output(port)
        kind = output.kind if output is not None else Kind.ANY
        if kind is Kind.ANY and source.computes is not None:
            kind = _kind_of(trace.dtype(source.computes))
    return SourceKind(kind, _NAMES[kind])


def _kind_of(dtype: torch.dtype | None) -> Kind:
    if dtype is None:
        return Kind.ANY
    if dtype.is_floating_point:
        return Kind.FEATURES
    return Kind.MASK if dtype is torch.bool else Kind.TOKENS


def input_node(trace: Trace, value: Value, is_first: bool) -> Node:
    """Make the input of a block that takes a value; the first one shows its shape."""
    source, _ = value
    kind = source_kind(trace, value).kind
    computed = source if isinstance(source, fx.Node) else source.computes
    shape = "..."
    if computed is not None and trace.dtype(computed) is not None:
        sizes = [str(size) for size in trace.shape(computed)]
        if sizes[:2] in (["B", "T"], ["B", "S"]) and len(sizes) == 3 and is_first:
            shape = " ".join([*sizes[:2], "C"])
    return BlockInput.model_validate({"kind": kind.value, "shape": shape})
