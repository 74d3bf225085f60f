"""The plot that the canvas is: the camera decides what part of it is seen, and nothing else."""

import dearpygui.dearpygui as dpg

from builder.canvas.camera import Camera

Tag = int | str

# The plot would pan, zoom, fit and select by itself; all of that is a gesture's, or the camera's.
_NEVER = dpg.mvMouseButton_X2


class PlotView:
    """A plot whose axes follow a camera: y points down, and both axes have one scale.

    Attributes:
        plot: the plot.
        across, down: its axes; series belong to the latter.
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
            pan_button=_NEVER,
            fit_button=_NEVER,
            box_select_button=_NEVER,
            box_select_cancel_button=_NEVER,
            context_menu_button=_NEVER,
            override_mod=dpg.mvKey_ModDisabled,
        )
        dpg.bind_item_theme(self.plot, _theme())
        self.across = self._axis(dpg.mvXAxis, False)
        self.down = self._axis(dpg.mvYAxis, True)
        self._shown: Camera | None = None

    def _axis(self, which: int, invert: bool) -> Tag:
        return dpg.add_plot_axis(
            which,
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
        """Tell where the plot lies in the window: left, top, width, height; None before it does."""
        width, height = dpg.get_item_rect_size(self.plot)
        if width < 1 or height < 1:
            return None
        left, top = dpg.get_item_rect_min(self.plot)
        return left, top, width, height

    def look(self, camera: Camera) -> None:
        """Show what the camera sees."""
        if camera == self._shown:
            return
        self._shown = camera
        (left, top), (right, bottom) = camera.top_left, camera.bottom_right
        dpg.set_axis_limits(self.across, left, right)
        dpg.set_axis_limits(self.down, top, bottom)


def _theme() -> Tag:
    """Make the plot fill its rectangle to the last pixel, so that pixels and points agree."""
    name = "lens"
    if not dpg.does_item_exist(name):
        with dpg.theme(tag=name), dpg.theme_component(dpg.mvPlot):
            for target, length in (
                (dpg.mvPlotStyleVar_PlotPadding, 0),
                (dpg.mvPlotStyleVar_PlotBorderSize, 0),
                (dpg.mvPlotStyleVar_PlotMinSize, 1),
            ):
                dpg.add_theme_style(target, length, length, category=dpg.mvThemeCat_Plots)
    return name
