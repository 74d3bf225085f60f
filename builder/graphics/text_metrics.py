"""Text metrics of the fonts that ship with the program; they need no window.

The fonts have the letters of the Latin, Greek and Cyrillic scripts.  Where system fonts are not
used, as in the window, other letters are transliterated, so that names can be told apart.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont

from codegen.source.identifiers import transliterate

FOLDER = Path(__file__).parents[1] / "fonts"
FILES: Mapping[str, str] = {
    "regular": "Inter-Regular.otf",
    "medium": "Inter-Medium.otf",
    "semibold": "Inter-SemiBold.otf",
    "mono": "JetBrainsMono-Regular.ttf",
}
ELLIPSIS = "…"
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


class Style(NamedTuple):
    """A font and a line height, the ``size`` of a `Text`."""

    font: str
    size: float


# A line of Inter is 1.21 em high, a line of JetBrains Mono 1.32 em.
TITLE = Style("semibold", 17.0)
SUBTITLE = Style("medium", 13.5)
PORT = Style("regular", 14.5)
PARAMETER = Style("mono", 14.6)
SHAPE = Style("medium", 13.5)
BODY = Style("regular", 16.0)


@dataclass(frozen=True)
class Face:
    """The metrics of a font, as fractions of the line height.

    Attributes:
        advances: the advance width of each character, by code point.
        missing: the advance width of characters that the font lacks.
        ascent: from the top of the line to the baseline.
        letter: the em size, which other programs call the font size.
    """

    advances: Mapping[int, float]
    missing: float
    ascent: float
    letter: float


@lru_cache(maxsize=len(FILES))
def face(font: str) -> Face:
    """Read the metrics of a font."""
    with TTFont(FOLDER / FILES[font], lazy=True) as file:
        head = file["hhea"]
        line = head.ascent - head.descent
        widths = file["hmtx"].metrics
        return Face(
            {code: widths[glyph][0] / line for code, glyph in file.getBestCmap().items()},
            widths[".notdef"][0] / line,
            head.ascent / line,
            file["head"].unitsPerEm / line,
        )


@lru_cache(maxsize=2**14)
def width(text: str, size: float, font: str = "regular") -> float:
    """Return the width of a line of text."""
    metrics = face(font)
    shown = with_known_glyphs(text, font)
    return size * sum(metrics.advances.get(ord(char), metrics.missing) for char in shown)


def has_glyphs(text: str, font: str = "regular") -> bool:
    """Return whether a font has all characters of a text."""
    if text.isascii():
        return True
    known = face(font).advances
    return all(char.isascii() or ord(char) in known for char in text)


@lru_cache(maxsize=2**14)
def with_known_glyphs(text: str, font: str = "regular") -> str:
    """Transliterate the characters that a font lacks."""
    if has_glyphs(text, font):
        return text
    known = face(font).advances
    shown = transliterate(text, keep=lambda character: ord(character) in known)
    return shown if shown.strip() else text


@lru_cache(maxsize=2**14)
def shortened(text: str, max_width: float, size: float, font: str = "regular") -> str:
    """Shorten a text to a width with an ellipsis; "" if not even the ellipsis fits."""
    if width(text, size, font) <= max_width:
        return text
    left = max_width - width(ELLIPSIS, size, font)
    if left < 0:
        return ""
    counts = range(len(text) + 1)
    fitting = bisect_right(counts, left, key=lambda count: width(text[:count], size, font)) - 1
    return f"{text[:fitting].rstrip()}{ELLIPSIS}"


def wrapped(text: str, max_width: float, style: Style) -> Iterator[str]:
    """Wrap a text to a width, between words; longer words are shortened."""
    for paragraph in text.split("\n"):
        line = ""
        for word in printable(paragraph).split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer, style.size, style.font) > max_width:
                yield shortened(line, max_width, style.size, style.font)
                longer = word
            line = longer
        yield shortened(line, max_width, style.size, style.font)


def printable(text: str) -> str:
    """Replace characters that cannot be drawn, such as controls and surrogates."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _UNPRINTABLE for char in text)
