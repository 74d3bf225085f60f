"""The scaling of the frequencies of rotary positions: its types, and their parameters."""

from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.core.graphs.node import Node, ParameterError
from nodes.core.shapes.dim import AnyDim

RopeType = Literal["default", "linear", "ntk", "llama3", "yarn"]

CONTEXT = "original_max_position_embeddings"
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "default": (),
    "linear": ("factor",),
    "ntk": ("factor",),
    "llama3": ("factor", CONTEXT, "low_freq_factor", "high_freq_factor"),
    "yarn": ("factor", CONTEXT, "beta_fast", "beta_slow", "attention_factor", "truncate"),
}
"""The parameters that each type reads."""

EVERY_OPTION = tuple(dict.fromkeys(name for names in OPTIONS.values() for name in names))


def missing_context(rope_type: RopeType, context: AnyDim | None) -> Iterator[ParameterError]:
    """Yield the error of a type that needs the context length of the training before."""
    if CONTEXT in OPTIONS[rope_type] and context is None:
        message = f"expected the context length of the training before {rope_type}, got none"
        yield ParameterError(CONTEXT, message, (8192,))


def idle_parameters(
    node: Node, rope_type: RopeType, spelling: Mapping[str, str] | None = None
) -> Iterator[ParameterError]:
    """Yield the parameters that are given, but that the type does not read.

    Args:
        node: the node that has the parameters.
        rope_type: the type.
        spelling: the parameters that have another name at this node.
    """
    for option in EVERY_OPTION:
        name = (spelling or {}).get(option, option)
        if name in type(node).model_fields and option not in OPTIONS[rope_type]:
            default = type(node).model_fields[name].default
            for value in node.changed(name).values():
                message = f"expected {default}, as rope_type {rope_type} does not use it"
                yield ParameterError(name, f"{message}, got {value}", (default,))
