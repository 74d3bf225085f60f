"""The keys and gestures, made of the table of actions and that of gestures."""

import dearpygui.dearpygui as dpg

from builder.actions.action_table import ACTIONS
from builder.actions.help_lines import HelpLine, key_lines, mouse_lines
from builder.canvas.pointer_events import Modifiers
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets.draw_context import WidgetDrawing

ROW = 30


class HelpWindow(DialogWindow):
    """Shows keys on the left and gestures on the right; what is typed narrows both."""

    modal = True

    def size(self) -> tuple[float, float]:
        """Be as high as there is room for."""
        return 960, min(760, self.screen[1] / self.scale - 60)

    def build(self) -> None:
        """Make the field and the two lists."""
        self.heading("Keys and gestures")
        self.add_field(self.search, "Search")
        height = self.height - 110
        width = (self.inner - 2 * MARGIN) / 2
        with dpg.group(horizontal=True, horizontal_spacing=self.px(2 * MARGIN)):
            for draw in (self._draw_key, self._draw_gesture):
                look = self.theme, self.scale
                made = RowList(look, (width, height), draw, row=ROW, free=lambda _: False)
                self.lists.append(made)
        self.search("")

    def search(self, text: str) -> None:
        """Show what a text may mean."""
        keys, mouse = self.lists
        keys.show(key_lines(ACTIONS.values(), text))
        mouse.show(mouse_lines(text))

    def key(self, name: str, held: Modifiers) -> bool:
        """Scroll."""
        steps = {"Up": -1, "Down": 1, "PageUp": -12, "PageDown": 12}
        if name not in steps:
            return name in ("Enter", "Tab")
        for one in self.lists:
            dpg.set_y_scroll(one.child, dpg.get_y_scroll(one.child) + steps[name] * self.px(ROW))
        return True

    def _heading(self, pen: WidgetDrawing, line: HelpLine, area: Area) -> bool:
        if not line.how:
            low = area.middle + self.px(4)
            pen.text((area.left, low), line.title.upper(), "small", self.theme.faint)
        return not line.how

    def _draw_key(self, pen: WidgetDrawing, line: HelpLine, area: Area) -> None:
        if self._heading(pen, line, area):
            return
        pen.text((area.left, area.middle), line.title)
        right = area.right
        for keys in reversed(line.how):
            right = pen.keys(right, area.middle, keys) - self.px(12)

    def _draw_gesture(self, pen: WidgetDrawing, line: HelpLine, area: Area) -> None:
        if self._heading(pen, line, area):
            return
        pen.text((area.left, area.middle), line.title)
        pen.text_before((area.right, area.middle), line.how[0], "small", self.theme.quiet)
