"""How much of a card is drawn: what could not be read from so far away is left out."""

from enum import IntEnum


class Detail(IntEnum):
    """A level of detail; the more, the greater."""

    BOX = 0
    """The card as a patch in the colour of its family."""
    PLAIN = 1
    """The card with its title and its ports, without small text."""
    FULL = 2
    """Everything."""


def detail_at(zoom: float) -> Detail:
    """Tell what is drawn at so many pixels a canvas unit."""
    if zoom >= 0.5:
        return Detail.FULL
    return Detail.PLAIN if zoom >= 0.25 else Detail.BOX
