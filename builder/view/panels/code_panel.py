"""The generated code: live, coloured, and tied to the nodes that it came from."""

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
from builder.view.panels.panel import Item, Panel, heading, rewrite, text, tip
from builder.view.panels.virtual_rows import Rows
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import shown

GUTTER, GAP, BAR = 28, 12, 3
"""How wide the line numbers are, the space after them, and the mark of selected lines, in units."""
OLD = 0.45
"""How much of its colour code keeps that is not of the present model."""


class CodePanel(Panel):
    """Shows the code of the model; or the last there was, dimmed, while the model has errors."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent)
        self._source = SourceLines()
        self._insides: list[bool] = []
        self._marked: frozenset[int] = frozenset()
        self._old = False
        self._plain = False
        self._styled: tuple[object, ...] = ()
        with dpg.group(horizontal=True, parent=self.root) as head:
            self._heading = heading("model.py", self.theme)
            dpg.add_spacer(width=self.units(8))
            self._button("Copy", "Copy the code   Ctrl+Shift+C", self._do, "copy_code")
            self._button("Export", "Write the code to a folder   Ctrl+E", self._do, "export_code")
            words = "Show the code as a text that can be selected, or in colours"
            self._toggled = self._button("Plain text", words, self._toggle)
        dpg.bind_item_theme(head, panel_themes.LINES)
        self._why = text("", self.theme.warning, "small", self.root, wrap=0)
        self._rows = Rows(self.root, self._paint, self._picked, across=True)
        self._text = dpg.add_input_text(
            parent=self.root, multiline=True, readonly=True, width=-1, height=-1, show=False
        )
        dpg.bind_item_font(self._text, fonts.tag("mono"))

    def _button(self, words: str, told: str, callback: Callable[..., None], name: str = "") -> Item:
        item = dpg.add_button(label=words, callback=callback, user_data=name)
        dpg.bind_item_theme(item, panel_themes.QUIET)
        dpg.bind_item_font(item, fonts.tag("small"))
        tip(item, told)
        return item

    @property
    def typing(self) -> bool:
        """Tell whether the plain text has the keyboard."""
        return self._plain and dpg.is_item_active(self._text)

    def key(self, name: str, held: Modifiers) -> bool:
        """Leave every key to others; what is typed into the plain text is lost anyway."""
        return False

    def update(self) -> None:
        """Show the newest code, and mark the lines of what is selected."""
        editor = self.editor
        code = editor.analysis.code
        self._restyle()
        if self.differs(
            code, editor.document.selection, editor.active_graph, self._plain, *self.looks()
        ):
            self._show()
        self._rows.update()

    # -- what is shown ---------------------------------------------------------------------------

    def _restyle(self) -> None:
        if self.looks() == self._styled:
            return
        self._styled = self.looks()
        dpg.configure_item(self._heading, color=self.theme.faint)
        dpg.configure_item(self._why, color=self.theme.warning)
        self._size = fonts.size("mono", self.editor.settings.scale)
        self._advance = width("m" * 100, self._size, "mono") / 100
        self._source = SourceLines()

    def _show(self) -> None:
        editor = self.editor
        code = editor.analysis.code
        before = self._source
        if code is not None and code.source:
            self._source = source_lines(code, before)
        why = stale_reason(code, bool(self._source.lines))
        rewrite(self._why, why)
        dpg.configure_item(self._why, show=bool(why))
        chosen = editor.document.selection.nodes
        marked = self._source.of_nodes(editor.active_graph.graph_name, chosen)
        new = self._source is not before
        if new:
            self._insides = docstring_lines(self._source.lines)
        dpg.configure_item(self._rows.child, show=not self._plain)
        dpg.configure_item(self._text, show=self._plain)
        if self._plain:
            dpg.set_value(self._text, "\n".join(map(shown, self._source.lines)))
        if new or marked != self._marked or bool(why) != self._old:
            appeared = marked - self._marked
            self._marked, self._old = marked, bool(why)
            self._lay_out()
            if appeared and not new:
                self._rows.reveal(min(marked))

    def _lay_out(self) -> None:
        lines = self._source.lines
        longest = max(map(len, lines), default=0)
        wide = self._left + round(longest * self._advance) + self.units(GAP)
        self._rows.show(len(lines), round(self._size * 1.35), wide)

    @property
    def _left(self) -> int:
        """Where the code begins."""
        return self.units(GUTTER + GAP)

    def _paint(self, row: int, item: Item, top: float) -> None:
        high, theme = self._rows.high, self.theme
        if row in self._marked:
            ground = faded(theme.accent, 0.10)
            wide = max(self._rows.width, dpg.get_item_width(self._rows.list))
            dpg.draw_rectangle((0, top), (wide, top + high), fill=ground, color=CLEAR, parent=item)
            bar = (self.units(BAR), top + high)
            dpg.draw_rectangle((0, top), bar, fill=theme.accent, color=CLEAR, parent=item)
        number = str(row + 1)
        ends = self.units(GUTTER)
        self._write(number, ends - len(number) * self._advance, top, theme.faint, item)
        x = float(self._left)
        for piece, role in highlight(shown(self._source.lines[row]), self._insides[row]):
            if piece.strip():
                self._write(piece, x, top, self._ink(role), item)
            x += len(piece) * self._advance

    def _write(self, words: str, x: float, top: float, colour: Colour, item: Item) -> None:
        y = top + (self._rows.high - self._size) // 2
        drawn = dpg.draw_text((x, y), words, size=self._size, color=colour, parent=item)
        dpg.bind_item_font(drawn, fonts.tag("mono"))

    def _ink(self, role: str) -> Colour:
        colour = getattr(self.theme, role)
        return mixed(self.theme.panel, colour, OLD) if self._old else colour

    # -- what is done ----------------------------------------------------------------------------

    def _do(self, _sender: Item, _data: object, name: str) -> None:
        run_action(self.editor, name)

    def _toggle(self) -> None:
        self._plain = not self._plain
        dpg.bind_item_theme(
            self._toggled, panel_themes.ACCENT if self._plain else panel_themes.QUIET
        )

    def _picked(self, row: int) -> None:
        """Select the nodes that a line came from."""
        nodes = self._source.at(row)
        if not nodes:
            return
        self.editor.navigation.go_to(nodes[0])
        here = {one.node for one in nodes if one.graph == nodes[0].graph}
        names = here & self.editor.active_graph.graph.nodes.keys()
        if self.editor.active_graph.graph_name == nodes[0].graph and names:
            self.editor.store.select(Selection(frozenset(names)))
