"""The context menu of what is under the pointer."""

import dearpygui.dearpygui as dpg

from builder.actions.context_menu import MenuItem, menu_items, select_menu_target
from builder.dialogs.dialog import Menu
from builder.graphics.shapes import Point
from builder.graphics.theme import Theme
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets.widget_painter import WidgetPainter, key_labels, text_width

ROW, PADDING = 28, 6
THEME = "style_menu"


class MenuWindow(DialogWindow):
    """Lists actions with their key bindings."""

    dialog: Menu

    def size(self) -> tuple[float, float]:
        """Return the width and height that the items need, in units."""
        select_menu_target(self.editor, self.dialog)
        self.items = menu_items(self.editor, self.dialog)
        titles = max(text_width(item.title) for item in self.items) / self.scale
        keys = max(self._key_caps_width(item) for item in self.items) / self.scale
        return titles + keys + 64, len(self.items) * ROW + 2 * PADDING

    def _key_caps_width(self, item: MenuItem) -> float:
        widths = [text_width(key, "small") + self.px(16) for key in key_labels(item.keys) if key]
        return sum(max(width, self.px(24)) for width in widths)

    def position(self, size: tuple[int, int]) -> Point:
        """Open at the pointer."""
        return self.dialog.pixel

    def build(self) -> None:
        """Add the list."""
        self.list: RowList[MenuItem] = RowList(
            self.appearance,
            (self.width - 2 * PADDING, self.height - 2 * PADDING),
            self._draw,
            self._run,
            ROW,
            lambda item: item.enabled,
        )
        _fill_theme(self.theme, self.scale)
        dpg.bind_item_theme(self.window, THEME)
        self.lists.append(self.list)
        self.list.show(self.items, -1)

    def _draw(self, painter: WidgetPainter, item: MenuItem, area: RowArea) -> None:
        colour = self.theme.text if item.enabled else self.theme.faint
        painter.text((area.left, area.middle), item.title, colour=colour)
        if item.keys:
            painter.key_caps(area.right, area.middle, item.keys)
        if item.last and item is not self.items[-1]:
            painter.separator(area.left, area.right, area.middle + self.list.row_height / 2)

    def _run(self, index: int) -> None:
        self.editor.close_dialog()
        self.list.rows[index].do()


def _fill_theme(theme: Theme, scale: float) -> None:
    """Create or refill the theme of menus."""
    if dpg.does_item_exist(THEME):
        dpg.delete_item(THEME, children_only=True)
    else:
        dpg.add_theme(tag=THEME)
    component = dpg.add_theme_component(dpg.mvAll, parent=THEME)
    dpg.add_theme_color(dpg.mvThemeCol_PopupBg, theme.card, parent=component)
    padding = PADDING * scale
    dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, padding, padding, parent=component)
