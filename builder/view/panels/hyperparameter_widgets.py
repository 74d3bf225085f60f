"""The hyperparameters of the model: their names, values and descriptions."""

import dearpygui.dearpygui as dpg

from builder.commands.model_settings import remove_hyperparameter
from builder.editor.editor import Editor
from builder.panels.hyperparameter_rows import HyperparameterRow, add, hyperparameter_rows
from builder.view.panels import panel_themes
from builder.view.panels.field_widgets import FieldWidget
from builder.view.panels.panel import add_heading, add_text, add_tooltip, set_text
from builder.view.widgets.tag import Tag

REMOVE_LABEL = "\N{MULTIPLICATION SIGN}"
NAME_WIDTH, VALUE_WIDTH, REMOVE_WIDTH = 104, 76, 30
"""The widths of the columns at scale 1; the description takes the rest."""


class HyperparameterWidgets:
    """Lists the hyperparameters, each as a row of fields; a section of the inspector."""

    def __init__(self, editor: Editor, parent: Tag) -> None:
        self.editor = editor
        self.root = dpg.add_group(parent=parent)
        self._last_values: tuple[object, ...] = ()
        self._rows: list[list[FieldWidget]] = []
        self._comments: list[Tag] = []
        self._built: tuple[str, ...] | None = None

    def update(self) -> None:
        """Commit input, and show the values in the document."""
        for widget in self._widgets():
            widget.update()
        editor = self.editor
        model, report = editor.document.model, editor.analysis.report
        if (model.hyperparameters, report.problems) == self._last_values:
            return
        self._last_values = model.hyperparameters, report.problems
        rows = list(hyperparameter_rows(model, report))
        names = tuple(row.name for row in rows)
        if names != self._built:
            self._built = names
            self._build(rows)
        for row, widgets, comment in zip(rows, self._rows, self._comments, strict=True):
            for widget, field in zip(widgets, row.fields, strict=True):
                widget.show(field)
            set_text(comment, row.comment)
            colour = self.editor.theme.error if row.error else self.editor.theme.faint
            dpg.configure_item(comment, show=bool(row.comment), color=colour)

    def _units(self, length: float) -> int:
        return round(length * self.editor.settings.scale)

    @property
    def typing(self) -> bool:
        """Whether one of the fields has the keyboard focus."""
        return any(widget.active for widget in self._widgets())

    def commit(self) -> None:
        """Commit the input of every field, before the widgets are deleted."""
        for widget in self._widgets():
            widget.commit()

    def _widgets(self) -> list[FieldWidget]:
        return [widget for widgets in self._rows for widget in widgets]

    def _build(self, rows: list[HyperparameterRow]) -> None:
        dpg.delete_item(self.root, children_only=True)
        self._rows, self._comments = [], []
        add_heading("Hyperparameters", self.editor.theme, self.root)
        for row in rows:
            self._add_row(row)
        if not rows:
            text = "Named numbers, such as d_model, that parameters can refer to."
            add_text(text, self.editor.theme.quiet, "small", self.root, wrap=0)
        dpg.add_button(label="Add a hyperparameter", parent=self.root, callback=self._add)

    def _add_row(self, row: HyperparameterRow) -> None:
        gap = self._units(4)
        with dpg.group(horizontal=True, parent=self.root, horizontal_spacing=gap):
            widths = self._units(NAME_WIDTH), self._units(VALUE_WIDTH), -self._units(REMOVE_WIDTH)
            widgets = []
            for field, width in zip(row.fields, widths, strict=True):
                with dpg.group() as cell:
                    widgets.append(FieldWidget(self.editor, field, cell, label=False, width=width))
            self._rows.append(widgets)
            remove = dpg.add_button(label=REMOVE_LABEL, user_data=row.name, callback=self._remove)
            dpg.bind_item_theme(remove, panel_themes.QUIET)
            add_tooltip(remove, f"Remove {row.name}")
        comment = add_text("", self.editor.theme.faint, "small", self.root, wrap=0)
        self._comments.append(comment)

    def _add(self) -> None:
        self.editor.run_command("Add a hyperparameter", add)

    def _remove(self, _sender: Tag, _data: object, name: str) -> None:
        self.editor.run_command(f"Remove {name}", remove_hyperparameter, name)
