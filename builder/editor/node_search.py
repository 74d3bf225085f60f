"""What the search for a node to add lists: all that fits, or all there is."""

import dataclasses
from collections.abc import Iterator

from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.search.compatibility import compatible_items, insertable_items
from builder.search.search import SearchItem, all_items, search
from codegen.check.inference import CheckedGraph
from nodes.core.graphs.port import Input, Port


def is_bound(dialog: AddNode) -> bool:
    """Tell whether only some nodes fit, as the new one is to be connected at once."""
    return any((dialog.source, dialog.target, dialog.edge))


def candidates(
    document: Document, checked: CheckedGraph | None, dialog: AddNode, whole: bool = False
) -> list[SearchItem]:
    """List the nodes that fit, the usual ones first; then the others, if all are wanted."""
    if not is_bound(dialog):
        return all_items(document)
    if dialog.edge is not None:
        fitting = insertable_items(document, dialog.edge, checked)
    elif dialog.source is not None:
        fitting = compatible_items(document, PortEnd(dialog.source, is_input=False), checked)
    else:
        fitting = compatible_items(document, PortEnd(dialog.target, is_input=True), checked)
    if not whole:
        return fitting
    known = {one.key for one in fitting}
    return [*fitting, *(one for one in all_items(document) if one.key not in known)]


def aimed(dialog: AddNode, entry: SearchItem) -> AddNode:
    """Ask for the node alone where it has no port that fits, so that it is not connected."""
    if entry.port:
        return dialog
    return dataclasses.replace(dialog, source=None, target=None, edge=None)


def results(document: Document, listed: list[SearchItem], text: str) -> list[SearchItem]:
    """Rank what is listed by what was typed; what was added last comes first before that."""
    used = [type(node).__name__ for node in document.graph.nodes.values()]
    recent = list(dict.fromkeys(reversed(used)))[:5]
    bound = any(one.port for one in listed)
    return search(text, listed, () if bound else recent)


def purpose(dialog: AddNode) -> str:
    """Say what is searched for, as the empty field shows it."""
    if dialog.replace:
        return f"Replace {dialog.replace} with..."
    if dialog.edge is not None:
        return f"Put a node before {dialog.edge}..."
    if dialog.source is not None:
        return f"Connect {dialog.source} to..."
    if dialog.target is not None:
        return f"Feed {dialog.target} from..."
    return "Search nodes"


def ports(listed: tuple[Port, ...]) -> Iterator[tuple[Port, str]]:
    """Give each port with what is to be known of it: its shape, and whether it may stay free."""
    for port in listed:
        comment = ", any number" if isinstance(port, Input) and port.variadic else ""
        free = isinstance(port, Input) and (port.optional or port.default)
        yield port, f"{port.pattern}{comment}{', optional' if free else ''}"
