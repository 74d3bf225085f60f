"""The fonts of the window: they ship with the program, system fonts are never used."""

import dearpygui.dearpygui as dpg

from builder.graphics.text_metrics import FOLDER

_FONTS = {
    "regular": ("Inter-Regular.otf", 15.0),
    "medium": ("Inter-Medium.otf", 15.0),
    "semibold": ("Inter-SemiBold.otf", 15.0),
    "small": ("Inter-Medium.otf", 13.0),
    "heading": ("Inter-SemiBold.otf", 20.0),
    "mono": ("JetBrainsMono-Regular.ttf", 14.0),
}


def tag(name: str) -> str:
    """Return the tag of a font: "regular", "medium", "semibold", "small", "heading" or "mono"."""
    return f"font_{name}"


def size(name: str, scale: float) -> int:
    """Return the size of a font, in pixels."""
    return round(_FONTS[name][1] * scale)


def load_fonts(scale: float) -> None:
    """Load every font, and make the regular one the default."""
    with dpg.font_registry():
        for name, (file, _) in _FONTS.items():
            dpg.add_font(str(FOLDER / file), size(name, scale), tag=tag(name))
    dpg.bind_font(tag("regular"))


def scale_fonts(scale: float) -> None:
    """Resize every font to the scale of the user interface."""
    for name in _FONTS:
        dpg.configure_item(tag(name), size=size(name, scale))
