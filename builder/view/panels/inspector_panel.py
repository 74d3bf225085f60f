"""The inspector: what is selected, with a field for all of it that can be changed."""

from collections.abc import Iterator

import dearpygui.dearpygui as dpg

from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.canvas.pointer_events import Held
from builder.editor.editor import Editor
from builder.panels.cost_model import CostModel
from builder.panels.form_model import Control, FormModel, PortRow
from builder.panels.inspector_model import inspect
from builder.panels.problem_rows import problem_row
from builder.view.panels import panel_themes
from builder.view.panels.field_widgets import FieldWidget
from builder.view.panels.hyperparameter_widgets import Hyperparameters
from builder.view.panels.name_markers import add_bar, add_port
from builder.view.panels.panel import Item, Panel, Rest, heading, rewrite, text, tip
from builder.view.panels.problem_widgets import add_problem
from builder.view.widgets.safe_text import label

SHORT = {"enter": "Look inside", "manual": "Manual"}
"""What the buttons for some actions say."""
LINE = 18
"""How high the marks beside a line are, in units."""


class Inspector(Panel):
    """Shows the sheet of what is selected."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        super().__init__(editor, parent)
        self._costing, self._rest = CostModel(), Rest()
        self._entries: list[FieldWidget] = []
        self._hyperparameters: Hyperparameters | None = None
        self._built: tuple[object, ...] = ()
        self._told: tuple[object, ...] = ()
        self._model: object = None

    def update(self) -> None:
        """Enter what was typed, and show what the document says."""
        for entry in self._entries:
            entry.update()
        if self._hyperparameters is not None:
            self._hyperparameters.update()
        editor = self.editor
        document, shown, report = editor.document, editor.shown, editor.analysis.report
        costs = self._known_costs(document.selection.nodes)
        if self.differs(shown, document.selection, report, costs, *self.looks()):
            self._show(inspect(document, shown, report, costs))
        self._model = editor.document.model

    def key(self, name: str, held: Held) -> bool:
        """Keep Escape for the field that has the keyboard; tell whether one has."""
        return name == "Escape" and self.typing

    @property
    def typing(self) -> bool:
        """Tell whether one of the fields has the keyboard."""
        others = self._hyperparameters
        mine = any(entry.active for entry in self._entries)
        return mine or (others is not None and others.typing)

    def _known_costs(self, wanted: object) -> dict:
        """Tell what nodes cost, once the graph has stayed the same for a moment."""
        editor = self.editor
        checked = editor.shown.checked
        if not wanted or not (self._rest.of(checked) or self._costing.known(checked)):
            return {}
        return self._costing.rows(editor.document.model, checked, editor.analysis)

    # -- the widgets -----------------------------------------------------------------------------

    def _show(self, sheet: FormModel) -> None:
        build = (*sheet.build, *self.looks())
        if build != self._built:
            self._leave()
            self._built = build
            self._build(sheet)
        rewrite(self._title, sheet.title)
        rewrite(self._subtitle, sheet.subtitle)
        for entry, field in zip(self._entries, sheet.fields, strict=True):
            entry.show(field)
        told = sheet.problems, sheet.ports, sheet.facts
        if told != self._told:
            self._told = told
            self._tell(sheet)

    def _leave(self) -> None:
        """Enter what was typed in fields that go away, if it was meant for this model."""
        if self._model is not self.editor.store.committed.model:
            return
        for entry in self._entries:
            entry.enter()
        if self._hyperparameters is not None:
            self._hyperparameters.leave()

    def _build(self, sheet: FormModel) -> None:
        theme, scale = self.theme, self.editor.settings.scale
        dpg.delete_item(self.root, children_only=True)
        self._told = ()
        with dpg.group(parent=self.root):
            with dpg.group(horizontal=True, horizontal_spacing=self.units(6)) as head:
                if sheet.family is not None:
                    add_bar(theme.families[sheet.family], self.units(LINE), scale)
                self._title = text(sheet.title, theme.text, "semibold")
                self._subtitle = text(sheet.subtitle, theme.quiet, "small")
            dpg.bind_item_theme(head, panel_themes.LINES)
            if sheet.doc:
                text(sheet.doc, theme.quiet, "small", wrap=0)
            self._problems = dpg.add_group()
            dpg.add_spacer(height=self.units(2))
            fields = dpg.add_group()
            self._hyperparameters = self._models() if sheet.hyperparameters else None
            long = dpg.add_group()
            self._entries = [
                FieldWidget(self.editor, one, long if one.control is Control.LINES else fields)
                for one in sheet.fields
            ]
            self._lines = dpg.add_group()
            dpg.bind_item_theme(self._lines, panel_themes.LINES)
            self._offers(sheet.offers)

    def _tell(self, sheet: FormModel) -> None:
        """Show what can only be read; the fields stay, as one of them may have the keyboard."""
        dpg.delete_item(self._problems, children_only=True)
        for problem in sheet.problems:
            add_problem(self.editor, problem_row(problem, ""), self._problems, place=False)
        dpg.delete_item(self._lines, children_only=True)
        with dpg.group(parent=self._lines):
            self._ports(sheet.ports)
            dpg.add_spacer(height=self.units(4))
            for fact in sheet.facts:
                text(fact, self.theme.quiet, "small", wrap=0)

    def _models(self) -> Hyperparameters:
        """Add the hyperparameters of the model."""
        dpg.add_spacer(height=self.units(6))
        made = Hyperparameters(self.editor, dpg.add_group())
        dpg.add_spacer(height=self.units(6))
        made.update()
        return made

    def _ports(self, ports: tuple[PortRow, ...]) -> None:
        for title, rows in _sides(ports):
            dpg.add_spacer(height=self.units(4))
            heading(title, self.theme)
            for row in rows:
                self._port(row)

    def _port(self, row: PortRow) -> None:
        theme, gap = self.theme, self.units(6)
        with dpg.group(horizontal=True, horizontal_spacing=gap) as line:
            add_port(row.kind, row.specs, theme, self.units(LINE))
            text(row.name, theme.text, "small")
            text(row.shape, theme.quiet if row.specs else theme.faint, "mono")
            text(row.far, theme.faint, "small")
        tip(line, f"{row.kind.value}{': ' if row.doc else ''}{row.doc}")

    def _offers(self, offers: tuple[str, ...]) -> None:
        if not offers:
            return
        dpg.add_spacer(height=self.units(2))
        with dpg.group(horizontal=True):
            for name in offers:
                action = ACTIONS[name]
                words = SHORT.get(name, action.title)
                item = dpg.add_button(label=label(words), callback=self._do, user_data=name)
                tip(item, "   ".join((action.title, *action.keys[:1])))

    def _do(self, _sender: Item, _data: object, name: str) -> None:
        run_action(self.editor, name)


def _sides(ports: tuple[PortRow, ...]) -> Iterator[tuple[str, list[PortRow]]]:
    for title, is_input in (("Inputs", True), ("Outputs", False)):
        rows = [row for row in ports if row.is_input is is_input]
        if rows:
            yield title, rows
