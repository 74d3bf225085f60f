"""The themes of the panels, one of each kind, refilled when the colours or the scale change.

Layout themes set paddings and spacings; tint themes make buttons look like coloured text.
"""

from collections.abc import Mapping

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.theme import Theme
from codegen.check import Severity

ERROR, WARNING, HINT = "tint_error", "tint_warning", "tint_hint"
TEXT, QUIET, FAINT, ACCENT = "tint_text", "tint_quiet", "tint_faint", "tint_accent"
BODY, BAR, PLAIN, COMPACT = "panel_body", "panel_bar", "panel_plain", "panel_compact"
BY_SEVERITY: Mapping[Severity, str] = {
    Severity.ERROR: ERROR,
    Severity.WARNING: WARNING,
    Severity.HINT: HINT,
}

_PADDING, _SPACING = dpg.mvStyleVar_WindowPadding, dpg.mvStyleVar_ItemSpacing
_LAYOUTS: Mapping[str, Mapping[int, tuple[float, float]]] = {
    BODY: {_PADDING: (14, 12), _SPACING: (8, 6)},
    BAR: {_PADDING: (12, 0), _SPACING: (6, 0)},
    PLAIN: {_PADDING: (0, 0), _SPACING: (8, 6)},
    COMPACT: {_SPACING: (6, 4), dpg.mvStyleVar_FramePadding: (4, 1)},
}
"""Horizontal and vertical paddings and spacings, in pixels at scale 1."""


def update_themes(theme: Theme, scale: float) -> None:
    """Create or refill the themes if they are missing or made for another theme or scale."""
    key = theme.name, scale
    if dpg.does_item_exist(ERROR) and dpg.get_item_user_data(ERROR) == key:
        return
    tints = {
        ERROR: theme.error,
        WARNING: theme.warning,
        HINT: theme.hint,
        TEXT: theme.text,
        QUIET: theme.quiet,
        FAINT: theme.faint,
        ACCENT: theme.accent,
    }
    for tag, colour in tints.items():
        _clear_theme(tag, key)
        _fill_tint(tag, colour, theme, scale)
    for tag, lengths in _LAYOUTS.items():
        _clear_theme(tag, key)
        component = dpg.add_theme_component(dpg.mvAll, parent=tag)
        for target, (x, y) in lengths.items():
            dpg.add_theme_style(target, x * scale, y * scale, parent=component)


def _clear_theme(tag: str, key: tuple[str, float]) -> None:
    """Create a theme, or delete its components."""
    if dpg.does_item_exist(tag):
        dpg.delete_item(tag, children_only=True)
        dpg.set_item_user_data(tag, key)
    else:
        dpg.add_theme(tag=tag, user_data=key)


def _fill_tint(tag: str, colour: Colour, theme: Theme, scale: float) -> None:
    for enabled in (True, False):
        component = dpg.add_theme_component(dpg.mvButton, enabled_state=enabled, parent=tag)
        raised = theme.raised if enabled else CLEAR
        for target, value in (
            (dpg.mvThemeCol_Text, colour if enabled else theme.faint),
            (dpg.mvThemeCol_Button, CLEAR),
            (dpg.mvThemeCol_Border, CLEAR),
            (dpg.mvThemeCol_ButtonHovered, raised),
            (dpg.mvThemeCol_ButtonActive, raised),
        ):
            dpg.add_theme_color(target, value, parent=component)
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 4 * scale, 2 * scale, parent=component)
