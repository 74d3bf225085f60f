"""A question with a button for each answer."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import Question
from builder.dialogs.list_navigation import wrapped
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.widgets import style
from builder.view.widgets.safe_text import sanitize, sanitize_label
from builder.view.widgets.widget_painter import text_width

WIDTH, LINE_HEIGHT = 460, 21


class QuestionWindow(DialogWindow):
    """Shows a text and a button for each answer; Enter gives the highlighted one."""

    modal = True
    dialog: Question

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: as high as the text needs."""
        available = WIDTH * self.scale - 2 * self.px(16)
        lines = wrapped(sanitize(self.dialog.text, lines=True), available, text_width)
        self.text = "\n".join(lines)
        return WIDTH, 108 + LINE_HEIGHT * (self.text.count("\n") + 1)

    def build(self) -> None:
        """Add the heading, the text and the buttons."""
        self.index = 0
        self.add_heading(self.dialog.title, "semibold")
        dpg.add_spacer(height=self.px(2))
        dpg.add_text(self.text, color=self.theme.quiet)
        dpg.add_spacer(height=self.px(8))
        labels = [sanitize_label(label) for label, _ in self.dialog.answers]
        widths = [max(text_width(label) + self.px(28), self.px(84)) for label in labels]
        gap = self.px(8)
        free = self.px(self.inner_width) - sum(widths) - gap * len(widths)
        with dpg.group(horizontal=True, horizontal_spacing=gap):
            dpg.add_spacer(width=max(1, round(free)))
            # The first answer is the default; as in other programs it is the rightmost button.
            buttons = [
                dpg.add_button(
                    label=labels[index],
                    width=round(widths[index]),
                    callback=self._answer(index),
                )
                for index in reversed(range(len(labels)))
            ]
        self.buttons = buttons[::-1]
        self._highlight()

    def _answer(self, index: int) -> Callable[[], None]:
        def answer() -> None:
            # The answer may open another dialog, so this one is closed first.
            self.editor.close_dialog()
            self.dialog.answers[index][1]()

        return answer

    def _highlight(self) -> None:
        for index, button in enumerate(self.buttons):
            dpg.bind_item_theme(button, style.PRIMARY if index == self.index else 0)

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Highlight another answer, or give the highlighted one."""
        steps = {"Left": 1, "Right": -1, "Tab": -1 if "shift" in modifiers else 1}
        if name in steps and self.buttons:
            self.index = (self.index + steps[name]) % len(self.buttons)
            self._highlight()
            return True
        if name == "Enter" and self.buttons:
            self._answer(self.index)()
            return True
        return False
