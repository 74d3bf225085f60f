"""The names of values that say what they are for, where the node that computes them does not.

* What a port ``memory`` reads is the memory, whatever node made it.
* A part of a split, and any other output whose port has no telling name, is named after the one
  port or node that reads it; the first part keeps the name of the split otherwise.
"""

from collections.abc import Collection, Mapping

from codegen.check.checked_graph import CheckedGraph
from codegen.source.identifiers import identifier
from nodes.core.graphs.graph import InputNode, OutputNode, PortRef
from nodes.core.graphs.node import Node

ROLES = frozenset({"memory"})
"""The ports whose name is that of what they read."""

UNTELLING = frozenset({"first", "second", "attention"})
"""The outputs whose own name says little beside that of the first."""

GENERAL = frozenset({"input", "first", "second", "left", "right", "x"})
"""The inputs whose name says nothing of what they read."""


def find_roles(checked: CheckedGraph, live: Collection[str]) -> Mapping[PortRef, str]:
    """Find the role of each value that has one, by its port."""
    roles: dict[PortRef, str] = {}
    readers: dict[PortRef, list[PortRef]] = {}
    for reader in live:
        for port, source in checked.sources[reader].items():
            readers.setdefault(source, []).append(PortRef(reader, port))
    for source, targets in readers.items():
        node = checked.graph.nodes[source.node]
        if isinstance(node, InputNode):
            continue
        named = [target.port for target in targets if target.port in ROLES]
        if named:
            roles[source] = named[0]
        elif source.port in UNTELLING:
            roles[source] = _by_reader(checked, source, targets) or _own_name(source)
    return roles


def _by_reader(checked: CheckedGraph, source: PortRef, targets: list[PortRef]) -> str:
    """Name a value after the port or the node that reads it; "" if neither is telling."""
    (target, *others) = targets
    node, own = checked.graph.nodes[target.node], identifier(target.node)
    if others or "." in target.port:
        return ""
    if isinstance(node, OutputNode):
        return own
    if target.port not in GENERAL:
        return identifier(target.port)
    is_followed = source.port != "first" and len(checked.sources[target.node]) == 1
    return own if is_followed and not _is_default(own, node) else ""


def _own_name(source: PortRef) -> str:
    return "" if source.port == "first" else identifier(f"{source.node}_{source.port}")


def _is_default(name: str, node: Node) -> bool:
    kind = identifier(type(node).__name__)
    stem, _, number = name.rpartition("_")
    return name == kind or (stem == kind and number.isdecimal())
