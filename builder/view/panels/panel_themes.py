"""The themes of the panels, one of each, made anew with the colours and the scale.

A body keeps distance from the borders of its pane; tinted buttons look like coloured text.
"""

from collections.abc import Mapping

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.theme import Theme
from codegen.check import Severity

ERROR, WARNING, HINT = "tint_error", "tint_warning", "tint_hint"
TEXT, QUIET, FAINT, ACCENT = "tint_text", "tint_quiet", "tint_faint", "tint_accent"
BODY, BAR, PLAIN, LINES = "panel_body", "panel_bar", "panel_plain", "panel_lines"
BY_SEVERITY: Mapping[Severity, str] = {
    Severity.ERROR: ERROR,
    Severity.WARNING: WARNING,
    Severity.HINT: HINT,
}

_PADDING, _SPACING = dpg.mvStyleVar_WindowPadding, dpg.mvStyleVar_ItemSpacing
_SPACES: Mapping[str, Mapping[int, tuple[float, float]]] = {
    BODY: {_PADDING: (14, 12), _SPACING: (8, 6)},
    BAR: {_PADDING: (12, 0), _SPACING: (6, 0)},
    PLAIN: {_PADDING: (0, 0), _SPACING: (8, 6)},
    LINES: {_SPACING: (6, 4), dpg.mvStyleVar_FramePadding: (4, 1)},
}
"""How far each keeps from the borders, its items from each other, and texts from their line."""


def keep_looks(theme: Theme, scale: float) -> None:
    """Make the themes where they are of other colours, or not there yet."""
    look = theme.name, scale
    if dpg.does_item_exist(ERROR) and dpg.get_item_user_data(ERROR) == look:
        return
    colours = {
        ERROR: theme.error,
        WARNING: theme.warning,
        HINT: theme.hint,
        TEXT: theme.text,
        QUIET: theme.quiet,
        FAINT: theme.faint,
        ACCENT: theme.accent,
    }
    for tag, colour in colours.items():
        _fill(_emptied(tag, look), colour, theme, scale)
    for tag, spaces in _SPACES.items():
        part = dpg.add_theme_component(dpg.mvAll, parent=_emptied(tag, look))
        for target, (x, y) in spaces.items():
            dpg.add_theme_style(target, x * scale, y * scale, parent=part)


def _emptied(tag: str, look: tuple[str, float]) -> str:
    """Empty a theme, or make it."""
    if dpg.does_item_exist(tag):
        dpg.delete_item(tag, children_only=True)
        dpg.set_item_user_data(tag, look)
    else:
        dpg.add_theme(tag=tag, user_data=look)
    return tag


def _fill(tag: str, colour: Colour, theme: Theme, scale: float) -> None:
    for enabled, ink in ((True, colour), (False, theme.faint)):
        part = dpg.add_theme_component(dpg.mvButton, enabled_state=enabled, parent=tag)
        raised = theme.raised if enabled else CLEAR
        for target, shade in (
            (dpg.mvThemeCol_Text, ink),
            (dpg.mvThemeCol_Button, CLEAR),
            (dpg.mvThemeCol_Border, CLEAR),
            (dpg.mvThemeCol_ButtonHovered, raised),
            (dpg.mvThemeCol_ButtonActive, raised),
        ):
            dpg.add_theme_color(target, shade, parent=part)
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 4 * scale, 2 * scale, parent=part)
