"""The style of the widgets: Dear PyGui themes in the colours of a `Theme`.

Themes outlive the widgets they are bound to, so there is one of each kind, which is refilled when
the colours or the scale change; no widget has a theme of its own.
"""

from collections.abc import Callable, Mapping

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.theme import Theme, faded, mixed
from builder.view.widgets.tag import Tag

BASE = "style_base"
PANEL = "style_panel"
PRIMARY = "style_primary"
GHOST = "style_ghost"
INVALID = "style_invalid"
POPUP = "style_popup"
NO_SPACING = "style_no_spacing"
SPLITTER = "style_splitter"


def apply_style(theme: Theme, scale: float) -> None:
    """Fill every theme, and bind the base theme to the window."""
    for name, fill in _THEMES.items():
        if dpg.does_item_exist(name):
            dpg.delete_item(name, children_only=True)
        else:
            dpg.add_theme(tag=name)
        fill(name, theme, scale)
    dpg.bind_theme(BASE)


def _colours(parent: Tag, colours: Mapping[int, Colour]) -> None:
    for target, colour in colours.items():
        dpg.add_theme_color(target, colour, parent=parent)


def _styles(parent: Tag, scale: float, styles: Mapping[int, tuple[float, ...]]) -> None:
    for target, values in styles.items():
        dpg.add_theme_style(target, values[0] * scale, values[-1] * scale, parent=parent)


def _base(name: str, theme: Theme, scale: float) -> None:
    component = dpg.add_theme_component(dpg.mvAll, parent=name)
    _colours(component, _widget_colours(theme))
    _styles(
        component,
        scale,
        {
            dpg.mvStyleVar_WindowPadding: (12, 12),
            dpg.mvStyleVar_FramePadding: (8, 5),
            dpg.mvStyleVar_ItemSpacing: (8, 6),
            dpg.mvStyleVar_ItemInnerSpacing: (6, 4),
            dpg.mvStyleVar_CellPadding: (6, 3),
            dpg.mvStyleVar_FrameRounding: (6,),
            dpg.mvStyleVar_PopupRounding: (8,),
            dpg.mvStyleVar_WindowRounding: (8,),
            dpg.mvStyleVar_ChildRounding: (0,),
            dpg.mvStyleVar_GrabRounding: (4,),
            dpg.mvStyleVar_ScrollbarRounding: (6,),
            dpg.mvStyleVar_ScrollbarSize: (10,),
            dpg.mvStyleVar_TabRounding: (6,),
        },
    )
    for border in (
        dpg.mvStyleVar_FrameBorderSize,
        dpg.mvStyleVar_WindowBorderSize,
        dpg.mvStyleVar_PopupBorderSize,
    ):
        dpg.add_theme_style(border, 1, parent=component)
    dpg.add_theme_style(dpg.mvStyleVar_ChildBorderSize, 0, parent=component)
    _disabled(name, theme)
    plot = dpg.add_theme_component(dpg.mvPlot, parent=name)
    for target, colour in {
        dpg.mvPlotCol_PlotBg: theme.canvas,
        dpg.mvPlotCol_FrameBg: theme.canvas,
        dpg.mvPlotCol_PlotBorder: CLEAR,
        dpg.mvPlotCol_AxisGrid: theme.grid,
    }.items():
        dpg.add_theme_color(target, colour, category=dpg.mvThemeCat_Plots, parent=plot)
    for target in (dpg.mvPlotStyleVar_PlotPadding, dpg.mvPlotStyleVar_PlotBorderSize):
        dpg.add_theme_style(target, 0, 0, category=dpg.mvThemeCat_Plots, parent=plot)


def _disabled(name: str, theme: Theme) -> None:
    for kind in (dpg.mvButton, dpg.mvInputText, dpg.mvCheckbox, dpg.mvCombo, dpg.mvMenuItem):
        component = dpg.add_theme_component(kind, enabled_state=False, parent=name)
        _colours(
            component,
            {
                dpg.mvThemeCol_Text: theme.faint,
                dpg.mvThemeCol_Button: theme.card,
                dpg.mvThemeCol_ButtonHovered: theme.card,
                dpg.mvThemeCol_ButtonActive: theme.card,
            },
        )


def _widget_colours(theme: Theme) -> dict[int, Colour]:
    field = mixed(theme.panel, theme.canvas, 0.7)
    return {
        dpg.mvThemeCol_WindowBg: theme.panel,
        dpg.mvThemeCol_ChildBg: CLEAR,
        dpg.mvThemeCol_PopupBg: theme.panel,
        dpg.mvThemeCol_MenuBarBg: theme.panel,
        dpg.mvThemeCol_ModalWindowDimBg: (0, 0, 0, 110),
        dpg.mvThemeCol_Border: theme.line,
        dpg.mvThemeCol_BorderShadow: CLEAR,
        dpg.mvThemeCol_Separator: theme.line,
        dpg.mvThemeCol_SeparatorHovered: theme.accent,
        dpg.mvThemeCol_SeparatorActive: theme.accent,
        dpg.mvThemeCol_ResizeGrip: CLEAR,
        dpg.mvThemeCol_ResizeGripHovered: theme.accent,
        dpg.mvThemeCol_ResizeGripActive: theme.accent,
        dpg.mvThemeCol_Text: theme.text,
        dpg.mvThemeCol_TextDisabled: theme.faint,
        dpg.mvThemeCol_TextSelectedBg: faded(theme.accent, 0.4),
        dpg.mvThemeCol_FrameBg: field,
        dpg.mvThemeCol_FrameBgHovered: theme.raised,
        dpg.mvThemeCol_FrameBgActive: theme.raised,
        **_accents(theme),
    }


