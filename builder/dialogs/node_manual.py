"""The manual pages of the nodes, made from their classes."""

from collections.abc import Iterator, Mapping
from typing import Any

from nodes.core.graphs.node import Category, Node, manual
from nodes.core.graphs.port import Input, Port
from nodes.core.shapes.dim import Dim, show


def catalogue(types: Mapping[str, type[Node]]) -> Iterator[tuple[str, str, str]]:
    """List the node types by family, each with its first sentence."""
    families = list(Category)
    for name, one in sorted(types.items(), key=lambda item: families.index(item[1].category)):
        yield one.category.value, name, manual(one).partition("\n")[0]


def find_node(types: Mapping[str, type[Node]], name: str) -> type[Node] | None:
    """Find a node type by its name, or as the first that people call so."""
    wanted = name.lower()
    called = (one for one in types.values() if wanted in map(str.lower, one.aliases))
    return next((one for key, one in types.items() if key.lower() == wanted), next(called, None))


def manual_page(node_type: type[Node]) -> str:
    """Write the manual page of a node type."""
    lines = [f"{node_type.__name__} ({node_type.category.value})", "", manual(node_type), ""]
    if node_type.aliases:
        lines += [f"Also called: {', '.join(node_type.aliases)}", ""]
    lines += ["Inputs:", *_ports(node_type.inputs), ""]
    lines += ["Outputs:", *_ports(node_type.outputs)]
    if node_type.model_fields:
        lines += ["", "Defaults:"]
        for name, info in node_type.model_fields.items():
            default = "required" if info.is_required() else _default(info.default)
            lines.append(f"    {name} = {default}")
    return "\n".join(lines)


def node_as_data(node_type: type[Node]) -> dict[str, Any]:
    """Describe a node type as plain data."""
    return {
        "type": node_type.__name__,
        "family": node_type.category.value,
        "summary": manual(node_type).partition("\n")[0],
        "manual": manual(node_type),
        "aliases": list(node_type.aliases),
        "inputs": [_port(port) for port in node_type.inputs],
        "outputs": [_port(port) for port in node_type.outputs],
        "parameters": node_type.model_json_schema().get("properties", {}),
    }


def _ports(ports: tuple[Port, ...]) -> list[str]:
    listed = []
    for port in ports:
        comments = [port.kind.value]
        if isinstance(port, Input):
            comments += ["optional"] if port.optional else []
            comments += [f"else the same as {port.default}"] if port.default else []
            comments += ["any number"] if port.variadic else []
        listed.append(
            f"    {port.name}: {port.pattern}  ({', '.join(comments)})  {port.doc}".rstrip()
        )
    return listed or ["    none"]


def _port(port: Port) -> dict[str, Any]:
    data = {"name": port.name, "shape": port.pattern, "kind": port.kind.value, "doc": port.doc}
    if isinstance(port, Input):
        data |= {"optional": port.optional, "default": port.default, "variadic": port.variadic}
    return data


def _default(value: object) -> str:
    return show(value) if isinstance(value, Dim) else ascii(value) if value != "" else '""'
