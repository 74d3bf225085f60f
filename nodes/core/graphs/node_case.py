"""The cases that a node is tested with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodes.core.graphs.node import Node
from nodes.core.graphs.port import Kind


@dataclass(frozen=True)
class Case:
    """A node, and the inputs it is tested with.

    Attributes:
        node: its parameters.
        spread: what ``...`` stands for in the patterns of its inputs.
        sizes: what other words stand for; a prime, or a name, of a size that is free if it can be.
        input_patterns: the shapes at its inputs, where its own patterns do not determine them.
        kinds: the kinds to choose from for inputs that accept any kind.
        without: sets of inputs that may stay unconnected together, if not any of the optional.
    """

    node: Node
    spread: str = "B T 3"
    sizes: Mapping[str, int | str] = field(default_factory=dict)
    input_patterns: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = (Kind.FEATURES, Kind.TOKENS, Kind.MASK, Kind.STATE)
    without: tuple[str, ...] | None = None
