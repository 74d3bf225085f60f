"""The generated code: live, highlighted, and linked to the nodes that it comes from."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.actions.dispatch import run_action
from builder.canvas.pointer_events import Modifiers
from builder.document.document import Selection
from builder.editor.editor import Editor
from builder.graphics.shapes import CLEAR, Colour
from builder.graphics.text_metrics import width
from builder.graphics.theme import faded, mixed
from builder.panels.code_lines import SourceLines, source_lines, stale_reason
from builder.panels.syntax_colours import docstring_lines, highlight
from builder.view.panels import panel_themes
from builder.view.panels.panel import Panel, add_heading, add_text, add_tooltip, set_text
from builder.view.panels.virtual_rows import VirtualRows
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag

GUTTER, GAP, MARKER = 28, 12, 3
"""The widths of the line numbers, the space after them, and the marker of selected lines."""
STALE_OPACITY = 0.45
"""The share of their colour that tokens keep while the code is that of an earlier model."""


class CodePanel(Panel):
    """Shows the code of the model; while the model has errors, the last valid code, dimmed."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent)
        self._source = SourceLines()
        self._in_docstring: list[bool] = []
        self._marked: frozenset[int] = frozenset()
        self._stale = False
        self._plain = False
        self._styled: tuple[object, ...] = ()
        with dpg.group(horizontal=True, parent=self.root) as header:
            self._heading = add_heading("model.py", self.theme)
            dpg.add_spacer(width=self.units(8))
            self._add_button("Copy", "Copy the code   Ctrl+Shift+C", self._run, "copy_code")
            self._add_button(
                "Export", "Export the code to a folder   Ctrl+E", self._run, "export_code"
            )
            tooltip = "Switch between highlighted code and plain text that can be selected"
            self._plain_button = self._add_button("Plain text", tooltip, self._toggle_plain)
        dpg.bind_item_theme(header, panel_themes.COMPACT)
        self._stale_reason = add_text("", self.theme.warning, "small", self.root, wrap=0)
        self._rows = VirtualRows(
            self.root, self._paint, self._row_clicked, scrolls_horizontally=True
        )
        self._text = dpg.add_input_text(
            parent=self.root, multiline=True, readonly=True, width=-1, height=-1, show=False
        )
        dpg.bind_item_font(self._text, fonts.tag("mono"))

    def _add_button(
        self, label: str, tooltip: str, callback: Callable[..., None], action: str = ""
    ) -> Tag:
        item = dpg.add_button(label=label, callback=callback, user_data=action)
        dpg.bind_item_theme(item, panel_themes.QUIET)
        dpg.bind_item_font(item, fonts.tag("small"))
        add_tooltip(item, tooltip)
        return item

    @property
    def typing(self) -> bool:
        """Whether the plain text has the keyboard focus."""
        return self._plain and dpg.is_item_active(self._text)

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Consume no key: the plain text is read-only."""
        return False

    def update(self) -> None:
        """Show the newest code, and mark the lines of the selected nodes."""
        editor = self.editor
        code, selection = editor.analysis.code, editor.document.selection
        self._update_style()
        if self.has_changed(code, selection, editor.active_graph, self._plain, *self.style_key()):
            self._show()
        self._rows.update()

    # -- content ---------------------------------------------------------------------------------

    def _update_style(self) -> None:
        if self.style_key() == self._styled:
            return
        self._styled = self.style_key()
        dpg.configure_item(self._heading, color=self.theme.faint)
        dpg.configure_item(self._stale_reason, color=self.theme.warning)
        self._font_size = fonts.size("mono", self.editor.settings.scale)
        self._advance = width("m" * 100, self._font_size, "mono") / 100
        self._source = SourceLines()

    def _show(self) -> None:
        editor = self.editor
        code, previous = editor.analysis.code, self._source
        if code is not None and code.source:
            self._source = source_lines(code, previous)
        reason = stale_reason(code, bool(self._source.lines))
        set_text(self._stale_reason, reason)
        dpg.configure_item(self._stale_reason, show=bool(reason))
        selected = editor.document.selection.nodes
        marked = self._source.of_nodes(editor.active_graph.graph_name, selected)
        is_new = self._source is not previous
        if is_new:
            self._in_docstring = docstring_lines(self._source.lines)
        dpg.configure_item(self._rows.child, show=not self._plain)
        dpg.configure_item(self._text, show=self._plain)
        if self._plain:
            dpg.set_value(self._text, "\n".join(map(sanitize, self._source.lines)))
        if is_new or marked != self._marked or bool(reason) != self._stale:
            newly_marked = marked - self._marked
            self._marked, self._stale = marked, bool(reason)
            self._show_rows()
            if newly_marked and not is_new:
                self._rows.reveal(min(marked))

    def _show_rows(self) -> None:
        lines = self._source.lines
        longest = max(map(len, lines), default=0)
        row_width = self._code_left + round(longest * self._advance) + self.units(GAP)
        self._rows.show(len(lines), round(self._font_size * 1.35), row_width)

    @property
    def _code_left(self) -> int:
        """The left end of the code, in pixels."""
        return self.units(GUTTER + GAP)

    def _paint(self, row: int, item: Tag, top: float) -> None:
        if row in self._marked:
            self._paint_marker(item, top)
        number = str(row + 1)
        left = self.units(GUTTER) - len(number) * self._advance
        self._write(number, left, top, self.theme.faint, item)
        x = float(self._code_left)
        for token, role in highlight(sanitize(self._source.lines[row]), self._in_docstring[row]):
            if token.strip():
                self._write(token, x, top, self._colour(role), item)
            x += len(token) * self._advance

    def _paint_marker(self, item: Tag, top: float) -> None:
        """Highlight a row, with a bar at its left end."""
        accent, bottom = self.theme.accent, top + self._rows.row_height
        for right, colour in (
            (max(self._rows.width, dpg.get_item_width(self._rows.list)), faded(accent, 0.10)),
            (self.units(MARKER), accent),
        ):
            dpg.draw_rectangle((0, top), (right, bottom), fill=colour, color=CLEAR, parent=item)

    def _write(self, text: str, x: float, top: float, colour: Colour, item: Tag) -> None:
        y = top + (self._rows.row_height - self._font_size) // 2
        drawn = dpg.draw_text((x, y), text, size=self._font_size, color=colour, parent=item)
        dpg.bind_item_font(drawn, fonts.tag("mono"))

    def _colour(self, role: str) -> Colour:
        colour: Colour = getattr(self.theme, role)
        return mixed(self.theme.panel, colour, STALE_OPACITY) if self._stale else colour

    # -- input -----------------------------------------------------------------------------------

    def _run(self, _sender: Tag, _data: object, action: str) -> None:
        run_action(self.editor, action)

    def _toggle_plain(self) -> None:
        self._plain = not self._plain
        theme = panel_themes.ACCENT if self._plain else panel_themes.QUIET
        dpg.bind_item_theme(self._plain_button, theme)

    def _row_clicked(self, row: int) -> None:
        """Select the nodes that a line comes from."""
        nodes = self._source.at(row)
        if not nodes:
            return
        self.editor.navigation.go_to(nodes[0])
        same_graph = {node.node for node in nodes if node.graph == nodes[0].graph}
        names = same_graph & self.editor.active_graph.graph.nodes.keys()
        if self.editor.active_graph.graph_name == nodes[0].graph and names:
            self.editor.store.select(Selection(frozenset(names)))
