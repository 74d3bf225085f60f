"""Colour themes of the window and of pictures: dark, light, high contrast."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from builder.graphics.shapes import Colour
from nodes.core.graphs.node import Category
from nodes.core.graphs.port import Kind

K = TypeVar("K")


@dataclass(frozen=True)
class Theme:
    """A set of colours.

    Attributes:
        name: the name in the settings.
        canvas, panel, card, raised: backgrounds: of the canvas, of panels, of nodes and fields, and
            of hovered items.
        line, grid: borders, and the grid of the canvas.
        text, quiet, faint: primary, secondary and disabled text.
        accent, on_accent: the selection, and text on it.
        error, warning, hint, good: severities.
        shadow: the shadow of nodes.
        keyword, string, comment, number, builtin: tokens of code.
        categories: the node categories.
        kinds: the kinds of tensors.
    """

    name: str
    canvas: Colour
    panel: Colour
    card: Colour
    raised: Colour
    line: Colour
    grid: Colour
    text: Colour
    quiet: Colour
    faint: Colour
    accent: Colour
    on_accent: Colour
    error: Colour
    warning: Colour
    hint: Colour
    good: Colour
    shadow: Colour
    keyword: Colour
    string: Colour
    comment: Colour
    number: Colour
    builtin: Colour
    categories: Mapping[Category, Colour]
    kinds: Mapping[Kind, Colour]


def rgb(text: str, opacity: int = 255) -> Colour:
    """Parse a colour written as ``rrggbb``."""
    red, green, blue = bytes.fromhex(text)
    return red, green, blue, opacity


def faded(colour: Colour, share: float) -> Colour:
    """Multiply the opacity of a colour by ``share``."""
    return (*colour[:3], round(colour[3] * share))


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Interpolate between two colours: 0 is the first, 1 the second."""
    red, green, blue, opacity = (
        round(a + (b - a) * share) for a, b in zip(first, second, strict=True)
    )
    return red, green, blue, opacity


_CATEGORIES = {
    Category.IO: "8791a5",
    Category.EMBEDDING: "3fb68b",
    Category.POSITION: "d0a03f",
    Category.RECURRENT: "e0725a",
    Category.ATTENTION: "9a7be8",
    Category.TRANSFORMER: "b06fd8",
    Category.MASK: "7f8ea8",
    Category.LINEAR: "4f8df0",
    Category.NORM: "4aa3c4",
    Category.ACTIVATION: "6fbf4f",
    Category.DROPOUT: "8f8f9c",
    Category.MERGE: "909bb0",
    Category.RESHAPE: "6b8fa8",
    Category.POOLING: "c77fa0",
    Category.CONVOLUTION: "d98544",
    Category.BLOCK: "5f7bd8",
}
_KINDS = {
    Kind.FEATURES: "6ea8ff",
    Kind.TOKENS: "e6aa50",
    Kind.MASK: "b4becd",
    Kind.LENGTHS: "5ec8b0",
    Kind.STATE: "d987c8",
    Kind.ANY: "9aa3b5",
}


def _toned(colours: Mapping[K, str], towards: str, share: float) -> dict[K, Colour]:
    return {key: mixed(rgb(text), rgb(towards), share) for key, text in colours.items()}


DARK = Theme(
    name="dark",
    canvas=rgb("111216"),
    panel=rgb("191b20"),
    card=rgb("22252d"),
    raised=rgb("2d313b"),
    line=rgb("343945"),
    grid=rgb("1b1d23"),
    text=rgb("e4e7ee"),
    quiet=rgb("9aa2b4"),
    faint=rgb("6c7486"),
    accent=rgb("5b9dff"),
    on_accent=rgb("0c1220"),
    error=rgb("f26d6d"),
    warning=rgb("e9b254"),
    hint=rgb("6fb6d8"),
    good=rgb("54c48c"),
    shadow=rgb("000000", 80),
    keyword=rgb("c792ea"),
    string=rgb("93c98b"),
    comment=rgb("747d90"),
    number=rgb("f0a672"),
    builtin=rgb("78b6f0"),
    categories=_toned(_CATEGORIES, "111216", 0.04),
    kinds=_toned(_KINDS, "ffffff", 0.0),
)

LIGHT = Theme(
    name="light",
    canvas=rgb("f5f6f8"),
    panel=rgb("ffffff"),
    card=rgb("ffffff"),
    raised=rgb("eceef3"),
    line=rgb("d5d9e2"),
    grid=rgb("eaecf1"),
    text=rgb("1b1f27"),
    quiet=rgb("5b6475"),
    faint=rgb("8a92a2"),
    accent=rgb("2563eb"),
    on_accent=rgb("ffffff"),
    error=rgb("cf3434"),
    warning=rgb("a86a08"),
    hint=rgb("1f7ba6"),
    good=rgb("16875a"),
    shadow=rgb("1b2440", 22),
    keyword=rgb("8a2fb0"),
    string=rgb("1c7a3e"),
    comment=rgb("7b8494"),
    number=rgb("b4530d"),
    builtin=rgb("1e5fc4"),
    categories=_toned(_CATEGORIES, "000000", 0.12),
    kinds=_toned(_KINDS, "000000", 0.22),
)

CONTRAST = Theme(
    name="contrast",
    canvas=rgb("000000"),
    panel=rgb("000000"),
    card=rgb("0a0a0a"),
    raised=rgb("2a2a2a"),
    line=rgb("c8c8c8"),
    grid=rgb("1c1c1c"),
    text=rgb("ffffff"),
    quiet=rgb("e6e6e6"),
    faint=rgb("c4c4c4"),
    accent=rgb("ffd400"),
    on_accent=rgb("000000"),
    error=rgb("ff6b6b"),
    warning=rgb("ffb84d"),
    hint=rgb("7fd4ff"),
    good=rgb("5cff9d"),
    shadow=rgb("000000", 0),
    keyword=rgb("ff9df5"),
    string=rgb("8dff8a"),
    comment=rgb("b8b8b8"),
    number=rgb("ffc38a"),
    builtin=rgb("8ecbff"),
    categories=_toned(_CATEGORIES, "ffffff", 0.25),
    kinds=_toned(_KINDS, "ffffff", 0.3),
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}
