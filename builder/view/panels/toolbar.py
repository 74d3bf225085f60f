"""The toolbar: the file, frequent actions, and the breadcrumb of the active graph."""

import dearpygui.dearpygui as dpg

from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.editor.editor import Editor
from builder.panels.toolbar_model import breadcrumbs, undo_redo_labels
from builder.view.panels import panel_themes
from builder.view.panels.panel import Panel, add_tooltip, set_text
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize_label
from builder.view.widgets.tag import Tag

BUTTON_HEIGHT = 30
CRUMB_SEPARATOR = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
FILE_BUTTONS = (
    ("new_model", "New"),
    ("open_file", "Open"),
    ("save", "Save"),
    ("export_code", "Export"),
)
VIEW_BUTTONS = (("show_commands", "Commands"), ("next_theme", "Theme"), ("show_shortcuts", "?"))
HISTORY_BUTTONS = (("undo", "↩"), ("redo", "↪"))


class Toolbar(Panel):
    """Shows the name of the file, and buttons for frequent actions."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent, panel_themes.BAR)
        self._built: tuple[object, ...] = ()

    def _build(self) -> None:
        dpg.delete_item(self.root, children_only=True)
        dpg.add_spacer(height=self.units(6), parent=self.root)
        with dpg.table(
            parent=self.root, header_row=False, policy=dpg.mvTable_SizingFixedFit, pad_outerX=False
        ):
            dpg.add_table_column(width_fixed=True)
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column(width_fixed=True)
            with dpg.table_row():
                self._build_left()
                self._crumbs = dpg.add_group(horizontal=True)
                right = dpg.add_group(horizontal=True)
        for name, label in VIEW_BUTTONS:
            self._add_button(name, label, parent=right)

    def _build_left(self) -> None:
        with dpg.group(horizontal=True):
            self._name = self._add_button("save_as", "")
            dpg.bind_item_theme(self._name, panel_themes.TEXT)
            dpg.bind_item_font(self._name, fonts.tag("semibold"))
            for name, label in FILE_BUTTONS:
                self._add_button(name, label)
            dpg.add_spacer(width=self.units(4))
            self._history: dict[str, tuple[Tag, Tag]] = {}
            for name, symbol in HISTORY_BUTTONS:
                button = self._add_button(name, symbol, has_tooltip=False)
                with dpg.tooltip(button, delay=0.5, hide_on_activity=True):
                    self._history[name] = button, dpg.add_text("")
            dpg.add_spacer(width=self.units(10))

    def _add_button(self, name: str, label: str, has_tooltip: bool = True, parent: Tag = 0) -> Tag:
        action = ACTIONS[name]
        item = dpg.add_button(
            label=label,
            callback=self._run,
            user_data=name,
            height=self.units(BUTTON_HEIGHT),
            parent=parent,
        )
        dpg.bind_item_theme(item, panel_themes.QUIET)
        if has_tooltip:
            add_tooltip(item, "   ".join((action.title, *action.keys[:1])))
        return item

    def update(self) -> None:
        """Show the file, the steps that can be undone or redone, and the breadcrumb."""
        editor = self.editor
        style_key = self.style_key()
        if style_key != self._built:
            self._built = style_key
            self._build()
        history, path, session = (
            editor.store.history,
            editor.active_graph.breadcrumbs,
            editor.session,
        )
        if not self.has_changed(history, path, session.title, session.dirty, *style_key):
            return
        mark = "  *" if session.dirty else ""
        dpg.configure_item(self._name, label=sanitize_label(f"{session.title}{mark}"))
        for name, step in undo_redo_labels(history).items():
            button, tooltip = self._history[name]
            dpg.configure_item(button, enabled=step is not None)
            keys = ACTIONS[name].keys[0]
            text = f"{name.title()}: {step}   {keys}" if step else f"Nothing to {name}"
            set_text(tooltip, text)
        self._show_crumbs(breadcrumbs(path))

    def _show_crumbs(self, path: list[tuple[str, tuple[str, ...], bool]]) -> None:
        dpg.delete_item(self._crumbs, children_only=True)
        for index, (title, block_path, is_active) in enumerate(path):
            if index:
                self._add_separator()
            item = dpg.add_button(
                label=sanitize_label(title),
                parent=self._crumbs,
                callback=self._visit,
                user_data=block_path,
                height=self.units(BUTTON_HEIGHT),
            )
            dpg.bind_item_theme(item, panel_themes.TEXT if is_active else panel_themes.QUIET)
            if is_active:
                dpg.bind_item_font(item, fonts.tag("medium"))

    def _add_separator(self) -> None:
        item = dpg.add_button(
            label=CRUMB_SEPARATOR,
            parent=self._crumbs,
            enabled=False,
            height=self.units(BUTTON_HEIGHT),
        )
        dpg.bind_item_theme(item, panel_themes.QUIET)

    def _run(self, _sender: Tag, _data: object, name: str) -> None:
        run_action(self.editor, name)

    def _visit(self, _sender: Tag, _data: object, block_path: tuple[str, ...]) -> None:
        self.editor.navigation.open_graph(tuple(block_path))
