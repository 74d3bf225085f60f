"""Commands on edges."""

from collections.abc import Iterable
from dataclasses import replace

from builder.commands.editing import apply_graph, editable_graph
from builder.commands.ports import free_index, kind_error
from builder.document.document import Document, Refused
from builder.document.port_end import PortEnd
from builder.search.compatibility import connection_error
from nodes.core.graphs.graph import PortRef


def connect(document: Document, source: PortRef, target: PortRef) -> Document:
    """Connect two ports; an edge that ends at the target is replaced.

    A variadic target without an index stands for its next free one.
    """
    target = _with_index(document, target)
    require_connectable(document, source, target)
    return apply_graph(document, editable_graph(document).with_edge(source, target))


def require_connectable(document: Document, source: PortRef, target: PortRef) -> None:
    """Check that an edge can join two ports.

    Raises:
        Refused: it cannot.
    """
    graph = editable_graph(document)
    start, end = PortEnd(source, is_input=False), PortEnd(target, is_input=True)
    reason = connection_error(document, None, start, end)
    reason = reason or kind_error(document.model, graph, source, target)
    if reason:
        raise Refused(f"{source} cannot be connected to {target}: {reason}")


def _with_index(document: Document, target: PortRef) -> PortRef:
    graph = editable_graph(document)
    node = graph.nodes.get(target.node)
    ports = document.model.ports(node)[0] if node is not None else ()
    if any(port.variadic and port.name == target.port for port in ports):
        index = free_index(graph.sources[target.node], target.port)
        return PortRef(target.node, f"{target.port}.{index}")
    return target


def disconnect(document: Document, targets: Iterable[PortRef]) -> Document:
    """Remove the edges that end at some ports."""
    removed = frozenset(targets)
    graph = editable_graph(document)
    edges = {target: source for target, source in graph.edges.items() if target not in removed}
    return apply_graph(document, replace(graph, edges=edges))


def move_source(document: Document, old_source: PortRef, new_source: PortRef) -> Document:
    """Move all edges of an output to another output."""
    graph = editable_graph(document)
    targets = [target for target, source in graph.edges.items() if source == old_source]
    if not targets:
        raise Refused(f"no edge starts at {old_source}")
    if old_source == new_source:
        return document
    disconnected = disconnect(document, targets)
    for target in targets:
        require_connectable(disconnected, new_source, target)
    edges = {**graph.edges, **dict.fromkeys(targets, new_source)}
    return apply_graph(document, replace(graph, edges=edges))


def reconnect(document: Document, target: PortRef, new_target: PortRef) -> Document:
    """Move the end of an edge to another port; an edge that ends there is replaced."""
    source = editable_graph(document).edges.get(target)
    if source is None:
        raise Refused(f"no edge ends at {target}")
    if target == new_target:
        return document
    return connect(disconnect(document, [target]), source, new_target)
