"""The pane under the canvas: the list of problems, and beside it the summary."""

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.panels.problem_rows import MAX_ROWS, heading, problem_rows, waiting_lines
from builder.view.panels import panel_themes
from builder.view.panels.panel import Item, Panel, rewrite, text
from builder.view.panels.problem_widgets import add_problem
from builder.view.panels.summary_table import Summary
from builder.view.widgets import fonts


class ProblemsPanel(Panel):
    """Lists what the check has found: a click goes to the place, a button mends it."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent)
        self._most = MAX_ROWS
        with dpg.group(horizontal=True, parent=self.root) as head:
            self._tabs = [self._tab("PROBLEMS", 0), self._tab("SUMMARY", 1)]
            self._counts = text("", self.theme.quiet, "small")
        dpg.bind_item_theme(head, panel_themes.LINES)
        self._list = dpg.add_child_window(parent=self.root, width=-1, height=-1, border=False)
        self._summary = Summary(editor, self.root)
        self._open(0)

    def _tab(self, words: str, at: int) -> Item:
        item = dpg.add_button(label=words, callback=self._chosen, user_data=at)
        dpg.bind_item_font(item, fonts.tag("small"))
        return item

    def _chosen(self, _sender: Item, _data: object, at: int) -> None:
        self._open(at)

    def _open(self, at: int) -> None:
        """Show the problems (0) or the summary (1)."""
        for place, item in enumerate((self._list, self._summary.root)):
            dpg.configure_item(item, show=place == at)
            dpg.bind_item_theme(
                self._tabs[place], panel_themes.TEXT if place == at else panel_themes.FAINT
            )

    def update(self) -> None:
        """List the problems anew where they are others."""
        report = self.editor.analysis.report
        name = self.editor.document.model.name
        if self.differs(report.problems, report.waiting, name, self._most, *self.looks()):
            self._build()
        self._summary.update()

    def _build(self) -> None:
        report = self.editor.analysis.report
        dpg.delete_item(self._list, children_only=True)
        rewrite(self._counts, heading(report))
        dpg.configure_item(self._counts, color=self.theme.quiet)
        listed = problem_rows(report, self.editor.document.model)
        for row in listed[: self._most]:
            add_problem(self.editor, row, self._list)
        self._offer_more(len(listed) - self._most)
        self._waiting(waiting_lines(report))
        if not listed:
            text("Everything fits together.", self.theme.quiet, parent=self._list)

    def _offer_more(self, left: int) -> None:
        if left > 0:
            more = f"Show {min(left, MAX_ROWS):,} more of {left:,}"
            dpg.add_button(label=more, parent=self._list, callback=self._more)

    def _more(self) -> None:
        self._most += MAX_ROWS

    def _waiting(self, lines: list[str]) -> None:
        for line in lines[:MAX_ROWS]:
            text(line, self.theme.faint, "small", self._list, wrap=0)
        if len(lines) > MAX_ROWS:
            text(f"and {len(lines) - MAX_ROWS:,} more wait", self.theme.faint, "small", self._list)
