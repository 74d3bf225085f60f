"""The command palette: every action by its title."""

from builder.actions.action import Action
from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.graphics.shapes import Point
from builder.search.search import SearchTerms, rank
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets.widget_painter import WidgetPainter

ROW, ROWS = 32, 11
FIELD_HEIGHT = 70
HIDDEN = ("show_commands", "cancel_or_leave")


def _search_terms(action: Action) -> SearchTerms:
    return SearchTerms(action.title, (*action.keys, *action.aliases), action.group)


class CommandPaletteWindow(DialogWindow):
    """Lists the actions that match a query, enabled ones first."""

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units."""
        return 580, ROWS * ROW + FIELD_HEIGHT

    def position(self, size: tuple[int, int]) -> Point:
        """Open near the top of the window."""
        return (self.screen[0] - size[0]) / 2, self.screen[1] * 0.12

    def build(self) -> None:
        """Add the search field and the list."""
        self.add_field(self.search, "Find a command")
        self.list: RowList[Action] = RowList(
            self.appearance,
            (self.inner_width, self.height - FIELD_HEIGHT),
            self._draw,
            self._run,
            ROW,
        )
        self.lists.append(self.list)
        self.actions = [action for action in ACTIONS.values() if action.id not in HIDDEN]
        self.search("")

    def search(self, text: str) -> None:
        """List the actions that match a text."""
        matches = self.actions
        if text.strip():
            matches = rank(text, matches, _search_terms)
        self.enabled = {action.id: action.enabled(self.editor) for action in matches}
        self.list.show(sorted(matches, key=lambda action: not self.enabled[action.id]))

    def _draw(self, painter: WidgetPainter, action: Action, area: RowArea) -> None:
        colour = self.theme.text if self.enabled[action.id] else self.theme.faint
        end = painter.text((area.left, area.middle), action.title, colour=colour)
        left = end + self.px(MARGIN)
        painter.text((left, area.middle), action.group, "small", self.theme.faint)
        if action.keys:
            painter.key_caps(area.right, area.middle, action.keys[0])

    def _run(self, index: int) -> None:
        self.editor.close_dialog()
        run_action(self.editor, self.list.rows[index].id)
