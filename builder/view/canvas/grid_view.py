"""The dots behind everything."""

import dearpygui.dearpygui as dpg

from builder.canvas.camera import Camera
from builder.canvas.drawing.grid_dots import Dots, dots
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme, mixed
from builder.view.canvas.plot_view import PlotView

SIZE = 1.0


class DotsView:
    """Draws the dots that are in view."""

    def __init__(self, lens: PlotView) -> None:
        self._series = dpg.add_scatter_series([], [], parent=lens.down)
        self._shown: Dots | None = None
        self._colour: Colour | None = None
        plots = dpg.mvThemeCat_Plots
        with dpg.theme() as theme, dpg.theme_component(dpg.mvScatterSeries):
            dpg.add_theme_style(dpg.mvPlotStyleVar_Marker, dpg.mvPlotMarker_Square, category=plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_MarkerSize, SIZE, category=plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_MarkerWeight, 0, category=plots)
            self._colours = [
                dpg.add_theme_color(target, (0, 0, 0), category=plots)
                for target in (dpg.mvPlotCol_MarkerFill, dpg.mvPlotCol_MarkerOutline)
            ]
        dpg.bind_item_theme(self._series, theme)

    def update(self, camera: Camera, theme: Theme) -> None:
        """Follow the camera."""
        colour = mixed(theme.grid, theme.line, 0.6)
        if colour != self._colour:
            self._colour = colour
            for item in self._colours:
                dpg.set_value(item, colour)
        found = dots(camera)
        if found != self._shown:
            self._shown = found
            dpg.set_value(self._series, list(found.columns))
