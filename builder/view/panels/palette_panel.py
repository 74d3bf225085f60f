"""The palette: every node that can be added, by category, with a search."""

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.commands.nodes import append
from builder.editor.editor import Editor
from builder.panels.palette_model import (
    PaletteGroup,
    entry_details,
    palette_groups,
    position_beside,
)
from builder.search.search import SearchItem
from builder.view.panels import panel_themes
from builder.view.panels.name_markers import add_bar
from builder.view.panels.panel import Panel, add_heading, add_text
from builder.view.widgets.key_names import KEY_NAMES
from builder.view.widgets.pointer_input import NODE_PAYLOAD, drag_from_palette
from builder.view.widgets.safe_text import sanitize, sanitize_label
from builder.view.widgets.tag import Tag
from builder.view.widgets.widget_painter import text_width
from nodes.core.graphs.catalog import node_types
from nodes.core.graphs.node import Category

MAX_RESULTS = 24
LINE_HEIGHT = 19
CUSTOM = "custom"
"""The mark of a custom node."""


class Palette(Panel):
    """Lists the node types; they are dragged to the canvas, or added by Enter or a double click."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent)
        self._rows: list[tuple[Tag, SearchItem]] = []
        self._entries: dict[Tag, SearchItem] = {}
        self._index = 0
        self._active = False
        with dpg.item_handler_registry() as self._handlers:
            dpg.add_item_double_clicked_handler(
                dpg.mvMouseButton_Left, callback=self._double_clicked
            )
        self._field = dpg.add_input_text(
            parent=self.root, hint="Search nodes", width=-1, tag="palette_search"
        )
        self._list = dpg.add_child_window(parent=self.root, width=-1, height=-1, border=False)
        dpg.bind_item_theme(self._list, panel_themes.COMPACT)

    def update(self) -> None:
        """List the matching nodes, and handle keys while the search field has the focus."""
        self._handle_keys()
        document = self.editor.document
        blocks = (*document.model.blocks, document.graph_name)
        query = str(dpg.get_value(self._field))
        if self.has_changed(query, blocks, node_types(), *self.style_key()):
            self._build(palette_groups(document, query), bool(query.strip()))

    @property
    def typing(self) -> bool:
        """Whether the search field has the keyboard focus."""
        return self._active

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Consume Escape while the search field has the keyboard focus."""
        return name == "Escape" and self._active

    # -- widgets ---------------------------------------------------------------------------------

    def _build(self, groups: tuple[PaletteGroup, ...], searching: bool) -> None:
        dpg.delete_item(self._list, children_only=True)
        self._rows, self._entries, self._index = [], {}, 0
        for group in groups:
            if group.title:
                dpg.add_spacer(height=self.units(6), parent=self._list)
                add_heading(group.title, self.theme, self._list)
            for entry in group.entries[: MAX_RESULTS if searching else None]:
                self._add_entry(entry)
        if not self._rows:
            add_text("No matches", self.theme.quiet, parent=self._list, wrap=0)
        if searching:
            self._highlight()

    def _add_entry(self, entry: SearchItem) -> None:
        theme, scale = self.theme, self.editor.settings.scale
        colour = theme.categories[Category(entry.subtitle)]
        with dpg.group(horizontal=True, parent=self._list, horizontal_spacing=self.units(6)):
            dpg.add_spacer(width=1)
            add_bar(colour, self.units(LINE_HEIGHT), scale)
            item = dpg.add_selectable(
                label=sanitize_label(entry.name),
                height=self.units(LINE_HEIGHT),
                callback=self._clicked,
                drag_callback=lambda _sender, key: drag_from_palette(self.editor, key),
                width=self._label_width(entry),
            )
            if entry.origin:
                add_text(CUSTOM, theme.faint, "small")
        dpg.bind_item_handler_registry(item, self._handlers)
        with dpg.drag_payload(parent=item, drag_data=entry.key, payload_type=NODE_PAYLOAD):
            self._add_drag_preview(entry)
        with dpg.tooltip(item, delay=0.4, hide_on_activity=True):
            self._add_description(entry)
        self._rows.append((item, entry))
        self._entries[item] = entry

    def _label_width(self, entry: SearchItem) -> int:
        """Return the width of an entry in pixels: that of its name where a mark follows; else 0."""
        if not entry.origin:
            return 0
        return round(text_width(entry.name)) + self.units(4)

    def _add_drag_preview(self, entry: SearchItem) -> None:
        """Add what is shown beside the pointer while the entry is dragged."""
        colour = self.theme.categories[Category(entry.subtitle)]
        with dpg.group(horizontal=True, horizontal_spacing=self.units(6)):
            add_bar(colour, self.units(LINE_HEIGHT), self.editor.settings.scale)
            add_text(entry.name, self.theme.text, "semibold")

    def _add_description(self, entry: SearchItem) -> None:
        """Add the tooltip: what a node does, its ports and its aliases."""
        theme, description = self.theme, entry_details(entry, self.editor.document.model)
        add_text(entry.name, theme.text, "semibold")
        dpg.add_text(sanitize(description.doc), wrap=self.units(380), color=theme.quiet)
        for is_input, name, shape, doc in description.ports:
            with dpg.group(horizontal=True, horizontal_spacing=self.units(8)):
                add_text("in" if is_input else "out", theme.faint, "small")
                add_text(name, theme.text, "small")
                add_text(f"({shape})", theme.quiet, "mono")
                add_text(doc, theme.faint, "small")
        if description.origin:
            add_text(f"custom node of {description.origin}", theme.faint, "small")
        if description.aliases:
            add_text(f"also: {description.aliases}", theme.faint, "small")

    def _highlight(self) -> None:
        """Highlight the row that Enter adds."""
        for index, (item, _) in enumerate(self._rows):
            dpg.set_value(item, index == self._index)

    # -- input -----------------------------------------------------------------------------------

    def _handle_keys(self) -> None:
        was_active, self._active = self._active, dpg.is_item_active(self._field)
        if not was_active or not self._rows:
            return
        if _is_pressed("Enter"):
            self._add(self._rows[self._index][1])
        step = _is_pressed("Down") - _is_pressed("Up")
        if step and self._active:
            self._index = (self._index + step) % len(self._rows)
            self._highlight()

    def _clicked(self, item: Tag) -> None:
        dpg.set_value(item, value=False)

    def _double_clicked(self, _sender: Tag, data: tuple[int, Tag]) -> None:
        entry = self._entries.get(data[1])
        if entry is not None:
            self._add(entry)

    def _add(self, entry: SearchItem) -> None:
        """Add a node, after the selected one if there is one."""
        editor = self.editor
        selected = editor.document.selection.nodes
        after = next(iter(selected)) if len(selected) == 1 else None
        scene = editor.scene
        sizes = {name: card.size for name, card in scene.nodes.items()}
        position = position_beside(after, scene.positions, sizes) or editor.camera.centre
        if editor.run_command(f"Add {entry.name}", append, entry.node, after, position):
            for name in editor.document.selection.nodes:
                editor.navigation.reveal(name)


def _is_pressed(name: str) -> bool:
    return any(dpg.is_key_pressed(code) for code, key in KEY_NAMES.items() if key == name)
