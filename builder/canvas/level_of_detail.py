"""The level of detail of cards and edges: text too small to be read is not drawn."""

from enum import IntEnum


class Detail(IntEnum):
    """A level of detail, ordered from the least to the most."""

    BOX = 0
    """The card as a rectangle in the colour of its category."""
    PLAIN = 1
    """The card with its title and ports, without small text."""
    FULL = 2
    """The whole card."""


def detail_at(zoom: float) -> Detail:
    """Return the level of detail at a zoom, in pixels per canvas unit."""
    if zoom >= 0.5:
        return Detail.FULL
    return Detail.PLAIN if zoom >= 0.25 else Detail.BOX
