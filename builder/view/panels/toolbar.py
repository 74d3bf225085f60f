"""The bar above: the file, what can be done with it, and the way into the graph that is shown."""

import dearpygui.dearpygui as dpg

from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.editor.editor import Editor
from builder.panels.toolbar_model import breadcrumbs, undo_redo_labels
from builder.view.panels import panel_themes
from builder.view.panels.panel import Item, Panel, rewrite, tip
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import label

HIGH = 30
INTO = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
FILES = (("new_model", "New"), ("open_file", "Open"), ("save", "Save"), ("export_code", "Export"))
VIEWS = (("show_commands", "Commands"), ("next_theme", "Theme"), ("show_shortcuts", "?"))
STEPS = (("undo", "↩"), ("redo", "↪"))


class Toolbar(Panel):
    """Shows the file's name, and buttons for what is done often."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent, panel_themes.BAR)
        self._build()

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
                self._left()
                self._crumbs = dpg.add_group(horizontal=True)
                right = dpg.add_group(horizontal=True)
        for name, words in VIEWS:
            self._button(name, words, parent=right)

    def _left(self) -> None:
        with dpg.group(horizontal=True):
            self._name = self._button("save_as", "")
            dpg.bind_item_theme(self._name, panel_themes.TEXT)
            dpg.bind_item_font(self._name, fonts.tag("semibold"))
            for name, words in FILES:
                self._button(name, words)
            dpg.add_spacer(width=self.units(4))
            self._steps = {}
            for name, sign in STEPS:
                item = self._button(name, sign, tipped=False)
                with dpg.tooltip(item, delay=0.5, hide_on_activity=True):
                    self._steps[name] = item, dpg.add_text("")
            dpg.add_spacer(width=self.units(10))

    def _button(self, name: str, words: str, tipped: bool = True, parent: Item = 0) -> Item:
        action = ACTIONS[name]
        item = dpg.add_button(
            label=words,
            callback=self._do,
            user_data=name,
            height=self.units(HIGH),
            parent=parent,
        )
        dpg.bind_item_theme(item, panel_themes.QUIET)
        if tipped:
            tip(item, f"{action.title}   {action.keys[0]}" if action.keys else action.title)
        return item

    def update(self) -> None:
        """Show the file, the steps that can be undone, and the way in."""
        editor = self.editor
        look, before = self.looks(), getattr(self, "_look", None)
        if look != before:
            self._look = look
            self._build()
        history, way = editor.store.history, editor.active_graph.breadcrumbs
        session = editor.session
        if not self.differs(history, way, session.title, session.dirty, *look):
            return
        mark = "  *" if session.dirty else ""
        dpg.configure_item(self._name, label=label(f"{session.title}{mark}"))
        for name, told in undo_redo_labels(history).items():
            item, tipped = self._steps[name]
            dpg.configure_item(item, enabled=told is not None)
            keys = ACTIONS[name].keys[0]
            rewrite(tipped, f"{name.title()}: {told}   {keys}" if told else f"Nothing to {name}")
        self._show_way(breadcrumbs(way))

    def _show_way(self, way: list[tuple[str, tuple[str, ...], bool]]) -> None:
        dpg.delete_item(self._crumbs, children_only=True)
        for at, (title, place, here) in enumerate(way):
            if at:
                self._sign(INTO)
            item = dpg.add_button(
                label=label(title),
                parent=self._crumbs,
                callback=self._visit,
                user_data=place,
                height=self.units(HIGH),
            )
            dpg.bind_item_theme(item, panel_themes.TEXT if here else panel_themes.QUIET)
            if here:
                dpg.bind_item_font(item, fonts.tag("medium"))

    def _sign(self, sign: str) -> None:
        item = dpg.add_button(
            label=sign, parent=self._crumbs, enabled=False, height=self.units(HIGH)
        )
        dpg.bind_item_theme(item, panel_themes.QUIET)

    def _do(self, _sender: Item, _data: object, name: str) -> None:
        run_action(self.editor, name)

    def _visit(self, _sender: Item, _data: object, place: tuple[str, ...]) -> None:
        self.editor.navigation.open_graph(tuple(place))
