"""The plot that the canvas is drawn in; the camera alone decides what part of it is visible."""

import dearpygui.dearpygui as dpg

from builder.canvas.camera import Camera
from builder.view.widgets.tag import Tag

# The plot would pan, zoom, fit and select by itself; gestures and the camera do so instead.
_UNUSED_BUTTON = dpg.mvMouseButton_X2


class PlotView:
    """A plot whose axes follow a camera: y points down, and both axes have the same scale.

    Attributes:
        plot: the plot.
        x_axis, y_axis: its axes; series belong to the latter.
    """

    def __init__(self, parent: Tag, width: int = -1, height: int = -1) -> None:
        self.plot = dpg.add_plot(
            parent=parent,
            width=width,
            height=height,
            no_title=True,
            no_frame=True,
            no_menus=True,
            no_mouse_pos=True,
            no_box_select=True,
            pan_button=_UNUSED_BUTTON,
            fit_button=_UNUSED_BUTTON,
            box_select_button=_UNUSED_BUTTON,
            box_select_cancel_button=_UNUSED_BUTTON,
            context_menu_button=_UNUSED_BUTTON,
            override_mod=dpg.mvKey_ModDisabled,
        )
        dpg.bind_item_theme(self.plot, _theme())
        self.x_axis = self._add_axis(dpg.mvXAxis, False)
        self.y_axis = self._add_axis(dpg.mvYAxis, True)
        self._shown: Camera | None = None

    def _add_axis(self, axis: int, invert: bool) -> Tag:
        return dpg.add_plot_axis(
            axis,
            parent=self.plot,
            invert=invert,
            no_label=True,
            no_gridlines=True,
            no_tick_marks=True,
            no_tick_labels=True,
            no_menus=True,
            no_side_switch=True,
            no_highlight=True,
        )

    def rectangle(self) -> tuple[float, float, float, float] | None:
        """Return left, top, width and height in window pixels; None before the first layout."""
        width, height = dpg.get_item_rect_size(self.plot)
        if width < 1 or height < 1:
            return None
        left, top = dpg.get_item_rect_min(self.plot)
        return left, top, width, height

    def follow(self, camera: Camera) -> None:
        """Set the limits of the axes to what the camera sees."""
        if camera == self._shown:
            return
        self._shown = camera
        (left, top), (right, bottom) = camera.top_left, camera.bottom_right
        dpg.set_axis_limits(self.x_axis, left, right)
        dpg.set_axis_limits(self.y_axis, top, bottom)


def _theme() -> Tag:
    """Create the theme that removes the padding of plots, so that pixels and points agree."""
    name = "style_canvas_plot"
    if not dpg.does_item_exist(name):
        with dpg.theme(tag=name), dpg.theme_component(dpg.mvPlot):
            for target, length in (
                (dpg.mvPlotStyleVar_PlotPadding, 0),
                (dpg.mvPlotStyleVar_PlotBorderSize, 0),
                (dpg.mvPlotStyleVar_PlotMinSize, 1),
            ):
                dpg.add_theme_style(target, length, length, category=dpg.mvThemeCat_Plots)
    return name
