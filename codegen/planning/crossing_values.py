"""The values that an encoder hands to a decoder, each with a name that says what it is for."""

from collections.abc import Collection, Iterator, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.check.graph_use import GraphUse, read_sources
from codegen.check.node_streaming import time_dims
from codegen.planning.checked_access import output_spec
from codegen.source.identifiers import LOCAL_RESERVED, Namespace, identifier
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind

MEMORY = "memory"
"""The usual name of the sequence that an encoder makes, and a decoder attends to."""


def crossing_values(use: GraphUse, part: Collection[str]) -> Mapping[PortRef, str]:
    """Return the values of the encoder that the decoder reads, each with a name for it."""
    readers: dict[PortRef, list[PortRef]] = {}
    for name in (name for name in use.live if name not in part):
        for port, ref in read_sources(use.checked, name).items():
            if ref.node in part:
                readers.setdefault(ref, []).append(PortRef(name, port))
    memory, names = next(_sequences(use.checked, readers), None), Namespace(LOCAL_RESERVED)
    return {
        ref: names.create(
            _first_state(use.checked, found) or (MEMORY if ref == memory else identifier(ref.node))
        )
        for ref, found in readers.items()
    }


def _sequences(checked: CheckedGraph, refs: Collection[PortRef]) -> Iterator[PortRef]:
    """Yield the sequences of features."""
    for ref in refs:
        spec = output_spec(checked, ref)
        if spec.kind is Kind.FEATURES and time_dims(spec):
            yield ref


def _first_state(checked: CheckedGraph, readers: list[PortRef]) -> str:
    """Name a value that is the first state of its only reader; "" for any other value."""
    (reader, *others) = readers
    inner = checked.nodes[reader.node].inner
    states = [] if inner is None else [*inner.graph.states.values()]
    spec = checked.nodes[reader.node].input_specs[reader.port]
    if others or not (spec.kind is Kind.STATE or reader.port in states):
        return ""
    hint = identifier(reader.port)
    return hint if hint.startswith("initial") else f"initial_{hint}"
