"""The search for a node to add: type, walk, Enter; beside the list stands what the node does."""

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
from builder.graphics.shapes import Point
from builder.search.search import SearchItem
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import Area, RowList, inside
from builder.view.widgets.draw_context import WidgetDrawing, measure

LIST, ROWS, ROW = 320, 10, 32
PAGE = 264
"""The widths of the list and of the page beside it, in units."""
LINE, BESIDES = 19, 87
"""The heights of a line of the page, and of all but the list."""


class AddNodeWindow(DialogWindow):
    """Lists what can be added, and explains what is chosen."""

    dialog: AddNode

    def size(self) -> tuple[float, float]:
        """Tell the width and height."""
        return LIST + PAGE + 3 * MARGIN, ROWS * ROW + BESIDES

    def place(self, size: tuple[int, ...]) -> Point:
        """Open where it was asked for; in the middle of the canvas if that is not on it."""
        camera, (x, y) = self.editor.camera, self.dialog.pixel
        across, down = x - camera.left, y - camera.top
        if 0 <= across < camera.width and 0 <= down < camera.height:
            return x, y
        left = camera.left + (camera.width - size[0]) / 2
        return left, camera.top + (camera.height - size[1]) / 2

    def build(self) -> None:
        """Make the field, the list, the page, and the line below."""
        self.whole, self.explained = False, None
        self.listed = self._listed()
        self.add_field(self.search, search_prompt(self.dialog))
        height, room = self.height - BESIDES, self.inner - LIST - MARGIN
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            look = self.theme, self.scale
            wide = LIST if room >= PAGE / 2 else self.inner
            self.list = RowList(look, (wide, height), self._draw, self._add, ROW)
            self.lists.append(self.list)
            self.room = self.px(max(1, room if wide == LIST else 1))
            self.page = dpg.add_drawlist(self.room, self.px(height))
        self.below = dpg.add_drawlist(self.px(self.inner), self.px(26))
        self.search("")

    def _listed(self) -> list[SearchItem]:
        shown = self.editor.active_graph
        return candidates(self.editor.document, shown.checked, self.dialog, self.whole)

    def search(self, text: str) -> None:
        """List what a text may mean."""
        self.list.show(results(self.editor.document, self.listed, text))
        self._explain()
        self._advise()

    def key(self, name: str, held: Modifiers) -> bool:
        """Walk through the list; Tab shows all there is, or only what fits."""
        if name == "Tab":
            self._toggle()
            return True
        return super().key(name, held)

    def _toggle(self) -> None:
        if has_connection(self.dialog):
            self.whole = not self.whole
            self.listed = self._listed()
            self.search(self.field.text)

    def update(self) -> None:
        """Explain what is chosen."""
        super().update()
        self._explain()

    def release(self, pixel: Point) -> None:
        """Toggle by a click on the line below, too."""
        x, y = inside(self.below, pixel)
        if 0 <= x < self.px(LIST) and 0 <= y < self.px(26):
            self._toggle()
        super().release(pixel)

    def _add(self, at: int) -> None:
        entry = self.list.rows[at]
        self.editor.close_dialog()
        self.editor.insert_type(entry, unconnected_if_unfit(self.dialog, entry))

    # -- what is drawn ---------------------------------------------------------------------------

    def _draw(self, pen: WidgetDrawing, entry: SearchItem, area: Area) -> None:
        pen.bar(area.left, area.middle, self.theme.families[entry.node_type.category])
        left, gap = area.left + self.px(14), self.px(12)
        end = pen.text((left, area.middle), entry.title, most=area.right - left)
        room = area.right - end - gap
        if measure(entry.subtitle, "small") <= room:
            pen.text_before((area.right, area.middle), entry.subtitle, "small", self.theme.faint)

    def _advise(self) -> None:
        dpg.delete_item(self.below, children_only=True)
        pen = WidgetDrawing(self.below, self.theme, self.scale)
        middle, quiet = self.px(17), self.theme.faint
        left = self.px(10)
        if has_connection(self.dialog):
            told = "all nodes" if self.whole else "only what fits"
            text = f"{told} ({len(self.list.rows)})"
            left = pen.text((left, middle), text, "small", self.theme.quiet) + self.px(10)
            width = measure("Tab", "small") + self.px(12)
            pen.keys(left + width, middle, "Tab")
            other = "only what fits" if self.whole else "all nodes"
            pen.text((left + width + self.px(6), middle), other, "small", quiet)
        elif not self.list.rows:
            pen.text((left, middle), "no node is called so", "small", self.theme.quiet)
        else:
            count = len(self.list.rows)
            pen.text((left, middle), f"{count} node{'s' * (count != 1)}", "small", quiet)
        right = self.px(self.inner)
        for key, word in (("Esc", "closes"), ("Enter", "adds")):
            right = pen.text_before((right, middle), word, "small", quiet) - self.px(6)
            right = pen.keys(right, middle, key) - self.px(12)

    def _explain(self) -> None:
        entry = self.list.chosen
        if entry is self.explained:
            return
        self.explained = entry
        dpg.delete_item(self.page, children_only=True)
        if entry is not None and self.room > 1:
            Page(WidgetDrawing(self.page, self.theme, self.scale), self.room).write(
                entry, self.editor.document.model.ports(entry.node)
            )


class Page:
    """A small manual page: what a node does, its ports, and what else it is called."""

    def __init__(self, pen: WidgetDrawing, width: float) -> None:
        self.pen, self.width, self.y = pen, width, 12.0 * pen.scale

    def write(self, entry: SearchItem, both: tuple[tuple, tuple]) -> None:
        """Write the page of a node with its inputs and outputs."""
        theme = self.pen.theme
        self._line(entry.name, "semibold", theme.text)
        self._line(entry.subtitle, "small", theme.families[entry.node_type.category])
        self._gap()
        self._paragraph(entry.doc)
        for title, listed in zip(("Inputs", "Outputs"), both, strict=True):
            if listed:
                self._gap()
                self._line(title.upper(), "small", theme.faint)
            for port, told in ports(listed):
                self._port(port.name, told, theme.kinds[port.kind])
        if entry.node_type.aliases:
            self._gap()
            self._paragraph(f"Also called {', '.join(entry.node_type.aliases)}.")

    def _gap(self) -> None:
        self.y += 8 * self.pen.scale

    def _line(self, text: str, font: str, colour: tuple) -> None:
        self.pen.text((0, self.y), text, font, colour, most=self.width)
        self.y += LINE * self.pen.scale

    def _paragraph(self, text: str) -> None:
        for line in wrapped(text, self.width, lambda part: measure(part, "small")):
            self._line(line, "small", self.pen.theme.quiet)

    def _port(self, name: str, told: str, colour: tuple) -> None:
        pen, radius = self.pen, 4 * self.pen.scale
        dpg.draw_circle((radius, self.y), radius, fill=colour, color=colour, parent=pen.parent)
        end = pen.text((4 * radius, self.y), name, "small", most=self.width / 2)
        left = max(end + 3 * radius, 96 * pen.scale)
        pen.text((left, self.y), told, "small", pen.theme.quiet, most=self.width - left)
        self.y += LINE * pen.scale
