"""How to begin: an empty canvas, an example, or a file."""

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
from builder.view.dialogs.row_list import Area, RowList, inside
from builder.view.widgets import style
from builder.view.widgets.draw_context import WidgetDrawing, measure
from builder.view.widgets.thumbnails import Pictures

SIDE, ROW = 210, 44
ACROSS, GAP, NARROWEST = 3, 14, 170
PICTURE, TEXT = 118, 74
"""The heights of a card's picture and of its text, in units."""

Start = tuple[str, str, Callable[[], None]]
"""A title, a line below it, and what it does."""


class StartPageWindow(DialogWindow):
    """Offers examples as cards with pictures; beside them the empty canvas and recent files."""

    modal = True

    def __init__(self, editor: Editor, dialog: StartPage, pictures: Pictures) -> None:
        self.pictures = pictures
        self.names = example_order()
        self.examples: dict[str, Example | None] = {}
        self.at = 0
        self._pressed = -1
        self._painted: tuple | None = None
        super().__init__(editor, dialog)

    def size(self) -> tuple[float, float]:
        """Have room for three cards beside each other, and nearly three below."""
        return 960, min(690, self.screen[1] / self.scale - 50)

    def build(self) -> None:
        """Make the list and the cards."""
        self.heading("Begin with")
        dpg.add_spacer(height=self.px(2))
        height = self.height - 72
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            look = self.theme, self.scale
            self.starts = RowList(look, (SIDE, height), self._draw_start, self._start, ROW)
            self.child = dpg.add_child_window(
                width=self.px(self.inner - SIDE - MARGIN), height=self.px(height), border=False
            )
            dpg.bind_item_theme(self.child, style.TIGHT)
            self.across = max(1, min(ACROSS, int(self._wide // NARROWEST)))
            rows = -(-len(self.names) // self.across)
            tall = self.px(rows * (PICTURE + TEXT + GAP))
            self.cards = dpg.add_drawlist(self.px(self._wide), tall, parent=self.child)
        self.lists.append(self.starts)
        self.starts.show(self._starts(), -1)

    def _starts(self) -> list[Start]:
        editor = self.editor
        fixed: list[Start] = [
            ("Empty canvas", "Draw from nothing", partial(new_document, editor)),
            ("Open a file...", "Ctrl+O", partial(open_file, editor)),
        ]
        recent = [
            (one.title, one.folder, self._opener(one))
            for one in recent_files(editor.settings.recent)
        ]
        return [*fixed, *recent]

    def _opener(self, recent: RecentFile) -> Callable[[], None]:
        then = partial(open_path, self.editor, recent.path)
        return partial(confirm_unsaved, self.editor, then, "opening another")

    @property
    def _wide(self) -> float:
        """How wide the cards are together, in units."""
        return self.inner - SIDE - MARGIN - 14

    @property
    def _card(self) -> float:
        """How wide a card is, in units."""
        return (self._wide - (self.across - 1) * GAP) / self.across

    # -- what is done ----------------------------------------------------------------------------

    def _start(self, at: int) -> None:
        self.editor.close_dialog()
        self.starts.rows[at][2]()

    def _begin(self, at: int) -> None:
        example = self._example(self.names[at])
        if example is not None:
            self.editor.close_dialog()
            new_document(self.editor, example.model)

    def key(self, name: str, held: Modifiers) -> bool:
        """Walk among the cards, and to the list on their left."""
        if name == "Enter":
            beside = self.starts.at >= 0
            (self._start if beside else self._begin)(self.starts.at if beside else self.at)
        elif self.starts.at >= 0:
            if name != "Right":
                return self.starts.key(name)
            self.starts.at = -1
        elif name == "Left" and self.at % self.across == 0:
            self.starts.choose(0)
        elif name in ("Left", "Right", "Up", "Down"):
            step = {"Left": -1, "Right": 1, "Up": -self.across, "Down": self.across}[name]
            self.at = min(max(self.at + step, 0), len(self.names) - 1)
            self._reveal()
        else:
            return False
        return True

    def _reveal(self) -> None:
        tall = self.px(PICTURE + TEXT + GAP)
        top, scroll = self.at // self.across * tall, dpg.get_y_scroll(self.child)
        room = dpg.get_item_rect_size(self.child)[1]
        if not scroll <= top <= scroll + room - tall:
            dpg.set_y_scroll(self.child, top if top < scroll else top + tall - room)

    def press(self, pixel: Point) -> None:
        """Take note of the card on which the button goes down."""
        super().press(pixel)
        self._pressed = self._card_at(pixel)

    def release(self, pixel: Point) -> None:
        """Begin with the card on which it comes up."""
        at = self._card_at(pixel)
        if at >= 0 and at == self._pressed:
            self._begin(at)
        else:
            super().release(pixel)

    def _card_at(self, pixel: Point) -> int:
        x, y = inside(self.cards, pixel)
        height = dpg.get_item_rect_size(self.child)[1]
        if x < 0 or not 0 <= y - dpg.get_y_scroll(self.child) < height:
            return -1
        wide, tall = self.px(self._card + GAP), self.px(PICTURE + TEXT + GAP)
        column, row = int(x // wide), int(y // tall)
        at = row * self.across + column
        return at if column < self.across and at < len(self.names) else -1

    # -- what is drawn ---------------------------------------------------------------------------

    def update(self) -> None:
        """Draw again what looks different; make one more picture."""
        super().update()
        fresh = self.pictures.make_one()
        hovered = self._card_at(tuple(dpg.get_mouse_pos(local=False)))
        wanted = (self.at if self.starts.at < 0 else -1, hovered)
        if fresh or wanted != self._painted or len(self.examples) < len(self.names):
            self._painted = wanted
            self._paint(*wanted)

    def _example(self, name: str) -> Example | None:
        if name not in self.examples:
            self.examples[name] = read_example(name)
        return self.examples[name]

    def _paint(self, chosen: int, hovered: int) -> None:
        dpg.delete_item(self.cards, children_only=True)
        for at, name in enumerate(self.names):
            row, column = divmod(at, self.across)
            left = self.px(column * (self._card + GAP)) + 1
            top = self.px(row * (PICTURE + TEXT + GAP)) + 1
            example = self._example(name)
            if example is not None:
                self._paint_card(example, (left, top), at == chosen, at == hovered)

    def _paint_card(self, example: Example, at: Point, chosen: bool, hovered: bool) -> None:
        theme, (left, top) = self.theme, at
        pen = WidgetDrawing(self.cards, theme, self.scale)
        width, tall = self.px(self._card) - 2, self.px(PICTURE + TEXT)
        line = theme.accent if chosen else theme.faint if hovered else theme.line
        ground = faded(theme.accent, 0.12) if chosen else theme.raised if hovered else theme.card
        pen.box((left, top), (left + width, top + tall), ground, line, radius=8)
        inset = self.px(6)
        size = width - 2 * inset, self.px(PICTURE) - inset
        low = left + inset, top + inset
        high = low[0] + size[0], low[1] + size[1]
        pen.box(low, high, theme.canvas, radius=5)
        texture = self.pictures.of(example.name, example.model, theme, size)
        if texture is not None:
            dpg.draw_image(texture, low, high, parent=self.cards)
        pad, room = self.px(12), width - self.px(24)
        title = top + self.px(PICTURE + 16)
        pen.text((left + pad, title), example.title, "medium", most=room)
        for place, text in enumerate(_two_lines(example.summary, room)):
            middle = title + self.px(20 + 17 * place)
            pen.text((left + pad, middle), text, "small", theme.quiet)

    def _draw_start(self, pen: WidgetDrawing, start: Start, area: Area) -> None:
        upper, lower = area.middle - self.px(9), area.middle + self.px(10)
        room = area.right - area.left
        pen.text((area.left, upper), start[0], "medium", most=room)
        pen.text((area.left, lower), start[1], "small", self.theme.faint, most=room)


def _two_lines(text: str, room: float) -> list[str]:
    def small(part: str) -> float:
        return measure(part, "small")

    first, *rest = wrapped(text, room, small)
    return [first, shortened(" ".join(rest), room, small)] if rest else [first]
