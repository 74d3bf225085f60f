"""One end of an edge."""

from dataclasses import dataclass

from nodes.core.graphs.graph import PortRef


@dataclass(frozen=True, slots=True)
class PortEnd:
    """A port as one end of an edge: a node may have an input and an output of one name."""

    ref: PortRef
    is_input: bool
