"""The widgets of a problem: its location, its message, and a button for each remedy."""

import dearpygui.dearpygui as dpg

from builder.editor.editor import Editor
from builder.graphics.shapes import Colour
from builder.graphics.theme import Theme
from builder.panels.problem_rows import ProblemRow
from builder.view.panels import panel_themes
from builder.view.panels.panel import add_text
from builder.view.widgets import fonts
from builder.view.widgets.safe_text import sanitize_label
from builder.view.widgets.tag import Tag
from codegen.check import Severity
from codegen.check.remedy import Remedy

BOTTOM_MARGIN = 4


def add_problem(editor: Editor, row: ProblemRow, parent: Tag, location: bool = True) -> None:
    """Add the widgets of a problem.

    Args:
        editor: the editor.
        row: the problem.
        parent: the container.
        location: add a button that goes to where the problem is.
    """
    theme, scale = editor.theme, editor.settings.scale
    with dpg.group(parent=parent):
        with dpg.group(horizontal=True, horizontal_spacing=round(6 * scale)) as line:
            if location:
                _add_location(editor, row)
                add_text(row.text, theme.text, wrap=0)
            else:
                add_text(_message(row), _colour(theme, row.severity), wrap=0)
        dpg.bind_item_theme(line, panel_themes.COMPACT)
        buttons = dpg.add_group(horizontal=True, indent=round(4 * scale) if location else 0)
        for label, remedy in row.remedies:
            dpg.add_button(
                label=sanitize_label(label),
                parent=buttons,
                callback=_apply_remedy,
                user_data=(editor, remedy),
            )
        dpg.add_spacer(height=round(BOTTOM_MARGIN * scale))


def _add_location(editor: Editor, row: ProblemRow) -> None:
    item = dpg.add_button(
        label=sanitize_label(row.link_text), callback=_jump, user_data=(editor, row)
    )
    dpg.bind_item_theme(item, panel_themes.BY_SEVERITY[row.severity])
    dpg.bind_item_font(item, fonts.tag("semibold"))


def _message(row: ProblemRow) -> str:
    """Return the message after the name of the port or parameter; the node is known."""
    name = row.location.port or row.location.parameter
    return f"{name}: {row.text}" if name else row.text


def _colour(theme: Theme, severity: Severity) -> Colour:
    colours = {Severity.ERROR: theme.error, Severity.WARNING: theme.warning}
    return colours.get(severity, theme.quiet)


def _jump(_sender: object, _data: object, target: tuple[Editor, ProblemRow]) -> None:
    editor, row = target
    editor.navigation.go_to(row.location)


def _apply_remedy(_sender: object, _data: object, target: tuple[Editor, Remedy]) -> None:
    editor, remedy = target
    editor.apply_remedy(remedy)
