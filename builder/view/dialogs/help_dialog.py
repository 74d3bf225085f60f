"""The key bindings and gestures, generated from the action table and the gesture table."""

import dearpygui.dearpygui as dpg

from builder.actions.action_table import ACTIONS
from builder.actions.help_lines import HelpLine, key_lines, mouse_lines
from builder.canvas.pointer_events import Modifiers
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets.widget_painter import WidgetPainter

ROW = 30
SCROLL_ROWS = {"Up": -1, "Down": 1, "PageUp": -12, "PageDown": 12}
"""How many rows each key scrolls by."""


class HelpWindow(DialogWindow):
    """Lists keys on the left and gestures on the right, both filtered by a query."""

    modal = True

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: as high as the window allows."""
        return 960, min(760, self.screen[1] / self.scale - 60)

    def build(self) -> None:
        """Add the search field and the two lists."""
        self.add_heading("Keys and gestures")
        self.add_field(self.search, "Search")
        size = (self.inner_width - 2 * MARGIN) / 2, self.height - 110
        with dpg.group(horizontal=True, horizontal_spacing=self.px(2 * MARGIN)):
            self.keys: RowList[HelpLine] = RowList(
                self.appearance, size, self._draw_key, row_height=ROW, is_selectable=_never
            )
            self.gestures: RowList[HelpLine] = RowList(
                self.appearance, size, self._draw_gesture, row_height=ROW, is_selectable=_never
            )
        self.lists += [self.keys, self.gestures]
        self.search("")

    def search(self, text: str) -> None:
        """List the keys and gestures that match a text."""
        self.keys.show(key_lines(ACTIONS.values(), text))
        self.gestures.show(mouse_lines(text))

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Scroll both lists."""
        if name not in SCROLL_ROWS:
            return name in ("Enter", "Tab")
        distance = SCROLL_ROWS[name] * self.px(ROW)
        for list_ in (self.keys, self.gestures):
            dpg.set_y_scroll(list_.child, dpg.get_y_scroll(list_.child) + distance)
        return True

    def _draw_section(self, painter: WidgetPainter, line: HelpLine, area: RowArea) -> bool:
        """Draw the heading of a section; return whether the line is one."""
        if not line.how:
            middle = area.middle + self.px(4)
            painter.text((area.left, middle), line.title.upper(), "small", self.theme.faint)
        return not line.how

    def _draw_key(self, painter: WidgetPainter, line: HelpLine, area: RowArea) -> None:
        if self._draw_section(painter, line, area):
            return
        painter.text((area.left, area.middle), line.title)
        right = area.right
        for keys in reversed(line.how):
            right = painter.key_caps(right, area.middle, keys) - self.px(12)

    def _draw_gesture(self, painter: WidgetPainter, line: HelpLine, area: RowArea) -> None:
        if self._draw_section(painter, line, area):
            return
        painter.text((area.left, area.middle), line.title)
        painter.text_right_aligned(
            (area.right, area.middle), line.how[0], "small", self.theme.quiet
        )


def _never(_line: HelpLine) -> bool:
    return False
