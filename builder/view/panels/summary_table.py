"""The summary of the active graph: output shape, parameters and FLOPs of each node."""

import dearpygui.dearpygui as dpg

from builder.document.document import Selection
from builder.editor.editor import Editor
from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.text_metrics import shortened, width
from builder.graphics.theme import faded
from builder.panels.cost_model import CostModel
from builder.panels.form_model import number, plural
from builder.view.panels import panel_themes
from builder.view.panels.panel import Debounce, Panel, add_text, set_text
from builder.view.panels.virtual_rows import VirtualRows
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag
from codegen.cost import Row
from nodes.core.shapes.shape import show_shape

COLUMNS = (("node", 0.0), ("type", 0.24), ("output", 0.46), ("parameters", 0.82), ("FLOPs", 1.0))
"""Each column with its left end as a share of the width; for the numbers, its right end."""
FIRST_NUMBER = 3
"""The index of the first right-aligned column."""
ROW_HEIGHT, PADDING = 24, 8


class SummaryTable(Panel):
    """Lists the output and the cost of each node; a click selects it."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent, panel_themes.PLAIN)
        self._cost_model, self._debounce = CostModel(), Debounce()
        self._listed: list[Row] = []
        self._width = 0
        self._total = add_text("", self.theme.quiet, "small", self.root)
        self._header = dpg.add_drawlist(1, 1, parent=self.root)
        self._rows = VirtualRows(self.root, self._paint, self._row_clicked)

    def update(self) -> None:
        """List the nodes, once the graph has stayed the same for a while."""
        if not dpg.is_item_shown(self.root):
            return
        editor = self.editor
        checked = editor.active_graph.checked
        if self._debounce.is_stable(checked) or self._cost_model.is_current(checked):
            selected, available = editor.document.selection.nodes, self._rows.width
            if self.has_changed(checked, selected, available, *self.style_key()):
                self._show(available)
        self._rows.update()

    def _show(self, available: int) -> None:
        editor, theme = self.editor, self.theme
        self._width = available - self.units(14)
        rows = self._cost_model.rows(
            editor.document.model, editor.active_graph.checked, editor.analysis
        )
        self._listed = list(rows.values())
        parameters = sum(row.cost.parameters for row in self._listed)
        flops = sum(row.cost.flops for row in self._listed)
        dpg.configure_item(self._total, color=theme.quiet)
        set_text(
            self._total,
            f"{plural(len(self._listed), 'node')}   {number(parameters)} parameters   "
            f"{number(flops)} FLOPs at B 1, T 64",
        )
        row_height, row_width = self.units(ROW_HEIGHT), max(self._width, 1)
        dpg.delete_item(self._header, children_only=True)
        dpg.configure_item(self._header, width=row_width, height=row_height)
        self._paint_cells([(name, theme.faint) for name, _ in COLUMNS], self._header, 0)
        self._rows.show(len(self._listed), row_height, row_width)

    def _paint(self, index: int, item: Tag, top: float) -> None:
        row, theme = self._listed[index], self.theme
        if row.node in self.editor.document.selection.nodes:
            high = (self._width, top + self._rows.row_height)
            fill = faded(theme.accent, 0.18)
            dpg.draw_rectangle((0, top), high, fill=fill, color=CLEAR, parent=item)
        shape = show_shape(row.spec.shape) if row.spec else ""
        counts = row.cost.parameters, row.cost.flops
        numbers = [(number(count) if count else "", theme.text) for count in counts]
        cells = [(row.node, theme.text), (row.type, theme.quiet), (shape, theme.quiet)]
        self._paint_cells([*cells, *numbers], item, top)

    def _paint_cells(self, cells: list[tuple[str, Colour]], item: Tag, top: float) -> None:
        size = fonts.size("small", self.editor.settings.scale)
        ends = [share * self._width for _, share in COLUMNS]
        for index, (content, colour) in enumerate(cells):
            is_number = index >= FIRST_NUMBER
            neighbour = ends[index - 1] if is_number else ends[index + 1]
            available = abs(ends[index] - neighbour) - self.units(PADDING)
            text = shortened(sanitize(content), available, size, "medium")
            x = ends[index] - width(text, size, "medium") if is_number else ends[index]
            y = top + (self.units(ROW_HEIGHT) - size) / 2
            drawn = dpg.draw_text((round(x), round(y)), text, size=size, color=colour, parent=item)
            dpg.bind_item_font(drawn, fonts.tag("small"))

    def _row_clicked(self, index: int) -> None:
        name = self._listed[index].node
        if name in self.editor.active_graph.graph.nodes:
            self.editor.store.select(Selection.of(name))
            self.editor.navigation.reveal(name)
