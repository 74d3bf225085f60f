"""The dot grid behind the graph."""

import dearpygui.dearpygui as dpg

from builder.canvas.camera import Camera
from builder.canvas.drawing.grid_dots import Dots, dots
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme, mixed
from builder.view.canvas.plot_view import PlotView

DOT_SIZE = 1.0


class GridView:
    """Draws the grid dots that are in view, as a scatter series."""

    def __init__(self, plot_view: PlotView) -> None:
        self._series = dpg.add_scatter_series([], [], parent=plot_view.y_axis)
        self._shown: Dots | None = None
        self._colour: Colour | None = None
        plots = dpg.mvThemeCat_Plots
        with dpg.theme() as theme, dpg.theme_component(dpg.mvScatterSeries):
            dpg.add_theme_style(dpg.mvPlotStyleVar_Marker, dpg.mvPlotMarker_Square, category=plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_MarkerSize, DOT_SIZE, category=plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_MarkerWeight, 0, category=plots)
            self._colour_items = [
                dpg.add_theme_color(target, (0, 0, 0), category=plots)
                for target in (dpg.mvPlotCol_MarkerFill, dpg.mvPlotCol_MarkerOutline)
            ]
        dpg.bind_item_theme(self._series, theme)

    def update(self, camera: Camera, theme: Theme) -> None:
        """Follow the camera and the theme."""
        colour = mixed(theme.grid, theme.line, 0.6)
        if colour != self._colour:
            self._colour = colour
            for item in self._colour_items:
                dpg.set_value(item, colour)
        visible = dots(camera)
        if visible != self._shown:
            self._shown = visible
            dpg.set_value(self._series, list(visible.columns))
