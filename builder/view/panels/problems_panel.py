"""The pane below the canvas: the list of problems and, on a second tab, the summary."""

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.panels.problem_rows import MAX_ROWS, heading, problem_rows, waiting_lines
from builder.view.panels import panel_themes
from builder.view.panels.panel import Panel, add_text, set_text
from builder.view.panels.problem_widgets import add_problem
from builder.view.panels.summary_table import SummaryTable
from builder.view.widgets import fonts
from builder.view.widgets.tag import Tag


class ProblemsPanel(Panel):
    """Lists the problems of the model: a click goes to one, a button applies a remedy."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent)
        self._limit = MAX_ROWS
        with dpg.group(horizontal=True, parent=self.root) as header:
            self._tabs = [self._add_tab("PROBLEMS", 0), self._add_tab("SUMMARY", 1)]
            self._counts = add_text("", self.theme.quiet, "small")
        dpg.bind_item_theme(header, panel_themes.COMPACT)
        self._list = dpg.add_child_window(parent=self.root, width=-1, height=-1, border=False)
        self._summary = SummaryTable(editor, self.root)
        self._open_tab(0)

    def _add_tab(self, label: str, index: int) -> Tag:
        item = dpg.add_button(label=label, callback=self._tab_clicked, user_data=index)
        dpg.bind_item_font(item, fonts.tag("small"))
        return item

    def _tab_clicked(self, _sender: Tag, _data: object, index: int) -> None:
        self._open_tab(index)

    def _open_tab(self, index: int) -> None:
        """Show the problems (0) or the summary (1)."""
        for tab, content in enumerate((self._list, self._summary.root)):
            dpg.configure_item(content, show=tab == index)
            theme = panel_themes.TEXT if tab == index else panel_themes.FAINT
            dpg.bind_item_theme(self._tabs[tab], theme)

    def update(self) -> None:
        """List the problems if they have changed."""
        analysis, name = self.editor.analysis, self.editor.document.model.name
        shown = analysis.report, analysis.verified, name, self._limit
        if self.has_changed(*shown, *self.style_key()):
            self._build()
        self._summary.update()

    def _build(self) -> None:
        analysis, name = self.editor.analysis, self.editor.document.model.name
        report = analysis.report
        dpg.delete_item(self._list, children_only=True)
        set_text(self._counts, heading(report))
        dpg.configure_item(self._counts, color=self.theme.quiet)
        problems = report.problems[: self._limit]
        for row in problem_rows(problems, name, analysis.remedies):
            add_problem(self.editor, row, self._list)
        self._add_more_button(len(report.problems) - self._limit)
        self._add_waiting(waiting_lines(report))
        if not problems:
            add_text("No problems", self.theme.quiet, parent=self._list)

    def _add_more_button(self, hidden: int) -> None:
        if hidden > 0:
            label = f"Show {min(hidden, MAX_ROWS):,} more of {hidden:,}"
            dpg.add_button(label=label, parent=self._list, callback=self._show_more)

    def _show_more(self) -> None:
        self._limit += MAX_ROWS

    def _add_waiting(self, lines: list[str]) -> None:
        """List the nodes that cannot be checked before an earlier problem is fixed."""
        for line in lines[:MAX_ROWS]:
            add_text(line, self.theme.faint, "small", self._list, wrap=0)
        if len(lines) > MAX_ROWS:
            text = f"and {len(lines) - MAX_ROWS:,} more wait"
            add_text(text, self.theme.faint, "small", self._list)