def _accents(theme: Theme) -> dict[int, Colour]:
    """Return the colours of what is pressed, dragged or selected."""
    selected = faded(theme.accent, 0.28)
    return {
        dpg.mvThemeCol_CheckMark: theme.accent,
        dpg.mvThemeCol_Button: theme.card,
        dpg.mvThemeCol_ButtonHovered: theme.raised,
        dpg.mvThemeCol_ButtonActive: theme.line,
        dpg.mvThemeCol_Header: selected,
        dpg.mvThemeCol_HeaderHovered: theme.raised,
        dpg.mvThemeCol_HeaderActive: selected,
        dpg.mvThemeCol_Tab: theme.panel,
        dpg.mvThemeCol_TabHovered: theme.raised,
        dpg.mvThemeCol_TabActive: theme.card,
        dpg.mvThemeCol_TitleBg: theme.panel,
        dpg.mvThemeCol_TitleBgActive: theme.panel,
        dpg.mvThemeCol_TitleBgCollapsed: theme.panel,
        dpg.mvThemeCol_ScrollbarBg: CLEAR,
        dpg.mvThemeCol_ScrollbarGrab: theme.line,
        dpg.mvThemeCol_ScrollbarGrabHovered: theme.faint,
        dpg.mvThemeCol_ScrollbarGrabActive: theme.quiet,
        dpg.mvThemeCol_SliderGrab: theme.accent,
        dpg.mvThemeCol_SliderGrabActive: theme.accent,
        dpg.mvThemeCol_DragDropTarget: theme.accent,
        dpg.mvThemeCol_NavHighlight: theme.accent,
        dpg.mvThemeCol_TableBorderLight: theme.line,
        dpg.mvThemeCol_TableBorderStrong: theme.line,
        dpg.mvThemeCol_TableHeaderBg: theme.panel,
        dpg.mvThemeCol_TableRowBg: CLEAR,
        dpg.mvThemeCol_TableRowBgAlt: faded(theme.raised, 0.4),
        dpg.mvThemeCol_PlotHistogram: theme.accent,
    }


def _panel(name: str, theme: Theme, scale: float) -> None:
    component = dpg.add_theme_component(dpg.mvAll, parent=name)
    _colours(component, {dpg.mvThemeCol_ChildBg: theme.panel})


def _primary(name: str, theme: Theme, scale: float) -> None:
    button = dpg.add_theme_component(dpg.mvButton, parent=name)
    _colours(
        button,
        {
            dpg.mvThemeCol_Button: theme.accent,
            dpg.mvThemeCol_ButtonHovered: mixed(theme.accent, theme.text, 0.15),
            dpg.mvThemeCol_ButtonActive: mixed(theme.accent, theme.canvas, 0.15),
            dpg.mvThemeCol_Text: theme.on_accent,
            dpg.mvThemeCol_Border: theme.accent,
        },
    )


def _ghost(name: str, theme: Theme, scale: float) -> None:
    button = dpg.add_theme_component(dpg.mvButton, parent=name)
    _colours(button, {dpg.mvThemeCol_Button: CLEAR, dpg.mvThemeCol_Border: CLEAR})


def _invalid(name: str, theme: Theme, scale: float) -> None:
    component = dpg.add_theme_component(dpg.mvAll, parent=name)
    _colours(component, {dpg.mvThemeCol_Border: theme.error})


def _popup(name: str, theme: Theme, scale: float) -> None:
    component = dpg.add_theme_component(dpg.mvAll, parent=name)
    _colours(
        component,
        {
            dpg.mvThemeCol_WindowBg: theme.card,
            dpg.mvThemeCol_PopupBg: theme.card,
            dpg.mvThemeCol_Border: theme.line,
        },
    )
    _styles(component, scale, {dpg.mvStyleVar_WindowPadding: (12, 12)})


def _no_spacing(name: str, theme: Theme, scale: float) -> None:
    component = dpg.add_theme_component(dpg.mvAll, parent=name)
    _styles(
        component,
        scale,
        {dpg.mvStyleVar_ItemSpacing: (0, 0), dpg.mvStyleVar_WindowPadding: (0, 0)},
    )


def _splitter(name: str, theme: Theme, scale: float) -> None:
    button = dpg.add_theme_component(dpg.mvButton, parent=name)
    _colours(
        button,
        {
            dpg.mvThemeCol_Button: theme.canvas,
            dpg.mvThemeCol_ButtonHovered: theme.accent,
            dpg.mvThemeCol_ButtonActive: theme.accent,
            dpg.mvThemeCol_Border: CLEAR,
        },
    )
    dpg.add_theme_style(dpg.mvStyleVar_FrameRounding, 0, parent=button)
    dpg.add_theme_style(dpg.mvStyleVar_FrameBorderSize, 0, parent=button)


_THEMES: Mapping[str, Callable[[str, Theme, float], None]] = {
    BASE: _base,
    PANEL: _panel,
    PRIMARY: _primary,
    GHOST: _ghost,
    INVALID: _invalid,
    POPUP: _popup,
    NO_SPACING: _no_spacing,
    SPLITTER: _splitter,
}
