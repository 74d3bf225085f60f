"""The inspector: the properties of the selection, with a field for each that can be changed."""

from collections.abc import Iterator, Mapping

import dearpygui.dearpygui as dpg

from builder.actions.action_table import ACTIONS
from builder.actions.dispatch import run_action
from builder.canvas.pointer_events import Modifiers
from builder.editor.editor import Editor
from builder.panels.cost_model import CostModel
from builder.panels.form_model import Control, FormModel, PortRow
from builder.panels.inspector_model import inspect
from builder.panels.problem_rows import ProblemRow, problem_row
from builder.view.panels import panel_themes
from builder.view.panels.field_widgets import FieldWidget
from builder.view.panels.hyperparameter_widgets import HyperparameterWidgets
from builder.view.panels.name_markers import add_bar, add_port_marker
from builder.view.panels.panel import (
    Debounce,
    Panel,
    add_heading,
    add_text,
    add_tooltip,
    set_text,
)
from builder.view.panels.problem_widgets import add_problem
from builder.view.widgets.safe_text import sanitize_label
from builder.view.widgets.tag import Tag
from codegen.cost import Row

SHORT_LABELS = {"enter_block": "Enter", "ungroup": "Ungroup", "show_manual": "Manual"}
"""Labels of action buttons that are shorter than the titles of the actions."""
LINE_HEIGHT = 18
"""The height of the markers beside a line, in pixels at scale 1."""


