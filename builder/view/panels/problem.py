"""The widgets of a problem: where, what, and a button for each remedy."""

import dearpygui.dearpygui as dpg

from builder.canvas.shapes import Colour
from builder.canvas.theme import Theme
from builder.editor import Editor
from builder.panels.remarks import ProblemRow
from builder.view import fonts
from builder.view.panels import looks
from builder.view.panels.panel import Item, text
from builder.view.text import label
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
            if place:
                jump = dpg.add_button(label=label(row.place), callback=_jump)
                dpg.set_item_user_data(jump, (editor, row))
                dpg.bind_item_theme(jump, looks.BY_SEVERITY[row.severity])
                dpg.bind_item_font(jump, fonts.tag("semibold"))
            last = row.where.port or row.where.parameter
            words = row.text if place or not last else f"{last}: {row.text}"
            text(words, theme.text if place else _ink(theme, row.severity), wrap=0)
        dpg.bind_item_theme(line, looks.LINES)
        if row.remedies:
            with dpg.group(horizontal=True, indent=round(4 * scale) if place else 0):
                for words, remedy in row.remedies:
                    dpg.add_button(label=label(words), callback=_mend, user_data=(editor, remedy))
        dpg.add_spacer(height=round(PAGE_MARGIN / 2 * scale))


def _ink(theme: Theme, severity: Severity) -> Colour:
    inks = {Severity.ERROR: theme.error, Severity.WARNING: theme.warning}
    return inks.get(severity, theme.quiet)


def _jump(_sender: object, _data: object, what: tuple) -> None:
    editor, row = what
    editor.jump(row.where)


def _mend(_sender: object, _data: object, what: tuple) -> None:
    editor, remedy = what
    editor.mend(remedy)
