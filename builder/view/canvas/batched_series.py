"""Plot series of one colour each, which draw thousands of rectangles or lines in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import Colour
from builder.view.widgets.tag import Tag

Columns = Sequence[list[float]]
"""The data of a series: one list for each coordinate."""


@dataclass(frozen=True, slots=True)
class _Series:
    """A series, its theme, and the item of the theme that holds the colour."""

    item: Tag
    theme: Tag
    colour: Tag


class BatchedSeries:
    """One series for each colour, drawn in order; series are reused and never shrink in number.

    Themes outlive the items they are bound to, so each series keeps a theme and changes its colour.

    Args:
        axis: the axis that the series belong to; what is created earlier is drawn below.
        lines: draw line segments instead of filled areas.
    """

    def __init__(self, axis: Tag, lines: bool = False) -> None:
        self.axis, self.lines = axis, lines
        self._pool: list[_Series] = []
        self._shown: Mapping[Colour, Columns] | None = None
        # Series added later are inserted before this one, and so keep their place in the order.
        self._end = dpg.add_line_series([], [], parent=axis, show=False)

    def show(self, batches: Mapping[Colour, Columns]) -> None:
        """Replace what is drawn by one batch for each colour."""
        if batches is self._shown:
            return
        self._shown = batches
        while len(self._pool) < len(batches):
            self._pool.append(self._add_series())
        for index, series in enumerate(self._pool):
            dpg.configure_item(series.item, show=index < len(batches))
        for series, (colour, columns) in zip(self._pool, batches.items(), strict=False):
            dpg.set_value(series.colour, colour)
            dpg.set_value(series.item, list(columns))

    def hide(self) -> None:
        """Draw nothing."""
        if self._shown:
            self.show({})

    def delete(self) -> None:
        """Delete every series and theme."""
        for series in self._pool:
            dpg.delete_item(series.item)
            dpg.delete_item(series.theme)
        dpg.delete_item(self._end)

    def _add_series(self) -> _Series:
        if self.lines:
            kind, target = dpg.mvLineSeries, dpg.mvPlotCol_Line
            item = dpg.add_line_series([], [], segments=True, parent=self.axis, before=self._end)
        else:
            kind, target = dpg.mvShadeSeries, dpg.mvPlotCol_Fill
            item = dpg.add_shade_series([], [], y2=[], parent=self.axis, before=self._end)
        theme = dpg.add_theme()
        component = dpg.add_theme_component(kind, parent=theme)
        plots = dpg.mvThemeCat_Plots
        colour = dpg.add_theme_color(target, (0, 0, 0), category=plots, parent=component)
        dpg.bind_item_theme(item, theme)
        return _Series(item, theme, colour)
