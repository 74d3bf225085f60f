"""The command palette: every action by its name."""

from builder.actions.action import Action
from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.graphics.shapes import Point
from builder.search.search import SearchTerms, rank
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.widgets.draw_context import WidgetDrawing

ROW, ROWS = 32, 11


def _terms(action: Action) -> SearchTerms:
    return SearchTerms(action.title, (*action.keys, *action.aliases), action.group)


class CommandsWindow(DialogWindow):
    """Lists the actions that a text may mean, those first that can be done now."""

    def size(self) -> tuple[float, float]:
        """Tell the width and height."""
        return 580, ROWS * ROW + 70

    def place(self, size: tuple[int, ...]) -> Point:
        """Lie near the top."""
        return (self.screen[0] - size[0]) / 2, self.screen[1] * 0.12

    def build(self) -> None:
        """Make the field and the list."""
        self.add_field(self.search, "Find a command")
        self.list = RowList(
            (self.theme, self.scale), (self.inner, self.height - 70), self._draw, self._do, ROW
        )
        self.lists.append(self.list)
        hidden = "commands", "escape"
        self.actions = [one for one in ACTIONS.values() if one.id not in hidden]
        self.search("")

    def search(self, text: str) -> None:
        """List what a text may mean."""
        found = self.actions
        if text.strip():
            found = rank(text, found, _terms)
        self.possible = {one.id: one.enabled(self.editor) for one in found}
        self.list.show(sorted(found, key=lambda one: not self.possible[one.id]))

    def _draw(self, pen: WidgetDrawing, action: Action, area: Area) -> None:
        colour = self.theme.text if self.possible[action.id] else self.theme.faint
        end = pen.text((area.left, area.middle), action.title, colour=colour)
        left = end + self.px(MARGIN)
        pen.text((left, area.middle), action.group, "small", self.theme.faint)
        if action.keys:
            pen.keys(area.right, area.middle, action.keys[0])

    def _do(self, at: int) -> None:
        self.editor.close()
        run_action(self.editor, self.list.rows[at].id)
