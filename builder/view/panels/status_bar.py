"""The bar below: how much there is, how it stands, and which keys help now."""

import dearpygui.dearpygui as dpg

from builder.actions.key_hints import key_hints
from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.panels.status_model import graph_size, model_size, problem_count
from builder.view.panels import panel_themes
from builder.view.panels.panel import Item, Panel, Rest, rewrite, text
from builder.view.widgets.safe_text import label
from codegen.check import Severity
from codegen.cost import Cost

MOST_HINTS = 5


class StatusBar(Panel):
    """Says how the document stands."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent, panel_themes.BAR)
        self._rest = Rest()
        self._cost: Cost | None = None
        self._built: tuple[object, ...] = ()

    def _build(self) -> None:
        theme, gap = self.theme, self.units(18)
        dpg.delete_item(self.root, children_only=True)
        dpg.add_spacer(height=self.units(5), parent=self.root)
        with dpg.group(horizontal=True, parent=self.root, horizontal_spacing=gap):
            self._counts = text("", theme.quiet, "small")
            self._troubles = text("", theme.quiet, "small")
            self._weight = text("", theme.quiet, "small")
            self._saved = text("", theme.quiet, "small")
            self._hints = []
            for _ in range(MOST_HINTS):
                with dpg.group(horizontal=True, horizontal_spacing=self.units(5)):
                    key = text("", theme.text, "small")
                    self._hints.append((key, text("", theme.faint, "small")))

    def update(self) -> None:
        """Say what differs."""
        editor = self.editor
        if self.looks() != self._built:
            self._built = self.looks()
            self._build()
        shown, report, document = editor.active_graph, editor.analysis.report, editor.document
        if self._rest.of(report):
            costs = editor.analysis.costs
            self._cost = costs[1] if costs else None
        helps = tuple(key_hints(document, shown, editor.overlay))
        dirty = editor.session.dirty
        if not self.differs(shown, report, self._cost, dirty, helps, *self._built):
            return
        rewrite(self._counts, graph_size(shown))
        told, severity = problem_count(report)
        rewrite(self._troubles, told)
        dpg.configure_item(self._troubles, color=self._ink(severity))
        weight = model_size(self._cost) if report.ok else ""
        rewrite(self._weight, weight)
        dpg.configure_item(self._weight, show=bool(weight))
        saved = "not saved" if dirty else "saved" if editor.session.path else ""
        rewrite(self._saved, saved)
        dpg.configure_item(self._saved, show=bool(saved))
        for at, (key, what) in enumerate(self._hints):
            pressed, does = helps[at] if at < len(helps) else ("", "")
            rewrite(key, label(pressed))
            rewrite(what, does)

    def _ink(self, severity: Severity | None) -> Colour:
        theme = self.theme
        return {Severity.ERROR: theme.error, Severity.WARNING: theme.warning}.get(
            severity, theme.quiet
        )
