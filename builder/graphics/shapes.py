"""Drawing primitives; the window and picture files draw the same ones."""

from dataclasses import dataclass

Point = tuple[float, float]
Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, from 0 to 255."""

CLEAR: Colour = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with rounded corners; its outline is centred on its edges."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour = CLEAR
    line: Colour = CLEAR
    thickness: float = 1.0
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; x is the left end, y the top of the line.

    Attributes:
        font: "regular", "medium", "semibold" or "mono".
        size: the height of the line.
    """

    x: float
    y: float
    text: str
    size: float
    colour: Colour
    font: str = "regular"


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: Colour
    line: Colour = CLEAR
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled polygon."""

    points: tuple[Point, ...]
    fill: Colour
    line: Colour = CLEAR
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline."""

    points: tuple[Point, ...]
    colour: Colour
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A chain of cubic Bezier curves: 4 points for the first, 3 for each further one."""

    points: tuple[Point, ...]
    colour: Colour
    thickness: float = 2.0


Shape = Box | Text | Disc | Polygon | Line | Curve
