"""Mouse events, in pixels of the window; `builder.actions.keymap` handles the keyboard."""

from dataclasses import dataclass

from builder.graphics.shapes import Point

LEFT, RIGHT, MIDDLE = "left", "right", "middle"

Held = frozenset[str]
"""The keys held down: "shift", "ctrl", "alt", "space", "y"."""

NO_KEYS: Held = frozenset()


@dataclass(frozen=True, slots=True)
class Press:
    """A button goes down at a pixel; ``time`` is in seconds."""

    button: str
    pixel: Point
    time: float
    held: Held = NO_KEYS


@dataclass(frozen=True, slots=True)
class Move:
    """The pointer goes to a pixel."""

    pixel: Point
    time: float
    held: Held = NO_KEYS


@dataclass(frozen=True, slots=True)
class Release:
    """A button comes up at a pixel."""

    button: str
    pixel: Point
    time: float
    held: Held = NO_KEYS


@dataclass(frozen=True, slots=True)
class PaletteMove:
    """Something from the palette is carried over the canvas, or dropped there: a node type."""

    type: str
    pixel: Point
    dropped: bool = False
    held: Held = NO_KEYS


@dataclass(frozen=True, slots=True)
class Escape:
    """The gesture at hand is to be given up."""


Event = Press | Move | Release | PaletteMove | Escape
