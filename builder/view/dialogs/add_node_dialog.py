"""The node search: a list of nodes, and beside it the manual of the selected one."""

from functools import partial

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import AddNode
from builder.dialogs.list_navigation import wrapped
from builder.editor.node_search import (
    candidates,
    has_connection,
    ports,
    results,
    search_prompt,
    unconnected_if_unfit,
)
from builder.graphics.shapes import Colour, Point
from builder.search.search import SearchItem
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList, to_local
from builder.view.widgets.widget_painter import WidgetPainter, text_width
from nodes.core.graphs.port import Port
from nodes.library.library import with_library

LIST_WIDTH, ROWS, ROW = 320, 10, 32
MANUAL_WIDTH = 264
LINE_HEIGHT = 19
FOOTER_HEIGHT, REST_HEIGHT = 26, 87
"""The height of the line below the list, and of everything but the list."""


class AddNodeWindow(DialogWindow):
    """Lists the nodes that can be added, and describes the selected one."""

    dialog: AddNode

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units."""
        return LIST_WIDTH + MANUAL_WIDTH + 3 * MARGIN, ROWS * ROW + REST_HEIGHT

    def position(self, size: tuple[int, int]) -> Point:
        """Open where it was requested, or in the middle of the canvas if that is outside it."""
        camera, (x, y) = self.editor.camera, self.dialog.pixel
        if 0 <= x - camera.left < camera.width and 0 <= y - camera.top < camera.height:
            return x, y
        left = camera.left + (camera.width - size[0]) / 2
        return left, camera.top + (camera.height - size[1]) / 2

    def build(self) -> None:
        """Add the search field, the list, the manual and the footer."""
        self.show_all = False
        self.described: SearchItem | None = None
        self.candidates = self._candidates()
        self.query = self.add_field(self.search, search_prompt(self.dialog))
        height, available = self.height - REST_HEIGHT, self.inner_width - LIST_WIDTH - MARGIN
        has_manual = available >= MANUAL_WIDTH / 2
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            size = LIST_WIDTH if has_manual else self.inner_width, height
            self.list: RowList[SearchItem] = RowList(
                self.appearance, size, self._draw, self._add, ROW
            )
            self.lists.append(self.list)
            self.manual_width = self.px(max(1, available if has_manual else 1))
            self.manual = dpg.add_drawlist(self.manual_width, self.px(height))
        self.footer = dpg.add_drawlist(self.px(self.inner_width), self.px(FOOTER_HEIGHT))
        self.search("")

    def _candidates(self) -> list[SearchItem]:
        checked = self.editor.active_graph.checked
        return candidates(self.editor.document, checked, self.dialog, self.show_all)

    def search(self, text: str) -> None:
        """List the nodes that match a text."""
        self.list.show(results(self.editor.document, self.candidates, text))
        self._describe()
        self._draw_footer()

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Move the selection; Tab toggles between all nodes and those that fit."""
        if name == "Tab":
            self._toggle()
            return True
        return super().key(name, modifiers)

    def _toggle(self) -> None:
        if has_connection(self.dialog):
            self.show_all = not self.show_all
            self.candidates = self._candidates()
            self.search(self.query.text)

    def update(self) -> None:
        """Describe the selected node."""
        super().update()
        self._describe()

    def release(self, pixel: Point) -> None:
        """Toggle by a click on the footer, too."""
        x, y = to_local(self.footer, pixel)
        if 0 <= x < self.px(LIST_WIDTH) and 0 <= y < self.px(FOOTER_HEIGHT):
            self._toggle()
        super().release(pixel)

    def _add(self, index: int) -> None:
        entry = self.list.rows[index]
        self.editor.close_dialog()
        self.editor.insert_type(entry, unconnected_if_unfit(self.dialog, entry))

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self, painter: WidgetPainter, entry: SearchItem, area: RowArea) -> None:
        painter.bar(area.left, area.middle, self.theme.categories[entry.node_type.category])
        left, gap = area.left + self.px(14), self.px(12)
        end = painter.text((left, area.middle), entry.title, max_width=area.right - left)
        if text_width(entry.subtitle, "small") <= area.right - end - gap:
            position = area.right, area.middle
            painter.text_right_aligned(position, entry.subtitle, "small", self.theme.faint)

    def _draw_footer(self) -> None:
        dpg.delete_item(self.footer, children_only=True)
        painter = WidgetPainter(self.footer, self.theme, self.scale)
        left, middle, count = self.px(10), self.px(17), len(self.list.rows)
        faint, quiet = self.theme.faint, self.theme.quiet
        if has_connection(self.dialog):
            labels = "all nodes", "matching nodes"
            current, other = labels if self.show_all else labels[::-1]
            end = painter.text((left, middle), f"{current} ({count})", "small", quiet)
            key_end = end + self.px(10) + text_width("Tab", "small") + self.px(12)
            painter.key_caps(key_end, middle, "Tab")
            painter.text((key_end + self.px(6), middle), other, "small", faint)
        elif not count:
            painter.text((left, middle), "No matches", "small", quiet)
        else:
            painter.text((left, middle), f"{count} node{'s' * (count != 1)}", "small", faint)
        right: float = self.px(self.inner_width)
        for key, verb in (("Esc", "closes"), ("Enter", "adds")):
            right = painter.text_right_aligned((right, middle), verb, "small", faint)
            right = painter.key_caps(right - self.px(6), middle, key) - self.px(12)

    def _describe(self) -> None:
        entry = self.list.selected
        if entry is self.described:
            return
        self.described = entry
        dpg.delete_item(self.manual, children_only=True)
        if entry is not None and self.manual_width > 1:
            painter = WidgetPainter(self.manual, self.theme, self.scale)
            model = with_library(self.editor.document.model)
            inputs, outputs = model.ports(entry.node)
            ManualWriter(painter, self.manual_width).write(entry, inputs, outputs)


