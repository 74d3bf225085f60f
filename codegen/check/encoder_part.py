"""The part of a model that runs once, before the sequence that grows: an encoder.

`GraphUse` of a model -> the nodes that its inputs of other sizes decide, whatever the sequence that
grows contains.
"""

from collections.abc import Collection

from codegen.check.graph_use import GraphUse
from codegen.check.node_streaming import time_dims
from nodes.core.graphs.graph import InputNode, OutputNode, PortRef


def encoder_part(use: GraphUse) -> frozenset[str]:
    """Return the live nodes that no input with the steps that grow decides, inputs left out."""
    nodes = use.checked.graph.nodes
    reads: dict[str, set[bool]] = {}
    for name in use.checked.graph.input_nodes:
        if spec := use.checked.spec(PortRef(name, "output")):
            reads[name] = {bool(time_dims(spec, use.sequence))}
    if not use.sequence or {False} not in reads.values():
        return frozenset()
    for name in use.live:
        if name not in reads:
            reads[name] = {grows for ref in use.reads(name).values() for grows in reads[ref.node]}
    ends = {name for name, node in nodes.items() if isinstance(node, InputNode | OutputNode)}
    part = {name for name, found in reads.items() if found == {False} and name not in ends}
    constant = {name for name, found in reads.items() if not found}
    return frozenset(part | _constants(use, part, constant))


def _constants(use: GraphUse, part: Collection[str], constant: Collection[str]) -> set[str]:
    """Return the nodes without inputs that the encoder alone reads."""
    readers: dict[str, set[str]] = {name: set() for name in constant}
    for name in use.live:
        for ref in use.reads(name).values():
            if ref.node in readers:
                readers[ref.node].add(name)
    found: set[str] = set()
    for name in reversed([*use.live]):
        if name in readers and readers[name] <= {*part, *found}:
            found.add(name)
    return found
