"""The values that an encoder hands to a decoder, each with a name that says what it is for."""

from collections.abc import Collection, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.check.graph_use import GraphUse
from codegen.check.node_streaming import time_dims
from codegen.planning.checked_access import output_spec
from codegen.source.identifiers import LOCAL_RESERVED, Namespace, identifier
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind, TensorSpec

MEMORY = "memory"
"""The usual name of the sequence that an encoder makes, and a decoder attends to."""


def crossing_values(use: GraphUse, part: Collection[str]) -> Mapping[PortRef, str]:
    """Return the values of the encoder that the decoder reads, each with a name for it."""
    readers: dict[PortRef, list[PortRef]] = {}
    for name in (name for name in use.live if name not in part):
        for port, ref in use.reads(name).items():
            if ref.node in part:
                readers.setdefault(ref, []).append(PortRef(name, port))
    memory = next((ref for ref in readers if _is_sequence(output_spec(use.checked, ref))), None)
    names = Namespace(LOCAL_RESERVED)
    return {
        ref: names.create(
            _first_state(use.checked, found) or (MEMORY if ref == memory else identifier(ref.node))
        )
        for ref, found in readers.items()
    }


def _is_sequence(spec: TensorSpec) -> bool:
    return spec.kind is Kind.FEATURES and bool(time_dims(spec))


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
