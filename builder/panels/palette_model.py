"""What the palette offers: node types by family, or what a search finds among them."""

from collections.abc import Mapping
from dataclasses import dataclass

from builder.document.document import Document
from builder.search.search import SearchItem, all_items, search
from nodes.core.graphs.graph import Model, Point
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Input, Port

GAP = 70.0
"""How far a node that is added lies behind another, in canvas units."""


@dataclass(frozen=True, slots=True)
class PaletteGroup:
    """A family of the palette.

    Attributes:
        title: its name; empty over what a search has found.
        entries: what can be added.
    """

    title: str
    entries: tuple[SearchItem, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What is told of an entry while it is pointed at.

    Attributes:
        doc: what it does, in a sentence.
        ports: each port: whether it is an input, its name, its shape, and what it is.
        aliases: what else people call it.
    """

    doc: str
    ports: tuple[tuple[bool, str, str, str], ...]
    aliases: str


def palette_groups(document: Document, text: str = "") -> tuple[PaletteGroup, ...]:
    """List what can be added to the graph that is edited.

    Args:
        document: the document.
        text: what is searched for; everything by family where it is empty.
    """
    entries = all_items(document)
    if text.strip():
        return (PaletteGroup("", tuple(search(text, entries))),)
    groups: dict[str, list[SearchItem]] = {family.value: [] for family in Category}
    for one in entries:
        groups[one.subtitle].append(one)
    return tuple(PaletteGroup(title, tuple(found)) for title, found in groups.items() if found)


def about(entry: SearchItem, model: Model) -> About:
    """Tell of an entry what its manual page begins with."""
    inputs, outputs = model.ports(entry.node)
    ports = ((isinstance(port, Input), port) for port in (*inputs, *outputs))
    return About(
        entry.doc,
        tuple((is_input, port.name, port.pattern, _told(port)) for is_input, port in ports),
        ", ".join(entry.node_type.aliases[:6]),
    )


def beside(
    after: str | None, positions: Mapping[str, Point], sizes: Mapping[str, tuple[float, float]]
) -> Point | None:
    """Find a free place to the right of a node; None where there is no node."""
    if after not in positions or after not in sizes:
        return None
    (x, y), (wide, tall) = positions[after], sizes[after]
    left, top = x + wide + GAP, y
    near = [at for name, at in positions.items() if name != after]
    while any(abs(a - left) < wide and abs(b - top) < tall for a, b in near):
        top += tall + GAP / 2
    return left, top


def _told(port: Port) -> str:
    words = [port.doc or port.kind.value]
    if isinstance(port, Input):
        words += ["optional"] if port.optional else []
        words += ["any number"] if port.variadic else []
    return ", ".join(words)
