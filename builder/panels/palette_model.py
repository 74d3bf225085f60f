"""The palette: node types by category, or those that a search finds."""

from collections.abc import Mapping
from dataclasses import dataclass

from builder.document.document import Document
from builder.search.search import SearchItem, all_items, search
from nodes.core.graphs.graph import Model, Point
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Input, Port
from nodes.library.library import with_library

GAP = 70.0
"""Between a node and the one added after it, in canvas units."""
MAX_ALIASES = 6


@dataclass(frozen=True, slots=True)
class PaletteGroup:
    """A group of the palette.

    Attributes:
        title: the category; empty for search results.
        entries: the items that can be added.
    """

    title: str
    entries: tuple[SearchItem, ...]


@dataclass(frozen=True, slots=True)
class EntryDetails:
    """The tooltip of an item.

    Attributes:
        doc: a sentence of documentation.
        ports: for each port, whether it is an input, its name, its shape, and its documentation.
        aliases: other names of the node type.
        origin: where a custom node comes from; empty for any other.
    """

    doc: str
    ports: tuple[tuple[bool, str, str, str], ...]
    aliases: str
    origin: str = ""


def palette_groups(document: Document, text: str = "") -> tuple[PaletteGroup, ...]:
    """List what can be added to the active graph.

    Args:
        document: the document.
        text: the search text; if empty, all items are listed by category.
    """
    entries = all_items(document)
    if text.strip():
        return (PaletteGroup("", tuple(search(text, entries))),)
    groups: dict[str, list[SearchItem]] = {category.value: [] for category in Category}
    for entry in entries:
        groups[entry.subtitle].append(entry)
    return tuple(PaletteGroup(title, tuple(found)) for title, found in groups.items() if found)


def entry_details(entry: SearchItem, model: Model) -> EntryDetails:
    """Return the tooltip of an item."""
    inputs, outputs = with_library(model).ports(entry.node)
    ports: tuple[Port, ...] = (*inputs, *outputs)
    return EntryDetails(
        entry.doc,
        tuple(
            (isinstance(port, Input), port.name, port.pattern, _port_doc(port)) for port in ports
        ),
        ", ".join(entry.node_type.aliases[:MAX_ALIASES]),
        entry.origin,
    )


def position_beside(
    after: str | None, positions: Mapping[str, Point], sizes: Mapping[str, tuple[float, float]]
) -> Point | None:
    """Find a free position to the right of a node; None if there is no such node."""
    if after is None or after not in positions or after not in sizes:
        return None
    (x, y), (width, height) = positions[after], sizes[after]
    left, top = x + width + GAP, y
    others = [at for name, at in positions.items() if name != after]
    while any(abs(a - left) < width and abs(b - top) < height for a, b in others):
        top += height + GAP / 2
    return left, top


def _port_doc(port: Port) -> str:
    words = [port.doc or port.kind.value]
    if isinstance(port, Input):
        words += ["optional"] if port.optional else []
        words += ["any number"] if port.variadic else []
    return ", ".join(words)
