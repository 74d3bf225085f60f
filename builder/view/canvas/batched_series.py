"""Large figures of one colour each: a plot draws thousands of pieces of such a one at once."""

from collections.abc import Mapping, Sequence

import dearpygui.dearpygui as dpg

from builder.graphics.shapes import Colour

Tag = int | str
Columns = Sequence[list[float]]


class _Brush:
    """A series, and the theme that has its colour."""

    def __init__(self, series: Tag, theme: Tag, colour: Tag) -> None:
        self.series, self.theme, self.colour = series, theme, colour


class BatchedSeries:
    """Figures under one another, a colour each; as many series as there were ever colours at once.

    Themes outlive the widgets they are bound to, so each series keeps its own and changes it.

    Args:
        axis: the axis they belong to; what is made earlier is drawn under what is made later.
        lines: they are lines, not areas.
    """

    def __init__(self, axis: Tag, lines: bool = False) -> None:
        self.axis, self.lines = axis, lines
        self._brushes: list[_Brush] = []
        self._shown: Mapping[Colour, Columns] | None = None
        self._end = dpg.add_line_series([], [], parent=axis, show=False)

    def show(self, figures: Mapping[Colour, Columns]) -> None:
        """Show figures in the place of those before."""
        if figures is self._shown:
            return
        self._shown = figures
        while len(self._brushes) < len(figures):
            self._brushes.append(self._brush())
        for place, brush in enumerate(self._brushes):
            dpg.configure_item(brush.series, show=place < len(figures))
        for brush, (colour, columns) in zip(self._brushes, figures.items(), strict=False):
            dpg.set_value(brush.colour, colour)
            dpg.set_value(brush.series, list(columns))

    def hide(self) -> None:
        """Show nothing."""
        if self._shown:
            self.show({})

    def delete(self) -> None:
        """Take everything away."""
        for brush in self._brushes:
            dpg.delete_item(brush.series)
            dpg.delete_item(brush.theme)
        dpg.delete_item(self._end)

    def _brush(self) -> _Brush:
        if self.lines:
            kind, target = dpg.mvLineSeries, dpg.mvPlotCol_Line
            series = dpg.add_line_series([], [], segments=True, parent=self.axis, before=self._end)
        else:
            kind, target = dpg.mvShadeSeries, dpg.mvPlotCol_Fill
            series = dpg.add_shade_series([], [], y2=[], parent=self.axis, before=self._end)
        theme = dpg.add_theme()
        component = dpg.add_theme_component(kind, parent=theme)
        plots = dpg.mvThemeCat_Plots
        colour = dpg.add_theme_color(target, (0, 0, 0), category=plots, parent=component)
        dpg.bind_item_theme(series, theme)
        return _Brush(series, theme, colour)