class ManualWriter:
    """Draws a short manual page: the description of a node, its ports and its aliases."""

    def __init__(self, painter: WidgetPainter, width: float) -> None:
        self.painter, self.width, self.y = painter, width, 12.0 * painter.scale

    def write(self, entry: SearchItem, inputs: tuple[Port, ...], outputs: tuple[Port, ...]) -> None:
        """Draw the page of a node."""
        theme = self.painter.theme
        self._line(entry.name, "semibold", theme.text)
        self._line(entry.subtitle, "small", theme.categories[entry.node_type.category])
        self._gap()
        self._paragraph(entry.doc)
        for title, side in (("INPUTS", inputs), ("OUTPUTS", outputs)):
            if side:
                self._gap()
                self._line(title, "small", theme.faint)
            for port, description in ports(side):
                self._port(port.name, description, theme.kinds[port.kind])
        if entry.node_type.aliases:
            self._gap()
            self._paragraph(f"Also called {', '.join(entry.node_type.aliases)}.")

    def _gap(self) -> None:
        self.y += 8 * self.painter.scale

    def _line(self, text: str, font: str, colour: Colour) -> None:
        self.painter.text((0, self.y), text, font, colour, max_width=self.width)
        self.y += LINE_HEIGHT * self.painter.scale

    def _paragraph(self, text: str) -> None:
        for line in wrapped(text, self.width, partial(text_width, font="small")):
            self._line(line, "small", self.painter.theme.quiet)

    def _port(self, name: str, description: str, colour: Colour) -> None:
        painter, radius = self.painter, 4 * self.painter.scale
        dpg.draw_circle((radius, self.y), radius, fill=colour, color=colour, parent=painter.parent)
        end = painter.text((4 * radius, self.y), name, "small", max_width=self.width / 2)
        left = max(end + 3 * radius, 96 * painter.scale)
        quiet, max_width = painter.theme.quiet, self.width - left
        painter.text((left, self.y), description, "small", quiet, max_width=max_width)
        self.y += LINE_HEIGHT * painter.scale
