"""The menu of what is under the pointer."""

import dearpygui.dearpygui as dpg

from builder.actions.context_menu import MenuItem, menu_items, select_menu_target
from builder.dialogs.dialog import Menu
from builder.graphics.shapes import Point
from builder.graphics.theme import Theme
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets.draw_context import WidgetDrawing, caps, measure

ROW, PAD = 28, 6
LOOK = "style_menu"


class MenuWindow(DialogWindow):
    """Lists what can be done, with the keys that do it."""

    dialog: Menu

    def size(self) -> tuple[float, float]:
        """Be as wide as the longest line, and as high as there are lines."""
        select_menu_target(self.editor, self.dialog)
        self.items = menu_items(self.editor, self.dialog)
        titles = max(measure(one.title) for one in self.items) / self.scale
        keys = max(self._caps(one) for one in self.items) / self.scale
        return titles + keys + 64, len(self.items) * ROW + 2 * PAD

    def _caps(self, item: MenuItem) -> float:
        each = [measure(key, "small") + self.px(16) for key in caps(item.keys) if key]
        return sum(max(one, self.px(24)) for one in each)

    def place(self, size: tuple[int, ...]) -> Point:
        """Open at the pointer."""
        return self.dialog.pixel

    def build(self) -> None:
        """Make the list."""
        self.list = RowList(
            (self.theme, self.scale),
            (self.width - 2 * PAD, self.height - 2 * PAD),
            self._draw,
            self._do,
            ROW,
            lambda one: one.enabled,
        )
        _make_look(self.theme, self.scale)
        dpg.bind_item_theme(self.window, LOOK)
        self.lists.append(self.list)
        self.list.show(self.items, -1)

    def _draw(self, pen: WidgetDrawing, item: MenuItem, area: Area) -> None:
        colour = self.theme.text if item.enabled else self.theme.faint
        pen.text((area.left, area.middle), item.title, colour=colour)
        if item.keys:
            pen.keys(area.right, area.middle, item.keys)
        if item.last and item is not self.items[-1]:
            pen.rule(area.left, area.right, area.middle + self.list.row / 2)

    def _do(self, at: int) -> None:
        self.editor.close_dialog()
        self.list.rows[at].do()


def _make_look(theme: Theme, scale: float) -> None:
    """Make the theme of menus, in the place of the one that was there."""
    if dpg.does_item_exist(LOOK):
        dpg.delete_item(LOOK, children_only=True)
    else:
        dpg.add_theme(tag=LOOK)
    every = dpg.add_theme_component(dpg.mvAll, parent=LOOK)
    dpg.add_theme_color(dpg.mvThemeCol_PopupBg, theme.card, parent=every)
    dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, PAD * scale, PAD * scale, parent=every)
