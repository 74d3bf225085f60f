"""Shapes as SVG elements, reproducible byte for byte."""

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
    """Compose an SVG document.

    Args:
        title: the accessible title.
        view: left, top, width and height of the view box.
        size: width and height in pixels.
        body: the elements.
    """
    width, height = map(number, size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{" ".join(map(number, view))}" role="img" font-family="{SANS}" '
        f'xml:space="preserve">\n<title>{escape(title)}</title>\n{body}</svg>\n'
    )


def group(shapes: Iterable[Shape], title: str = "", at: Point | None = None) -> str:
    """Group shapes under a title, which is shown as a tooltip."""
    moved = f' transform="translate({number(at[0])} {number(at[1])})"' if at else ""
    title_element = f"<title>{escape(title)}</title>\n" if title else ""
    body = "".join(f"{element(shape)}\n" for shape in shapes)
    return f"<g{moved}>\n{title_element}{body}</g>\n"


def element(shape: Shape) -> str:
    """Write a shape."""
    match shape:
        case Box():
            where = _attributes(x=shape.x, y=shape.y, width=shape.width, height=shape.height)
            round_ = _attributes(rx=min(shape.radius, shape.height / 2)) if shape.radius else ""
            return f"<rect{where}{round_}{_filled(shape)}/>"
        case Disc():
            return f"<circle{_attributes(cx=shape.x, cy=shape.y, r=shape.radius)}{_filled(shape)}/>"
        case Polygon():
            return f"<polygon points={quoteattr(_points(shape.points))}{_filled(shape)}/>"
        case Line():
            return f"<polyline points={quoteattr(_points(shape.points))}{_stroke(shape)}/>"
        case Curve():
            first, *rest = shape.points
            path = f"M{_points([first])}C{_points(rest)}"
            return f"<path d={quoteattr(path)}{_stroke(shape)}/>"
        case Text():
            return _text(shape)


def _text(text: Text) -> str:
    font_face = face(text.font)
    where = _attributes(x=text.x, y=text.y + text.size * font_face.ascent)
    size = _attributes(**{"font-size": text.size * font_face.letter})
    weight = "" if text.font in ("regular", "mono") else f' font-weight="{_WEIGHTS[text.font]}"'
    family = f' font-family="{MONO}"' if text.font == "mono" else ""
    attributes = f"{where}{size}{weight}{family}{_paint('fill', text.colour)}"
    return f"<text{attributes}>{escape(text.text)}</text>"


def _filled(shape: Box | Disc | Polygon) -> str:
    line = ""
    if shape.line[3]:
        line = _paint("stroke", shape.line) + _attributes(**{"stroke-width": shape.thickness})
    return (_paint("fill", shape.fill) if shape.fill[3] else ' fill="none"') + line


def _stroke(shape: Line | Curve) -> str:
    ends = ' stroke-linecap="round" stroke-linejoin="round"' if isinstance(shape, Line) else ""
    thick = _attributes(**{"stroke-width": shape.thickness})
    return f' fill="none"{_paint("stroke", shape.colour)}{thick}{ends}'


def _paint(name: str, colour: Colour) -> str:
    red, green, blue, opacity = colour
    clear = _attributes(**{f"{name}-opacity": opacity / 255}) if opacity < 255 else ""
    return f' {name}="#{red:02x}{green:02x}{blue:02x}"{clear}'


def _attributes(**values: float) -> str:
    return "".join(f' {name}="{number(value)}"' for name, value in values.items())


def _points(points: Iterable[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def number(value: float) -> str:
    """Format a number with at most two decimal places."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
