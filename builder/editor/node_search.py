"""The items of the dialog that adds a node: all that fit, or all there are."""

import dataclasses
from collections.abc import Iterator

from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.search.compatibility import compatible_items, insertable_items
from builder.search.search import SearchItem, all_items, search
from codegen.check.checked_graph import CheckedGraph
from nodes.core.graphs.port import Input, Port

MAX_RECENT = 5
"""The number of recently added types that are listed first."""


def has_connection(dialog: AddNode) -> bool:
    """Return whether the new node is to be connected."""
    return any((dialog.source, dialog.target, dialog.edge))


def candidates(
    document: Document, checked: CheckedGraph | None, dialog: AddNode, whole: bool = False
) -> list[SearchItem]:
    """List the items that fit, then all others if ``whole``."""
    if dialog.edge is not None:
        fitting = insertable_items(document, dialog.edge, checked)
    elif dialog.source is not None:
        fitting = compatible_items(document, PortEnd(dialog.source, is_input=False), checked)
    elif dialog.target is not None:
        fitting = compatible_items(document, PortEnd(dialog.target, is_input=True), checked)
    else:
        return all_items(document)
    if not whole:
        return fitting
    keys = {item.key for item in fitting}
    return [*fitting, *(item for item in all_items(document) if item.key not in keys)]


def unconnected_if_unfit(dialog: AddNode, item: SearchItem) -> AddNode:
    """Drop the connection if the item has no port that fits."""
    if item.port:
        return dialog
    return dataclasses.replace(dialog, source=None, target=None, edge=None)


def results(document: Document, listed: list[SearchItem], text: str) -> list[SearchItem]:
    """Rank the items by a search text; without one, recently added types come first."""
    used = [type(node).__name__ for node in document.graph.nodes.values()]
    recent = list(dict.fromkeys(reversed(used)))[:MAX_RECENT]
    connects = any(item.port for item in listed)
    return search(text, listed, () if connects else recent)


def search_prompt(dialog: AddNode) -> str:
    """Return the placeholder of the search field."""
    if dialog.replace:
        return f"Replace {dialog.replace} with..."
    if dialog.edge is not None:
        return f"Insert a node before {dialog.edge}..."
    if dialog.source is not None:
        return f"Connect {dialog.source} to..."
    if dialog.target is not None:
        return f"Connect {dialog.target} from..."
    return "Search nodes"


def ports(listed: tuple[Port, ...]) -> Iterator[tuple[Port, str]]:
    """Return each port with its pattern, and whether it is variadic or optional."""
    for port in listed:
        variadic = ", any number" if isinstance(port, Input) and port.variadic else ""
        optional = isinstance(port, Input) and (port.optional or port.default)
        yield port, f"{port.pattern}{variadic}{', optional' if optional else ''}"
