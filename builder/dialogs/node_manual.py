"""The manual pages of node types, generated from their classes."""

from collections.abc import Iterator, Mapping
from typing import Any

from nodes.core.graphs.node import Category, Node, manual
from nodes.core.graphs.port import Input, Port
from nodes.core.shapes.dim import Dim, show


def catalogue(types: Mapping[str, type[Node]]) -> Iterator[tuple[str, str, str]]:
    """List category, name and first sentence of each node type, by category."""
    order = list(Category)
    for name, node_type in sorted(types.items(), key=lambda item: order.index(item[1].category)):
        yield node_type.category.value, name, manual(node_type).partition("\n")[0]


def find_node(types: Mapping[str, type[Node]], name: str) -> type[Node] | None:
    """Find a node type by its name, else by an alias; case does not matter."""
    folded = name.lower()
    by_name = (type_ for key, type_ in types.items() if key.lower() == folded)
    by_alias = (type_ for type_ in types.values() if folded in map(str.lower, type_.aliases))
    return next(by_name, next(by_alias, None))


def manual_page(node_type: type[Node]) -> str:
    """Format the manual page of a node type."""
    lines = [f"{node_type.__name__} ({node_type.category.value})", "", manual(node_type), ""]
    if node_type.origin:
        lines += [f"A custom node of {node_type.origin}.", ""]
    if node_type.aliases:
        lines += [f"Also called: {', '.join(node_type.aliases)}", ""]
    lines += ["Inputs:", *_ports(node_type.inputs), ""]
    lines += ["Outputs:", *_ports(node_type.outputs)]
    if node_type.model_fields:
        lines += ["", "Defaults:"]
        for name, info in node_type.model_fields.items():
            default = "required" if info.is_required() else parameter_default(info.default)
            lines.append(f"    {name} = {default}")
    return "\n".join(lines)


def node_as_data(node_type: type[Node]) -> dict[str, Any]:
    """Return the manual of a node type as JSON data."""
    return {
        "type": node_type.__name__,
        "family": node_type.category.value,
        "origin": node_type.origin,
        "summary": manual(node_type).partition("\n")[0],
        "manual": manual(node_type),
        "aliases": list(node_type.aliases),
        "inputs": [_port(port) for port in node_type.inputs],
        "outputs": [_port(port) for port in node_type.outputs],
        "parameters": node_type.model_json_schema().get("properties", {}),
    }


def _ports(ports: tuple[Port, ...]) -> list[str]:
    lines = []
    for port in ports:
        notes = [port.kind.value]
        if isinstance(port, Input):
            notes += ["optional"] if port.optional else []
            notes += [f"defaults to {port.default}"] if port.default else []
            notes += ["any number"] if port.variadic else []
        lines.append(f"    {port.name}: {port.pattern}  ({', '.join(notes)})  {port.doc}".rstrip())
    return lines or ["    none"]


def _port(port: Port) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": port.name,
        "shape": port.pattern,
        "kind": port.kind.value,
        "doc": port.doc,
    }
    if isinstance(port, Input):
        data |= {"optional": port.optional, "default": port.default, "variadic": port.variadic}
    return data


def parameter_default(value: object) -> str:
    """Write the default of a parameter."""
    return show(value) if isinstance(value, Dim) else repr(value) if value != "" else '""'
