"""The files and packages of custom nodes, to be allowed to run or refused."""

import dearpygui.dearpygui as dpg

from builder.actions.node_actions import allow_nodes, find_custom_nodes, refuse_nodes
from builder.canvas.pointer_events import Modifiers
from builder.custom.custom_nodes import MEANING, Status
from builder.custom.node_source import NodeSource, nodes_folder
from builder.dialogs.list_navigation import wrapped
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.widgets import style
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.widget_painter import WidgetPainter, text_width

WIDTH, ROW, ROWS = 640, 66, 5
BUTTON_GAP = 8
DETAIL_LINES = 3
REST_HEIGHT = 204
"""The height of everything but the list."""

TRYING = "being imported in a process of its own"


class CustomNodesWindow(DialogWindow):
    """Lists the sources with their states; Enter closes it, which allows nothing."""

    modal = True

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: as high as the list needs, up to `ROWS` rows."""
        count = len(self.editor.custom.sources)
        return WIDTH, min(max(count, 1), ROWS) * ROW + REST_HEIGHT

    def build(self) -> None:
        """Add the heading, the meaning of a consent, the list and the buttons."""
        self.add_heading("Custom nodes")
        self.add_note(MEANING)
        self.list: RowList[NodeSource] = RowList(
            self.appearance,
            (self.inner_width, self.height - REST_HEIGHT),
            self._draw,
            row_height=ROW,
        )
        self.lists.append(self.list)
        self.detail = self.add_note("")
        dpg.add_spacer(height=self.px(2))
        labels = ("Look again", "Refuse", "Allow to run", "Close")
        calls = (self._look_again, self._refuse, self._allow, self.editor.close_dialog)
        widths = [self.px(104), self.px(84), self.px(116), self.px(84)]
        with dpg.group(horizontal=True, horizontal_spacing=self.px(BUTTON_GAP)):
            free = self.px(self.inner_width - BUTTON_GAP * len(labels)) - sum(widths)
            buttons = []
            for label, width, call in zip(labels, widths, calls, strict=True):
                buttons.append(dpg.add_button(label=label, width=width, callback=call))
                if label == labels[0]:
                    dpg.add_spacer(width=max(1, free))
        dpg.bind_item_theme(buttons[-1], style.PRIMARY)
        self._shown: tuple[object, ...] = ()
        self.update()

    def update(self) -> None:
        """List the sources anew after their states have changed."""
        custom = self.editor.custom
        states = tuple((one, custom.status(one), custom.problem(one)) for one in custom.sources)
        shown = (*states, self.editor.admission is not None)
        if shown != self._shown:
            self._shown = shown
            undecided = custom.undecided()
            first = custom.sources.index(undecided[0]) if undecided else None
            self.list.show(custom.sources, self.list.index if self.list.rows else first)
        detail = self._detail()
        if dpg.get_value(self.detail) != detail:
            dpg.set_value(self.detail, detail)
        super().update()

    def _detail(self) -> str:
        """Return the whole problem of the selected source, or where sources are looked for."""
        selected = self.list.selected
        problem = self.editor.custom.problem(selected) if selected is not None else None
        text = f"Files are looked for in {nodes_folder()}, and in the folders of --nodes."
        if problem is not None:
            text = (f"Line {problem.line}: " if problem.line else "") + problem.message
        lines = wrapped(sanitize(text), self.px(self.inner_width), _small_width)[:DETAIL_LINES]
        return "\n".join([*lines, *[""] * (DETAIL_LINES - len(lines))])  # the buttons stay there

    def _allow(self) -> None:
        if self.list.selected is not None:
            allow_nodes(self.editor, [self.list.selected])

    def _refuse(self) -> None:
        if self.list.selected is not None and self.editor.admission is None:
            refuse_nodes(self.editor, [self.list.selected])

    def _look_again(self) -> None:
        if self.editor.admission is None:
            find_custom_nodes(self.editor)

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Close by Enter: what runs code is done by its button alone."""
        if name == "Enter":
            self.editor.close_dialog()
            return True
        return super().key(name, modifiers)

    def _draw(self, painter: WidgetPainter, source: NodeSource, area: RowArea) -> None:
        custom, width = self.editor.custom, area.right - area.left
        status, problem = custom.status(source), custom.problem(source)
        waits = self.editor.admission is not None and area.selected
        state = TRYING if waits else status.value
        top = area.middle - self.px(20)
        colour = _colour(self.theme, status)
        left = painter.text_right_aligned((area.right, top), state, "small", colour)
        title = f"{source.title}: {', '.join(source.names)}" if source.names else source.title
        available = left - area.left - self.px(12)
        painter.text((area.left, top), title, "medium", max_width=available)
        place = source.name if not source.is_package else f"package, version {source.identity}"
        at = area.left, area.middle
        painter.text(at, place, "small", self.theme.quiet, max_width=width)
        below = area.left, area.middle + self.px(18)
        if problem is not None:
            where = f"line {problem.line}: " if problem.line else ""
            painter.text(below, where + problem.message, "small", self.theme.error, width)
        else:
            content = source.identity if not source.is_package else "installed with Python"
            painter.text(below, content, "small", self.theme.faint, max_width=width)


def _small_width(text: str) -> float:
    return text_width(text, "small")


def _colour(theme: Theme, status: Status) -> Colour:
    colours = {Status.LOADED: theme.quiet, Status.FAULTY: theme.error}
    return colours.get(status, theme.warning)
