"""The status bar: counts, problems, cost, whether the file is saved, and key hints."""

import dearpygui.dearpygui as dpg

from builder.actions.key_hints import key_hints
from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.panels.status_model import graph_size, model_size, problem_count
from builder.view.panels import panel_themes
from builder.view.panels.panel import Debounce, Panel, add_text, set_text
from builder.view.widgets.safe_text import sanitize_label
from builder.view.widgets.tag import Tag
from codegen.check import Severity
from codegen.cost import Cost

MAX_HINTS = 5


class StatusBar(Panel):
    """Shows the state of the document."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent, panel_themes.BAR)
        self._debounce = Debounce()
        self._cost: Cost | None = None
        self._built: tuple[object, ...] = ()

    def _build(self) -> None:
        theme, gap = self.theme, self.units(18)
        dpg.delete_item(self.root, children_only=True)
        dpg.add_spacer(height=self.units(5), parent=self.root)
        with dpg.group(horizontal=True, parent=self.root, horizontal_spacing=gap):
            self._counts_item = add_text("", theme.quiet, "small")
            self._problems_item = add_text("", theme.quiet, "small")
            self._cost_item = add_text("", theme.quiet, "small")
            self._saved_item = add_text("", theme.quiet, "small")
            self._hint_items: list[tuple[Tag, Tag]] = []
            for _ in range(MAX_HINTS):
                with dpg.group(horizontal=True, horizontal_spacing=self.units(5)):
                    key = add_text("", theme.text, "small")
                    self._hint_items.append((key, add_text("", theme.faint, "small")))

    def update(self) -> None:
        """Show what has changed."""
        editor = self.editor
        if self.style_key() != self._built:
            self._built = self.style_key()
            self._build()
        shown, report, document = editor.active_graph, editor.analysis.report, editor.document
        if self._debounce.is_stable(report):
            costs = editor.analysis.costs
            self._cost = costs[1] if costs else None
        hints = tuple(key_hints(document, shown, editor.overlay))
        dirty = editor.session.dirty
        if not self.has_changed(shown, report, self._cost, dirty, hints, *self._built):
            return
        set_text(self._counts_item, graph_size(shown))
        problems, severity = problem_count(report)
        set_text(self._problems_item, problems)
        dpg.configure_item(self._problems_item, color=self._colour(severity))
        _set_or_hide(self._cost_item, model_size(self._cost) if report.ok else "")
        saved = "saved" if editor.session.path else ""
        _set_or_hide(self._saved_item, "not saved" if dirty else saved)
        for index, (key_item, action_item) in enumerate(self._hint_items):
            key, action = hints[index] if index < len(hints) else ("", "")
            set_text(key_item, sanitize_label(key))
            set_text(action_item, action)

    def _colour(self, severity: Severity | None) -> Colour:
        if severity is Severity.ERROR:
            return self.theme.error
        return self.theme.warning if severity is Severity.WARNING else self.theme.quiet


def _set_or_hide(item: Tag, text: str) -> None:
    set_text(item, text)
    dpg.configure_item(item, show=bool(text))