class Inspector(Panel):
    """Shows the form of the selection."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        super().__init__(editor, parent)
        self._cost_model, self._debounce = CostModel(), Debounce()
        self._widgets: list[FieldWidget] = []
        self._hyperparameters: HyperparameterWidgets | None = None
        self._built: tuple[object, ...] = ()
        self._shown_details: tuple[object, ...] = ()
        self._model: object = None

    def update(self) -> None:
        """Commit input, and show the values in the document."""
        for widget in self._widgets:
            widget.update()
        if self._hyperparameters is not None:
            self._hyperparameters.update()
        editor = self.editor
        document, shown, report = editor.document, editor.active_graph, editor.analysis.report
        costs = self._costs(document.selection.nodes)
        verified = editor.analysis.verified
        if self.has_changed(shown, document.selection, report, verified, costs, *self.style_key()):
            self._show(inspect(document, shown, report, costs))
        self._model = editor.document.model

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Consume Escape while a field has the keyboard focus."""
        return name == "Escape" and self.typing

    @property
    def typing(self) -> bool:
        """Whether one of the fields has the keyboard focus."""
        if any(widget.active for widget in self._widgets):
            return True
        return self._hyperparameters is not None and self._hyperparameters.typing

    def _costs(self, selected: frozenset[str]) -> Mapping[str, Row]:
        """Return the costs of the nodes, once the graph has stayed the same for a while."""
        editor, model = self.editor, self._cost_model
        checked = editor.active_graph.checked
        if not selected or not (self._debounce.is_stable(checked) or model.is_current(checked)):
            return {}
        return model.rows(editor.document.model, checked, editor.analysis)

    # -- widgets ---------------------------------------------------------------------------------

    def _show(self, form: FormModel) -> None:
        build = (*form.widget_key, *self.style_key())
        if build != self._built:
            self._commit()
            self._built = build
            self._build(form)
        set_text(self._title, form.title)
        set_text(self._subtitle, form.subtitle)
        for widget, field in zip(self._widgets, form.fields, strict=True):
            widget.show(field)
        remedies = self.editor.analysis.remedies
        rows = tuple(problem_row(problem, "", remedies) for problem in form.problems)
        details = rows, form.ports, form.facts
        if details != self._shown_details:
            self._shown_details = details
            self._show_details(form, rows)

    def _commit(self) -> None:
        """Commit the input of fields that are to be deleted, unless another model was opened."""
        if self._model is not self.editor.store.committed.model:
            return
        for widget in self._widgets:
            widget.commit()
        if self._hyperparameters is not None:
            self._hyperparameters.commit()

    def _build(self, form: FormModel) -> None:
        dpg.delete_item(self.root, children_only=True)
        self._shown_details = ()
        with dpg.group(parent=self.root):
            self._add_header(form)
            self._problems = dpg.add_group()
            dpg.add_spacer(height=self.units(2))
            fields = dpg.add_group()
            self._hyperparameters = self._add_hyperparameters() if form.hyperparameters else None
            texts = dpg.add_group()
            self._widgets = [
                FieldWidget(self.editor, field, texts if field.control is Control.LINES else fields)
                for field in form.fields
            ]
            self._details = dpg.add_group()
            dpg.bind_item_theme(self._details, panel_themes.COMPACT)
            self._add_actions(form.actions)

    def _add_header(self, form: FormModel) -> None:
        theme, scale = self.theme, self.editor.settings.scale
        with dpg.group(horizontal=True, horizontal_spacing=self.units(6)) as header:
            if form.category is not None:
                add_bar(theme.categories[form.category], self.units(LINE_HEIGHT), scale)
            self._title = add_text(form.title, theme.text, "semibold")
            self._subtitle = add_text(form.subtitle, theme.quiet, "small")
        dpg.bind_item_theme(header, panel_themes.COMPACT)
        if form.doc:
            add_text(form.doc, theme.quiet, "small", wrap=0)

    def _show_details(self, form: FormModel, rows: tuple[ProblemRow, ...]) -> None:
        """Rebuild what is read-only; fields are kept, as one may have the keyboard focus."""
        dpg.delete_item(self._problems, children_only=True)
        for row in rows:
            add_problem(self.editor, row, self._problems, location=False)
        dpg.delete_item(self._details, children_only=True)
        with dpg.group(parent=self._details):
            self._add_ports(form.ports)
            dpg.add_spacer(height=self.units(4))
            for fact in form.facts:
                add_text(fact, self.theme.quiet, "small", wrap=0)

    def _add_hyperparameters(self) -> HyperparameterWidgets:
        dpg.add_spacer(height=self.units(6))
        widgets = HyperparameterWidgets(self.editor, dpg.add_group())
        dpg.add_spacer(height=self.units(6))
        widgets.update()
        return widgets

    def _add_ports(self, ports: tuple[PortRow, ...]) -> None:
        for title, rows in _sides(ports):
            dpg.add_spacer(height=self.units(4))
            add_heading(title, self.theme)
            for row in rows:
                self._add_port(row)

    def _add_port(self, row: PortRow) -> None:
        theme, gap = self.theme, self.units(6)
        with dpg.group(horizontal=True, horizontal_spacing=gap) as line:
            add_port_marker(row.kind, row.is_known, theme, self.units(LINE_HEIGHT))
            add_text(row.name, theme.text, "small")
            add_text(row.shape, theme.quiet if row.is_known else theme.faint, "mono")
            add_text(row.connection, theme.faint, "small")
        add_tooltip(line, f"{row.kind.value}{': ' if row.doc else ''}{row.doc}")

    def _add_actions(self, names: tuple[str, ...]) -> None:
        if not names:
            return
        dpg.add_spacer(height=self.units(2))
        with dpg.group(horizontal=True):
            for name in names:
                action = ACTIONS[name]
                label = sanitize_label(SHORT_LABELS.get(name, action.title))
                item = dpg.add_button(label=label, callback=self._run, user_data=name)
                add_tooltip(item, "   ".join((action.title, *action.keys[:1])))

    def _run(self, _sender: Tag, _data: object, name: str) -> None:
        run_action(self.editor, name)


def _sides(ports: tuple[PortRow, ...]) -> Iterator[tuple[str, list[PortRow]]]:
    for title, is_input in (("Inputs", True), ("Outputs", False)):
        rows = [row for row in ports if row.is_input is is_input]
        if rows:
            yield title, rows
