"""The fonts of the window: they ship with the program and are never looked for elsewhere."""

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
    """Name a font to Dear PyGui: "regular", "medium", "semibold", "small", "heading", "mono"."""
    return f"font_{name}"


def size(name: str, scale: float) -> float:
    """Tell how many pixels high a font is."""
    return round(_FONTS[name][1] * scale)


def load_fonts(scale: float) -> None:
    """Load every font, and make the regular one the default."""
    with dpg.font_registry():
        for name, (file, _) in _FONTS.items():
            dpg.add_font(str(FOLDER / file), size(name, scale), tag=tag(name))
    dpg.bind_font(tag("regular"))


def scale_fonts(scale: float) -> None:
    """Make every font larger or smaller."""
    for name in _FONTS:
        dpg.configure_item(tag(name), size=size(name, scale))
