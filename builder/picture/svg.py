"""Plain shapes as SVG: text that every program reads the same, byte for byte."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from builder.graphics.shapes import (
    Box,
    Colour,
    Curve,
    Disc,
    Line,
    Point,
    Polygon,
    Shape,
    Text,
)
from builder.graphics.text_metrics import face

SANS = "Inter, 'Helvetica Neue', Arial, sans-serif"
MONO = "'JetBrains Mono', Menlo, Consolas, monospace"
_WEIGHTS = {"regular": 400, "medium": 500, "semibold": 600, "mono": 400}


def page(title: str, view: tuple[float, float, float, float], size: Point, body: str) -> str:
    """Put a picture together.

    Args:
        title: what is told to those who do not see it.
        view: left, top, width and height of what is shown.
        size: its width and height in pixels.
        body: the elements.
    """
    across, down = map(number, size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" '
        f'viewBox="{" ".join(map(number, view))}" role="img" font-family="{SANS}" '
        f'xml:space="preserve">\n<title>{escape(title)}</title>\n{body}</svg>\n'
    )


def group(shapes: Iterable[Shape], title: str = "", at: Point | None = None) -> str:
    """Hold shapes together, under a title that shows when they are pointed at."""
    moved = f' transform="translate({number(at[0])} {number(at[1])})"' if at else ""
    told = f"<title>{escape(title)}</title>\n" if title else ""
    body = "".join(f"{element(shape)}\n" for shape in shapes)
    return f"<g{moved}>\n{told}{body}</g>\n"


def element(shape: Shape) -> str:
    """Write a shape."""
    match shape:
        case Box():
            where = _told(x=shape.x, y=shape.y, width=shape.width, height=shape.height)
            round_ = _told(rx=min(shape.radius, shape.height / 2)) if shape.radius else ""
            return f"<rect{where}{round_}{_painted(shape)}/>"
        case Disc():
            return f"<circle{_told(cx=shape.x, cy=shape.y, r=shape.radius)}{_painted(shape)}/>"
        case Polygon():
            return f"<polygon points={quoteattr(_points(shape.points))}{_painted(shape)}/>"
        case Line():
            return f"<polyline points={quoteattr(_points(shape.points))}{_drawn(shape)}/>"
        case Curve():
            first, *rest = shape.points
            way = f"M{_points([first])}C{_points(rest)}"
            return f"<path d={quoteattr(way)}{_drawn(shape)}/>"
        case Text():
            return _written(shape)


def _written(text: Text) -> str:
    known = face(text.font)
    where = _told(x=text.x, y=text.y + text.size * known.ascent)
    size = _told(**{"font-size": text.size * known.letter})
    weight = "" if text.font in ("regular", "mono") else f' font-weight="{_WEIGHTS[text.font]}"'
    family = f' font-family="{MONO}"' if text.font == "mono" else ""
    return (
        f"<text{where}{size}{weight}{family}{_ink('fill', text.colour)}>{escape(text.text)}</text>"
    )


def _painted(shape: Box | Disc | Polygon) -> str:
    line = ""
    if shape.line[3]:
        line = _ink("stroke", shape.line) + _told(**{"stroke-width": shape.thickness})
    return (_ink("fill", shape.fill) if shape.fill[3] else ' fill="none"') + line


def _drawn(shape: Line | Curve) -> str:
    ends = ' stroke-linecap="round" stroke-linejoin="round"' if isinstance(shape, Line) else ""
    thick = _told(**{"stroke-width": shape.thickness})
    return f' fill="none"{_ink("stroke", shape.colour)}{thick}{ends}'


def _ink(name: str, colour: Colour) -> str:
    red, green, blue, opacity = colour
    clear = _told(**{f"{name}-opacity": opacity / 255}) if opacity < 255 else ""
    return f' {name}="#{red:02x}{green:02x}{blue:02x}"{clear}'


def _told(**values: float) -> str:
    return "".join(f' {name}="{number(value)}"' for name, value in values.items())


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def number(value: float) -> str:
    """Write a number as short as two places after the point allow."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
