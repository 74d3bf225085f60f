"""A question with its answers."""

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import Question
from builder.dialogs.list_navigation import wrapped
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.widgets import style
from builder.view.widgets.draw_context import measure
from builder.view.widgets.safe_text import label, shown

WIDE, LINE = 460, 21


class QuestionWindow(DialogWindow):
    """Says what happened, and has a button for each answer; Enter gives the marked one."""

    modal = True
    dialog: Question

    def size(self) -> tuple[float, float]:
        """Be as high as the text is long."""
        room = WIDE * self.scale - 2 * self.px(16)
        self.text = "\n".join(wrapped(shown(self.dialog.text, lines=True), room, measure))
        return WIDE, 108 + LINE * (self.text.count("\n") + 1)

    def build(self) -> None:
        """Make the title, the text and the buttons."""
        self.at = 0
        self.heading(self.dialog.title, "semibold")
        dpg.add_spacer(height=self.px(2))
        dpg.add_text(self.text, color=self.theme.quiet)
        dpg.add_spacer(height=self.px(8))
        words = [label(word) for word, _ in self.dialog.answers]
        widths = [max(measure(word) + self.px(28), self.px(84)) for word in words]
        gap = self.px(8)
        free = self.px(self.inner) - sum(widths) - gap * len(widths)
        with dpg.group(horizontal=True, horizontal_spacing=gap):
            dpg.add_spacer(width=max(1, round(free)))
            # The first answer is the usual one; it stands at the end, where one looks last.
            made = [
                dpg.add_button(
                    label=words[place], width=round(widths[place]), callback=self._answer(place)
                )
                for place in reversed(range(len(words)))
            ]
        self.buttons = made[::-1]
        self._mark()

    def _answer(self, place: int) -> object:
        def give() -> None:
            # The answer may open another dialog, so this one is closed first.
            self.editor.close_dialog()
            self.dialog.answers[place][1]()

        return give

    def _mark(self) -> None:
        for place, button in enumerate(self.buttons):
            dpg.bind_item_theme(button, style.PRIMARY if place == self.at else 0)

    def key(self, name: str, held: Modifiers) -> bool:
        """Mark another answer, or give the marked one."""
        back = {"Left": 1, "Right": -1, "Tab": -1 if "shift" in held else 1}
        if name in back and self.buttons:
            self.at = (self.at + back[name]) % len(self.buttons)
            self._mark()
            return True
        if name == "Enter" and self.buttons:
            self._answer(self.at)()
            return True
        return False
