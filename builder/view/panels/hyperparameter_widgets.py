"""The hyperparameters of the model: their names, values, and what they are."""

import dearpygui.dearpygui as dpg

from builder.commands.model_settings import remove_hyperparameter
from builder.editor.editor import Editor
from builder.panels.hyperparameter_rows import HyperparameterRow, add, hyperparameter_rows
from builder.view.panels import panel_themes
from builder.view.panels.field_widgets import FieldWidget
from builder.view.panels.panel import Item, heading, rewrite, text, tip

AWAY = "\N{MULTIPLICATION SIGN}"
NAME, VALUE = 104, 76
"""How wide the columns are, in units; what it is about takes the rest."""


class Hyperparameters:
    """Lists the hyperparameters, each as a row of fields; a part of the inspector."""

    def __init__(self, editor: Editor, parent: Item) -> None:
        self.editor = editor
        self.root = dpg.add_group(parent=parent)
        self._seen: tuple[object, ...] = ()
        self._entries: list[tuple[FieldWidget, FieldWidget, FieldWidget]] = []
        self._remarks: list[Item] = []
        self._built: tuple[str, ...] | None = None

    def update(self) -> None:
        """Enter what was typed, and show what the document says."""
        for entry in self._all():
            entry.update()
        editor = self.editor
        model, report = editor.document.model, editor.analysis.report
        if (model.hyperparameters, report.problems) == self._seen:
            return
        self._seen = model.hyperparameters, report.problems
        rows = list(hyperparameter_rows(model, report))
        build = tuple(row.name for row in rows)
        if build != self._built:
            self._built = build
            self._build(rows)
        for row, entries, comment in zip(rows, self._entries, self._remarks, strict=True):
            for entry, field in zip(entries, row.fields, strict=True):
                entry.show(field)
            rewrite(comment, row.comment)
            colour = self.editor.theme.error if row.error else self.editor.theme.faint
            dpg.configure_item(comment, show=bool(row.comment), color=colour)

    def _units(self, length: float) -> int:
        return round(length * self.editor.settings.scale)

    @property
    def typing(self) -> bool:
        """Tell whether one of the fields has the keyboard."""
        return any(entry.active for entry in self._all())

    def leave(self) -> None:
        """Enter what was typed, as the fields go away."""
        for entry in self._all():
            entry.enter()

    def _all(self) -> list[FieldWidget]:
        return [entry for entries in self._entries for entry in entries]

    def _build(self, rows: list[HyperparameterRow]) -> None:
        dpg.delete_item(self.root, children_only=True)
        self._entries, self._remarks = [], []
        heading("Hyperparameters", self.editor.theme, self.root)
        for row in rows:
            self._row(row)
        if not rows:
            words = "Numbers with a name, such as d_model, that parameters can use."
            text(words, self.editor.theme.quiet, "small", self.root, wrap=0)
        dpg.add_button(label="Add a hyperparameter", parent=self.root, callback=self._add)

    def _row(self, row: HyperparameterRow) -> None:
        gap = self._units(4)
        with dpg.group(horizontal=True, parent=self.root, horizontal_spacing=gap):
            widths = self._units(NAME), self._units(VALUE), -self._units(30)
            entries = []
            for field, width in zip(row.fields, widths, strict=True):
                with dpg.group() as cell:
                    entries.append(FieldWidget(self.editor, field, cell, label=False, width=width))
            self._entries.append(tuple(entries))
            away = dpg.add_button(label=AWAY, user_data=row.name, callback=self._remove)
            dpg.bind_item_theme(away, panel_themes.QUIET)
            tip(away, f"Remove {row.name}")
        self._remarks.append(text("", self.editor.theme.faint, "small", self.root, wrap=0))

    def _add(self) -> None:
        self.editor.run_command("Add a hyperparameter", add)

    def _remove(self, _sender: Item, _data: object, name: str) -> None:
        self.editor.run_command(f"Remove {name}", remove_hyperparameter, name)
