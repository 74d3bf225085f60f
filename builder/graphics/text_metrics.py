"""How wide texts are, measured in the fonts that ship with the program; no window is needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont

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
    """A font and the height of its lines, which is what a `Text` calls its size."""

    font: str
    size: float


# Inter's lines are 1.21 times as high as its letters are large, JetBrains Mono's 1.32 times.
TITLE = Style("semibold", 17.0)
SUBTITLE = Style("medium", 13.5)
PORT = Style("regular", 14.5)
PARAMETER = Style("mono", 14.6)
SHAPE = Style("medium", 13.5)
BODY = Style("regular", 16.0)


@dataclass(frozen=True)
class Face:
    """The measures of a font, as shares of the height of its lines.

    Attributes:
        advances: how far each character, by its number, moves what follows.
        missing: how far a character moves that the font does not have.
        ascent: how far the letters stand below the top of the line.
        letter: how large the letters are: the size that other programs give a font.
    """

    advances: Mapping[int, float]
    missing: float
    ascent: float
    letter: float


@lru_cache(maxsize=len(FILES))
def face(font: str) -> Face:
    """Read the measures of a font."""
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
    """Measure a line of text."""
    known = face(font)
    return size * sum(known.advances.get(ord(sign), known.missing) for sign in text)


@lru_cache(maxsize=2**14)
def shortened(text: str, room: float, size: float, font: str = "regular") -> str:
    """Cut a text off where it leaves its room, with an ellipsis; "" where nothing fits at all."""
    if width(text, size, font) <= room:
        return text
    known = face(font)
    left = room / size - known.advances[ord(ELLIPSIS)]
    if left < 0:
        return ""
    for count, sign in enumerate(text):
        left -= known.advances.get(ord(sign), known.missing)
        if left < 0:
            return f"{text[:count].rstrip()}{ELLIPSIS}"
    return text


def wrapped(text: str, room: float, style: Style) -> Iterator[str]:
    """Break a text into lines that fit, between words where that is possible."""
    for paragraph in text.split("\n"):
        line = ""
        for word in printable(paragraph).split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer, style.size, style.font) > room:
                yield shortened(line, room, style.size, style.font)
                longer = word
            line = longer
        yield shortened(line, room, style.size, style.font)


def printable(text: str) -> str:
    """Put a sign in the place of all that no font can draw, such as controls and surrogates."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _UNPRINTABLE for sign in text)
