"""The start page: templates, recent files, and the empty canvas."""

from collections.abc import Callable
from functools import partial

import dearpygui.dearpygui as dpg

from builder.actions.file_actions import confirm_unsaved, new_document, open_file, open_path
from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import StartPage
from builder.dialogs.list_navigation import shortened, wrapped
from builder.dialogs.start_page import (
    Example,
    RecentFile,
    example_order,
    read_example,
    recent_files,
)
from builder.editor.editor import Editor
from builder.graphics.shapes import Point
from builder.graphics.theme import faded
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList, to_local
from builder.view.widgets import style
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.thumbnails import ThumbnailCache
from builder.view.widgets.widget_painter import WidgetPainter, text_width

SIDEBAR_WIDTH, ROW = 210, 44
MAX_COLUMNS, GAP, MIN_CARD_WIDTH = 3, 14, 170
THUMBNAIL_HEIGHT, TEXT_HEIGHT = 118, 74
CARD_HEIGHT = THUMBNAIL_HEIGHT + TEXT_HEIGHT

StartAction = tuple[str, str, Callable[[], None]]
"""A title, a subtitle, and what runs when it is activated."""


class StartPageWindow(DialogWindow):
    """Templates as cards with thumbnails; a sidebar with the empty canvas and recent files.

    Attributes:
        index: the index of the selected card, unless the sidebar has a selection.
    """

    modal = True

    def __init__(self, editor: Editor, dialog: StartPage, thumbnails: ThumbnailCache) -> None:
        self.thumbnails = thumbnails
        self.names = example_order()
        self.examples: dict[str, Example | None] = {}
        self.index = 0
        self._pressed = -1
        self._painted: tuple[int, int] | None = None
        super().__init__(editor, dialog)

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units: three columns, and nearly four rows."""
        return 960, min(690, self.screen[1] / self.scale - 50)

    def build(self) -> None:
        """Add the sidebar and the cards."""
        self.add_heading("Start")
        dpg.add_spacer(height=self.px(2))
        height = self.height - 72
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            self.sidebar: RowList[StartAction] = RowList(
                self.appearance, (SIDEBAR_WIDTH, height), self._draw_action, self._start, ROW
            )
            self.child = dpg.add_child_window(
                width=self.px(self.inner_width - SIDEBAR_WIDTH - MARGIN),
                height=self.px(height),
                border=False,
            )
            dpg.bind_item_theme(self.child, style.NO_SPACING)
            self.columns = max(1, min(MAX_COLUMNS, int(self._cards_width // MIN_CARD_WIDTH)))
            rows = -(-len(self.names) // self.columns)
            self.cards = dpg.add_drawlist(
                self.px(self._cards_width), self.px(rows * (CARD_HEIGHT + GAP)), parent=self.child
            )
        self.lists.append(self.sidebar)
        self.sidebar.show(self._actions(), -1)

    def _actions(self) -> list[StartAction]:
        editor = self.editor
        fixed: list[StartAction] = [
            ("Empty canvas", "Start from scratch", partial(new_document, editor)),
            ("Open a file...", "Ctrl+O", partial(open_file, editor)),
        ]
        recent = [
            (file.title, file.folder, self._opener(file))
            for file in recent_files(editor.settings.recent)
        ]
        return [*fixed, *recent]

    def _opener(self, recent: RecentFile) -> Callable[[], None]:
        then = partial(open_path, self.editor, recent.path)
        return partial(confirm_unsaved, self.editor, then, "opening another")

    @property
    def _cards_width(self) -> float:
        """The width of all columns, in units."""
        return self.inner_width - SIDEBAR_WIDTH - MARGIN - 14

    @property
    def _card_width(self) -> float:
        """The width of a card, in units."""
        return (self._cards_width - (self.columns - 1) * GAP) / self.columns

    # -- keys and clicks -------------------------------------------------------------------------

    def _start(self, index: int) -> None:
        self.editor.close_dialog()
        self.sidebar.rows[index][2]()

    def _open_example(self, index: int) -> None:
        example = self._example(self.names[index])
        if example is not None:
            self.editor.close_dialog()
            new_document(self.editor, example.model)

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Move the selection among the cards, and to the sidebar on their left."""
        in_sidebar = self.sidebar.index >= 0
        if name == "Enter" and in_sidebar:
            self._start(self.sidebar.index)
        elif name == "Enter":
            self._open_example(self.index)
        elif in_sidebar and name == "Right":
            self.sidebar.index = -1
        elif in_sidebar:
            return self.sidebar.key(name)
        elif name == "Left" and self.index % self.columns == 0:
            self.sidebar.select(0)
        elif name in ("Left", "Right", "Up", "Down"):
            step = {"Left": -1, "Right": 1, "Up": -self.columns, "Down": self.columns}[name]
            self.index = min(max(self.index + step, 0), len(self.names) - 1)
            self._scroll_into_view()
        else:
            return False
        return True

    def _scroll_into_view(self) -> None:
        row_height = self.px(CARD_HEIGHT + GAP)
        top, scroll = self.index // self.columns * row_height, dpg.get_y_scroll(self.child)
        height = dpg.get_item_rect_size(self.child)[1]
        if not scroll <= top <= scroll + height - row_height:
            dpg.set_y_scroll(self.child, top if top < scroll else top + row_height - height)

    def press(self, pixel: Point) -> None:
        """Handle a press of the left button."""
        super().press(pixel)
        self._pressed = self._card_at(pixel)

    def release(self, pixel: Point) -> None:
        """Open the template on whose card the button was both pressed and released."""
        index = self._card_at(pixel)
        if index >= 0 and index == self._pressed:
            self._open_example(index)
        else:
            super().release(pixel)

    def _card_at(self, pixel: Point) -> int:
        x, y = to_local(self.cards, pixel)
        height = dpg.get_item_rect_size(self.child)[1]
        if x < 0 or not 0 <= y - dpg.get_y_scroll(self.child) < height:
            return -1
        column = int(x // self.px(self._card_width + GAP))
        row = int(y // self.px(CARD_HEIGHT + GAP))
        index = row * self.columns + column
        return index if column < self.columns and index < len(self.names) else -1

    # -- drawing ---------------------------------------------------------------------------------

    def update(self) -> None:
        """Redraw what has changed, and render one more thumbnail."""
        super().update()
        is_new = self.thumbnails.render_next()
        hovered = self._card_at(pointer_position())
        state = self.index if self.sidebar.index < 0 else -1, hovered
        if is_new or state != self._painted or len(self.examples) < len(self.names):
            self._painted = state
            self._paint(*state)

    def _example(self, name: str) -> Example | None:
        if name not in self.examples:
            self.examples[name] = read_example(name)
        return self.examples[name]

    def _paint(self, selected: int, hovered: int) -> None:
        dpg.delete_item(self.cards, children_only=True)
        for index, name in enumerate(self.names):
            row, column = divmod(index, self.columns)
            left = self.px(column * (self._card_width + GAP)) + 1
            top = self.px(row * (CARD_HEIGHT + GAP)) + 1
            example = self._example(name)
            if example is not None:
                self._paint_card(example, (left, top), index == selected, index == hovered)

    def _paint_card(
        self, example: Example, position: tuple[int, int], selected: bool, hovered: bool
    ) -> None:
        theme, (left, top) = self.theme, position
        painter = WidgetPainter(self.cards, theme, self.scale)
        width, height = self.px(self._card_width) - 2, self.px(CARD_HEIGHT)
        line = theme.accent if selected else theme.faint if hovered else theme.line
        fill = theme.raised if hovered else theme.card
        fill = faded(theme.accent, 0.12) if selected else fill
        painter.box((left, top), (left + width, top + height), fill, line, radius=8)
        inset = self.px(6)
        size = width - 2 * inset, self.px(THUMBNAIL_HEIGHT) - inset
        low = left + inset, top + inset
        high = low[0] + size[0], low[1] + size[1]
        painter.box(low, high, theme.canvas, radius=5)
        texture = self.thumbnails.get(example.name, example.model, theme, size)
        if texture is not None:
            dpg.draw_image(texture, low, high, parent=self.cards)
        text_left, available = left + self.px(12), width - self.px(24)
        middle = top + self.px(THUMBNAIL_HEIGHT + 16)
        painter.text((text_left, middle), example.title, "medium", max_width=available)
        for number, text in enumerate(_two_lines(example.summary, available)):
            line_middle = middle + self.px(20 + 17 * number)
            painter.text((text_left, line_middle), text, "small", theme.quiet)

    def _draw_action(self, painter: WidgetPainter, action: StartAction, area: RowArea) -> None:
        title, subtitle, _ = action
        upper, lower = area.middle - self.px(9), area.middle + self.px(10)
        width, faint = area.right - area.left, self.theme.faint
        painter.text((area.left, upper), title, "medium", max_width=width)
        painter.text((area.left, lower), subtitle, "small", faint, max_width=width)


def _two_lines(text: str, width: float) -> list[str]:
    """Wrap a text into at most two lines; the second is shortened."""
    measure = partial(text_width, font="small")
    first, *rest = wrapped(text, width, measure)
    return [first, shortened(" ".join(rest), width, measure)] if rest else [first]
