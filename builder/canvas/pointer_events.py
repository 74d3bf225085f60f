"""Mouse events, in pixels of the window; `builder.actions.keymap` handles the keyboard."""

from dataclasses import dataclass

from builder.graphics.shapes import Point

LEFT, RIGHT, MIDDLE = "left", "right", "middle"

Modifiers = frozenset[str]
"""The keys that are down: "shift", "ctrl", "alt", "space", "y"."""

NO_MODIFIERS: Modifiers = frozenset()


@dataclass(frozen=True, slots=True)
class Press:
    """A mouse button is pressed; ``time`` is in seconds."""

    button: str
    pixel: Point
    time: float
    modifiers: Modifiers = NO_MODIFIERS


@dataclass(frozen=True, slots=True)
class Move:
    """The pointer moves to a pixel."""

    pixel: Point
    time: float
    modifiers: Modifiers = NO_MODIFIERS


@dataclass(frozen=True, slots=True)
class Release:
    """A mouse button is released."""

    button: str
    pixel: Point
    time: float
    modifiers: Modifiers = NO_MODIFIERS


@dataclass(frozen=True, slots=True)
class PaletteMove:
    """A palette item is dragged over the canvas, or dropped on it.

    Attributes:
        type: the key of the item: a node type, or ``block:`` and a name.
        pixel: the position of the pointer.
        dropped: the button was released.
        modifiers: the keys that are down.
    """

    type: str
    pixel: Point
    dropped: bool = False
    modifiers: Modifiers = NO_MODIFIERS


@dataclass(frozen=True, slots=True)
class Escape:
    """The gesture in progress is cancelled."""


Event = Press | Move | Release | PaletteMove | Escape
