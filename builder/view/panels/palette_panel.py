"""The palette: every node that can be added, by family, with a search over them."""

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
from builder.view.panels.panel import Item, Panel, heading, text
from builder.view.widgets.key_names import NAMES
from builder.view.widgets.pointer_input import carry
from builder.view.widgets.safe_text import label, shown
from nodes.core.graphs.node import Category

PAYLOAD = "node"
"""What a carried node type is called, so that the canvas takes it."""
MOST_FOUND = 24
LINE = 19


class Palette(Panel):
    """Lists the node types; they are dragged to the canvas, or added by Enter or a double click."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent)
        self._found: list[tuple[Item, SearchItem]] = []
        self._listed: dict[Item, SearchItem] = {}
        self._at = 0
        self._active = False
        with dpg.item_handler_registry() as self._handlers:
            dpg.add_item_double_clicked_handler(dpg.mvMouseButton_Left, callback=self._doubled)
        self._field = dpg.add_input_text(
            parent=self.root, hint="Search nodes", width=-1, tag="palette_search"
        )
        self._list = dpg.add_child_window(parent=self.root, width=-1, height=-1, border=False)
        dpg.bind_item_theme(self._list, panel_themes.LINES)

    def update(self) -> None:
        """List what can be added, and follow the keyboard while it is in the search."""
        self._follow_keys()
        document = self.editor.document
        here = (*document.model.blocks, document.graph_name)
        words = dpg.get_value(self._field)
        if self.differs(words, here, *self.looks()):
            self._build(palette_groups(document, words), bool(words.strip()))

    @property
    def typing(self) -> bool:
        """Tell whether the search has the keyboard."""
        return self._active

    def key(self, name: str, held: Modifiers) -> bool:
        """Keep Escape for the search while it has the keyboard; tell whether it has."""
        return name == "Escape" and self._active

    # -- the widgets -----------------------------------------------------------------------------

    def _build(self, listed: tuple[PaletteGroup, ...], searching: bool) -> None:
        dpg.delete_item(self._list, children_only=True)
        self._found, self._listed, self._at = [], {}, 0
        for shelf in listed:
            if shelf.title:
                dpg.add_spacer(height=self.units(6), parent=self._list)
                heading(shelf.title, self.theme, self._list)
            for entry in shelf.entries[: MOST_FOUND if searching else None]:
                self._entry(entry)
        if not self._found:
            text("Nothing is called so.", self.theme.quiet, parent=self._list, wrap=0)
        if searching:
            self._light()

    def _entry(self, entry: SearchItem) -> None:
        theme, scale = self.theme, self.editor.settings.scale
        colour = theme.families[Category(entry.subtitle)]
        with dpg.group(horizontal=True, parent=self._list, horizontal_spacing=self.units(6)):
            dpg.add_spacer(width=1)
            add_bar(colour, self.units(LINE), scale)
            item = dpg.add_selectable(
                label=label(entry.name),
                height=self.units(LINE),
                callback=self._clicked,
                drag_callback=lambda _sender, key: carry(self.editor, key),
            )
        dpg.bind_item_handler_registry(item, self._handlers)
        with dpg.drag_payload(parent=item, drag_data=entry.key, payload_type=PAYLOAD):
            self._ghost(entry)
        with dpg.tooltip(item, delay=0.4, hide_on_activity=True):
            self._about(entry)
        self._found.append((item, entry))
        self._listed[item] = entry

    def _ghost(self, entry: SearchItem) -> None:
        """Show what is carried, beside the pointer."""
        colour = self.theme.families[Category(entry.subtitle)]
        with dpg.group(horizontal=True, horizontal_spacing=self.units(6)):
            add_bar(colour, self.units(LINE), self.editor.settings.scale)
            text(entry.name, self.theme.text, "semibold")

    def _about(self, entry: SearchItem) -> None:
        """Tell what a node does, and what goes in and out."""
        theme, told = self.theme, entry_details(entry, self.editor.document.model)
        text(entry.name, theme.text, "semibold")
        dpg.add_text(shown(told.doc), wrap=self.units(380), color=theme.quiet)
        for is_input, name, shape, what in told.ports:
            with dpg.group(horizontal=True, horizontal_spacing=self.units(8)):
                text("in" if is_input else "out", theme.faint, "small")
                text(name, theme.text, "small")
                text(f"({shape})", theme.quiet, "mono")
                text(what, theme.faint, "small")
        if told.aliases:
            text(f"also: {told.aliases}", theme.faint, "small")

    def _light(self) -> None:
        """Show which of the found ones Enter adds."""
        for place, (item, _) in enumerate(self._found):
            dpg.set_value(item, place == self._at)

    # -- what is done ----------------------------------------------------------------------------

    def _follow_keys(self) -> None:
        was, self._active = self._active, dpg.is_item_active(self._field)
        if not was or not self._found:
            return
        if _pressed("Enter"):
            self._add(self._found[self._at][1])
        step = _pressed("Down") - _pressed("Up")
        if step and self._active:
            self._at = (self._at + step) % len(self._found)
            self._light()

    def _clicked(self, item: Item) -> None:
        dpg.set_value(item, value=False)

    def _doubled(self, _sender: Item, where: tuple[int, Item]) -> None:
        entry = self._listed.get(where[1])
        if entry is not None:
            self._add(entry)

    def _add(self, entry: SearchItem) -> None:
        """Add a node behind the selected one."""
        editor = self.editor
        chosen = editor.document.selection.nodes
        after = next(iter(chosen)) if len(chosen) == 1 else None
        scene = editor.scene
        sizes = {name: figure.size for name, figure in scene.nodes.items()}
        at = position_beside(after, scene.positions, sizes) or editor.camera.centre
        if editor.run_command(f"Add {entry.name}", append, entry.node, after, at):
            for name in editor.document.selection.nodes:
                editor.navigation.reveal(name)


def _pressed(name: str) -> bool:
    return any(dpg.is_key_pressed(number) for number, one in NAMES.items() if one == name)
