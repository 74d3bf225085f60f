"""Notifications at the lower edge of the canvas; errors stay until they are clicked."""

import dearpygui.dearpygui as dpg

from builder.dialogs.list_navigation import wrapped
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR, Notification
from builder.graphics.theme import Theme
from builder.view.widgets import style
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.widget_painter import WidgetPainter, text_width

MAX_WIDTH, LINE_HEIGHT, PADDING, GAP = 560, 20, 12, 8


class Notifications:
    """Cards below each other, the newest at the bottom."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._painted: tuple[object, ...] | None = None
        self._spans: list[tuple[float, float, Notification]] = []
        self._pressed: Notification | None = None
        self.window = dpg.add_window(
            show=False,
            no_title_bar=True,
            no_move=True,
            no_resize=True,
            no_background=True,
            no_scrollbar=True,
            no_scroll_with_mouse=True,
            no_focus_on_appearing=True,
            no_saved_settings=True,
            min_size=[1, 1],
        )
        dpg.bind_item_theme(self.window, style.NO_SPACING)
        self.list = dpg.add_drawlist(1, 1, parent=self.window)
        with dpg.handler_registry():
            left = dpg.mvMouseButton_Left
            dpg.add_mouse_click_handler(left, callback=self._press)
            dpg.add_mouse_release_handler(left, callback=self._release)

    def update(self) -> None:
        """Show the messages of the editor."""
        editor = self.editor
        camera = editor.camera
        middle, bottom = camera.left + camera.width / 2, camera.top + camera.height
        messages = tuple(map(id, editor.view_state.notifications))
        state = messages, editor.theme.name, editor.settings.scale, middle, bottom, camera.width
        if state == self._painted:
            return
        self._painted = state
        if not messages:
            dpg.hide_item(self.window)
            return
        width, height = self._paint(editor.theme, editor.settings.scale, camera.width)
        left, top = round(middle - width / 2), round(bottom - height - 16)
        dpg.configure_item(self.window, pos=[left, top], width=width, height=height, show=True)

    def _paint(self, theme: Theme, scale: float, available: float) -> tuple[int, int]:
        """Draw the cards; return the size of all together."""
        dpg.delete_item(self.list, children_only=True)
        painter, padding = WidgetPainter(self.list, theme, scale), PADDING * scale
        max_width = min(MAX_WIDTH * scale, available - 40) - 4 * padding
        wrapped_messages = [
            (message, wrapped(sanitize(message.text, lines=True), max_width, text_width))
            for message in self.editor.view_state.notifications
        ]
        widest = max(text_width(line) for _, lines in wrapped_messages for line in lines)
        width, top = round(widest + 4 * padding), 0.0
        self._spans = []
        for message, lines in wrapped_messages:
            height = len(lines) * LINE_HEIGHT * scale + 1.5 * padding
            _paint_card(painter, message, lines, (width, top, height))
            self._spans.append((top, top + height, message))
            top += height + GAP * scale
        total = round(top - GAP * scale) + 1
        dpg.configure_item(self.list, width=width, height=total)
        return width, total

    def _hovered(self) -> Notification | None:
        """Return the message under the pointer."""
        if not self._spans or not dpg.is_item_shown(self.window) or self.editor.dialog is not None:
            return None
        left, top = dpg.get_item_pos(self.window)
        width = dpg.get_item_width(self.window)
        x, y = pointer_position()
        if not left <= x < left + width:
            return None
        return next((message for low, high, message in self._spans if low <= y - top < high), None)

    def _press(self) -> None:
        self._pressed = self._hovered()

    def _release(self) -> None:
        message, self._pressed = self._pressed, None
        if message is not None and message is self._hovered():
            self.editor.dismiss(message)


def _paint_card(
    painter: WidgetPainter,
    message: Notification,
    lines: list[str],
    area: tuple[float, float, float],
) -> None:
    """Draw a card of a width, at a top, of a height."""
    width, top, height = area
    theme, scale = painter.theme, painter.scale
    padding, line_height = PADDING * scale, LINE_HEIGHT * scale
    colour = theme.error if message.severity == ERROR else theme.hint
    painter.box((0, top), (width - 1, top + height), theme.raised, theme.line, radius=8)
    painter.bar(padding, top + height / 2, colour, (height - 1.4 * padding) / scale)
    for number, line in enumerate(lines):
        painter.text((2 * padding, top + 0.75 * padding + (number + 0.5) * line_height), line)
    if message.severity == ERROR:
        _paint_close_icon(painter, width - 1.2 * padding, top + 0.75 * padding + line_height / 2)


def _paint_close_icon(painter: WidgetPainter, x: float, y: float) -> None:
    arm = 3.5 * painter.scale
    for slope in (1, -1):
        dpg.draw_line(
            (x - arm, y - slope * arm),
            (x + arm, y + slope * arm),
            color=painter.theme.faint,
            thickness=1.5,
            parent=painter.parent,
        )
