"""The widgets of a problem: where, what, and a button for each remedy."""

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme
from builder.panels.problem_rows import ProblemRow
from builder.view.panels import panel_themes
from builder.view.panels.panel import Item, text
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import label
from codegen.check import Severity

PAGE_MARGIN = 8


def add_problem(editor: Editor, row: ProblemRow, parent: Item, place: bool = True) -> None:
    """Add the widgets of a problem.

    Args:
        editor: what a click acts on.
        row: the problem.
        parent: where they stand.
        place: tell where the problem is; a click goes there.
    """
    theme, scale = editor.theme, editor.settings.scale
    with dpg.group(parent=parent):
        with dpg.group(horizontal=True, horizontal_spacing=round(6 * scale)) as line:
            ink = theme.text if place else _ink(theme, row.severity)
            if place:
                _add_place(editor, row)
            text(row.text if place else _here(row), ink, wrap=0)
        dpg.bind_item_theme(line, panel_themes.LINES)
        buttons = dpg.add_group(horizontal=True, indent=round(4 * scale) if place else 0)
        for words, remedy in row.remedies:
            dpg.add_button(
                label=label(words), parent=buttons, callback=_mend, user_data=(editor, remedy)
            )
        dpg.add_spacer(height=round(PAGE_MARGIN / 2 * scale))


def _add_place(editor: Editor, row: ProblemRow) -> None:
    """Add the name of the place, which a click goes to."""
    item = dpg.add_button(label=label(row.place), callback=_jump, user_data=(editor, row))
    dpg.bind_item_theme(item, panel_themes.BY_SEVERITY[row.severity])
    dpg.bind_item_font(item, fonts.tag("semibold"))


def _here(row: ProblemRow) -> str:
    """Name the port or parameter, where the node is known."""
    last = row.where.port or row.where.parameter
    return f"{last}: {row.text}" if last else row.text


def _ink(theme: Theme, severity: Severity) -> Colour:
    inks = {Severity.ERROR: theme.error, Severity.WARNING: theme.warning}
    return inks.get(severity, theme.quiet)


def _jump(_sender: object, _data: object, what: tuple) -> None:
    editor, row = what
    editor.navigation.go_to(row.where)


def _mend(_sender: object, _data: object, what: tuple) -> None:
    editor, remedy = what
    editor.apply_remedy(remedy)
