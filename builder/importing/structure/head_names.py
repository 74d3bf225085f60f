"""Names what leads to the queries, keys and values of an attention after them."""

from builder.importing.rules.steps import Step, Steps
from nodes.attention.scaled_dot_product_attention import ScaledDotProductAttention
from nodes.attention.split_heads import SplitHeads
from nodes.core.graphs.node import Node
from nodes.position.rotary_encoding import RotaryEncoding
from nodes.reshape.slice import Slice

_NAMES: dict[type[Node], str] = {
    SplitHeads: "{}_heads",
    RotaryEncoding: "rotary_{}",
    Slice: "{}",
}
"""The name of a node that leads to queries (q), keys (k) or values (v)."""


def name_heads(steps: Steps) -> None:
    """Name the steps before each attention that have no name of their own."""
    for step in steps.ordered:
        if isinstance(step.node, ScaledDotProductAttention):
            for port in ("query", "key", "value"):
                _name_before(steps, step, port)


def _name_before(steps: Steps, attention: Step, port: str) -> None:
    source = steps.sources[attention][port].of
    while isinstance(source, Step) and type(source.node) in _NAMES:
        if not source.path and len(steps.readers(source)) == 1:
            source.name = _NAMES[type(source.node)].format(port[0])
        source = steps.sources[source]["input"].of
