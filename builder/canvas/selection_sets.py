"""Selections as sets: union, symmetric difference, and a text for labels."""

from builder.canvas.overlay import HitResult
from builder.document.document import Selection


def hit_selection(hit: HitResult) -> Selection:
    """Select the item of a hit."""
    return Selection(
        frozenset({hit.node} if hit.node else ()),
        frozenset({hit.edge} if hit.edge else ()),
        frozenset({hit.comment} if hit.comment else ()),
    )


def union(first: Selection, second: Selection) -> Selection:
    """Select what is in either selection."""
    return Selection(
        first.nodes | second.nodes, first.edges | second.edges, first.comments | second.comments
    )


def symmetric_difference(first: Selection, second: Selection) -> Selection:
    """Select what is in exactly one of two selections."""
    return Selection(
        first.nodes ^ second.nodes, first.edges ^ second.edges, first.comments ^ second.comments
    )


def describe(selection: Selection) -> str:
    """Describe a selection for a label: "lstm", "3 nodes", "4 items"."""
    names = [*selection.nodes, *map(str, selection.edges), *selection.comments]
    if len(names) == 1:
        return names[0]
    return f"{len(names)} {'nodes' if len(names) == len(selection.nodes) else 'items'}"
