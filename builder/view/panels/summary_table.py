"""The table of the graph that is shown: shapes, trained numbers and work of each node."""

import dearpygui.dearpygui as dpg

from builder.document.document import Selection
from builder.editor.editor import Editor
from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.text_metrics import shortened, width
from builder.graphics.theme import faded
from builder.panels.cost_model import CostModel
from builder.panels.form_model import number, plural
from builder.view.panels import panel_themes
from builder.view.panels.panel import Item, Panel, Rest, rewrite, text
from builder.view.panels.virtual_rows import Rows
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import shown
from codegen.cost import Row
from nodes.core.shapes.shape import show_shape

COLUMNS = (("node", 0.0), ("type", 0.24), ("output", 0.46), ("parameters", 0.82), ("FLOPs", 1.0))
"""The columns and where they begin, as a share of the width; the last two end there."""
HIGH, PAD = 24, 8


class Summary(Panel):
    """Lists what each node gives and costs; a click selects it."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent, panel_themes.PLAIN)
        self._costing, self._rest = CostModel(), Rest()
        self._listed: list[Row] = []
        self._wide = 0
        self._total = text("", self.theme.quiet, "small", self.root)
        self._head = dpg.add_drawlist(1, 1, parent=self.root)
        self._rows = Rows(self.root, self._paint, self._picked)

    def update(self) -> None:
        """List the nodes anew once the graph has stayed the same for a moment."""
        if not dpg.is_item_shown(self.root):
            return
        editor = self.editor
        shown_graph = editor.active_graph
        if self._rest.of(shown_graph.checked) or self._costing.is_current(shown_graph.checked):
            chosen, wide = editor.document.selection.nodes, self._rows.width
            if self.differs(shown_graph.checked, chosen, wide, *self.looks()):
                self._show(wide)
        self._rows.update()

    def _show(self, wide: int) -> None:
        editor, theme = self.editor, self.theme
        self._wide = wide - self.units(14)
        found = self._costing.rows(
            editor.document.model, editor.active_graph.checked, editor.analysis
        )
        self._listed = list(found.values())
        parameters = sum(row.cost.parameters for row in self._listed)
        flops = sum(row.cost.flops for row in self._listed)
        dpg.configure_item(self._total, color=theme.quiet)
        rewrite(
            self._total,
            f"{plural(len(self._listed), 'node')}   {number(parameters)} parameters   "
            f"{number(flops)} FLOPs at B 1, T 64",
        )
        high = self.units(HIGH)
        dpg.delete_item(self._head, children_only=True)
        dpg.configure_item(self._head, width=max(self._wide, 1), height=high)
        cells = [(name, theme.faint) for name, _ in COLUMNS]
        self._cells(cells, self._head, 0)
        self._rows.show(len(self._listed), high, max(self._wide, 1))

    def _paint(self, at: int, item: Item, top: float) -> None:
        row, theme = self._listed[at], self.theme
        if row.node in self.editor.document.selection.nodes:
            high = (self._wide, top + self._rows.high)
            ground = faded(theme.accent, 0.18)
            dpg.draw_rectangle((0, top), high, fill=ground, color=CLEAR, parent=item)
        shape = show_shape(row.spec.shape) if row.spec else ""
        counts = row.cost.parameters, row.cost.flops
        numbers = [number(count) if count else "" for count in counts]
        cells = [(row.node, theme.text), (row.type, theme.quiet), (shape, theme.quiet)]
        self._cells([*cells, *((one, theme.text) for one in numbers)], item, top)

    def _cells(self, cells: list[tuple[str, Colour]], item: Item, top: float) -> None:
        size = fonts.size("small", self.editor.settings.scale)
        places = [share * self._wide for _, share in COLUMNS]
        for at, (told, colour) in enumerate(cells):
            ends = at >= 3
            room = places[at] - places[at - 1] if ends else places[at + 1] - places[at]
            words = shortened(shown(told), room - self.units(PAD), size, "medium")
            x = places[at] - width(words, size, "medium") if ends else places[at]
            y = top + (self.units(HIGH) - size) / 2
            drawn = dpg.draw_text((round(x), round(y)), words, size=size, color=colour, parent=item)
            dpg.bind_item_font(drawn, fonts.tag("small"))

    def _picked(self, at: int) -> None:
        name = self._listed[at].node
        if name in self.editor.active_graph.graph.nodes:
            self.editor.store.select(Selection.of(name))
            self.editor.navigation.reveal(name)
