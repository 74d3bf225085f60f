"""What pictures are made of: the window and the files of pictures draw the same shapes."""

from dataclasses import dataclass

Point = tuple[float, float]
Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, from 0 to 255."""

CLEAR: Colour = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, its corners rounded; the outline lies on the edge."""

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
    """A line of text; x is its left end, y the top of its line.

    Attributes:
        font: "regular", "medium", "semibold" or "mono".
        size: of the font; the line is as high.
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
    """A line through points."""

    points: tuple[Point, ...]
    colour: Colour
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Cubic Bezier curves one after the other: 4 points, and 3 more for each that follows."""

    points: tuple[Point, ...]
    colour: Colour
    thickness: float = 2.0


Shape = Box | Text | Disc | Polygon | Line | Curve
