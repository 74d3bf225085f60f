"""What the editor says, at the lower end of the canvas; errors stay until they are clicked."""

import dearpygui.dearpygui as dpg

from builder.dialogs.list_navigation import wrapped
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR, Notification
from builder.graphics.theme import Theme
from builder.view.widgets import style
from builder.view.widgets.draw_context import WidgetDrawing, measure
from builder.view.widgets.safe_text import shown

WIDEST, LINE, PAD, GAP = 560, 20, 12, 8


class Messages:
    """Cards, the newest lowest."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self._painted: tuple | None = None
        self._tops: list[tuple[float, float, Notification]] = []
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
        dpg.bind_item_theme(self.window, style.TIGHT)
        self.list = dpg.add_drawlist(1, 1, parent=self.window)
        with dpg.handler_registry():
            left = dpg.mvMouseButton_Left
            dpg.add_mouse_click_handler(left, callback=self._press)
            dpg.add_mouse_release_handler(left, callback=self._release)

    def update(self) -> None:
        """Show what is said now."""
        editor = self.editor
        camera = editor.camera
        middle, low = camera.left + camera.width / 2, camera.top + camera.height
        said = tuple(map(id, editor.view_state.notifications))
        wanted = said, editor.theme.name, editor.settings.scale, middle, low, camera.width
        if wanted == self._painted:
            return
        self._painted = wanted
        if not said:
            dpg.hide_item(self.window)
            return
        width, height = self._paint(editor.theme, editor.settings.scale, camera.width)
        left, top = round(middle - width / 2), round(low - height - 16)
        dpg.configure_item(self.window, pos=[left, top], width=width, height=height, show=True)

    def _paint(self, theme: Theme, scale: float, room: float) -> tuple[int, int]:
        dpg.delete_item(self.list, children_only=True)
        pen, pad = WidgetDrawing(self.list, theme, scale), PAD * scale
        most = min(WIDEST * scale, room - 40) - 4 * pad
        broken = [
            (one, wrapped(shown(one.text, lines=True), most, measure))
            for one in self.editor.view_state.notifications
        ]
        widest = max(measure(line) for _, lines in broken for line in lines)
        width, top = round(widest + 4 * pad), 0.0
        self._tops = []
        for one, lines in broken:
            high = len(lines) * LINE * scale + 1.5 * pad
            colour = theme.error if one.severity == ERROR else theme.hint
            pen.box((0, top), (width - 1, top + high), theme.raised, theme.line, radius=8)
            pen.bar(pad, top + high / 2, colour, (high - 1.4 * pad) / scale)
            for place, line in enumerate(lines):
                pen.text((2 * pad, top + 0.75 * pad + (place + 0.5) * LINE * scale), line)
            if one.severity == ERROR:
                _cross(pen, width - 1.2 * pad, top + 0.75 * pad + LINE * scale / 2)
            self._tops.append((top, top + high, one))
            top += high + GAP * scale
        height = round(top - GAP * scale) + 1
        dpg.configure_item(self.list, width=width, height=height)
        return width, height

    def _at(self) -> Notification | None:
        """Tell which message lies under the pointer."""
        if not self._tops or not dpg.is_item_shown(self.window) or self.editor.dialog is not None:
            return None
        left, top = dpg.get_item_pos(self.window)
        width = dpg.get_item_width(self.window)
        x, y = dpg.get_mouse_pos(local=False)
        if not left <= x < left + width:
            return None
        return next((one for low, high, one in self._tops if low <= y - top < high), None)

    def _press(self) -> None:
        self._pressed = self._at()

    def _release(self) -> None:
        message, self._pressed = self._pressed, None
        if message is not None and message is self._at():
            self.editor.dismiss(message)


def _cross(pen: WidgetDrawing, x: float, y: float) -> None:
    """Draw the sign that a click takes it away."""
    arm = 3.5 * pen.scale
    for way in (1, -1):
        dpg.draw_line(
            (x - arm, y - way * arm),
            (x + arm, y + way * arm),
            color=pen.theme.faint,
            thickness=1.5,
            parent=pen.parent,
        )
