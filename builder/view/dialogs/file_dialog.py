"""The file dialog: chooses a file to open or save, or a folder to export to."""

import os
from collections.abc import Callable
from pathlib import Path

import dearpygui.dearpygui as dpg

from builder.actions.file_actions import file_chosen
from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import FileDialog
from builder.dialogs.file_chooser import EXPORT, OPEN, SAVE, FileChooser, bookmarks
from builder.graphics.shapes import Point
from builder.storage.export import project_files
from builder.storage.folders import DirectoryEntry
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import RowArea, RowList
from builder.view.dialogs.text_field import TextField
from builder.view.widgets import style
from builder.view.widgets.safe_text import sanitize
from builder.view.widgets.tag import Tag
from builder.view.widgets.widget_painter import WidgetPainter, text_width
from codegen.compile import NotCompiled

ROW, SIDEBAR_WIDTH, UP_WIDTH, BUTTON_WIDTH = 28, 170, 44, 104
TITLES = {OPEN: "Open a graph", SAVE: "Save the graph", EXPORT: "Export the code to a folder"}
CONFIRM_LABELS = {OPEN: "Open", SAVE: "Save", EXPORT: "Export here"}


class FileDialogWindow(DialogWindow):
    """A path field, a list of the folder's entries, and a sidebar of folders."""

    modal = True
    dialog: FileDialog

    def size(self) -> tuple[float, float]:
        """Return the width and height, in units."""
        return 760, 560

    def build(self) -> None:
        """Add the rows from top to bottom."""
        self.choice = FileChooser.begin(self.dialog.purpose, self.dialog.folder, self.dialog.name)
        self.name_field: TextField | None = None
        self.folder_field: TextField | None = None
        self.add_heading(TITLES[self.choice.purpose])
        self._build_path()
        self._build_lists()
        if self.choice.purpose == SAVE:
            self._build_name()
        self.message = dpg.add_drawlist(self.px(self.inner_width), self.px(24))
        self._build_buttons()
        self.default_field = self.name_field or self.path_field
        self.sidebar.show(bookmarks(self.editor.settings.recent), -1)
        self._show()

    def _build_path(self) -> None:
        with dpg.group(horizontal=True, horizontal_spacing=self.px(6)):
            dpg.add_button(label="Up", callback=self._go_up, width=self.px(UP_WIDTH))
            self.path_field = TextField(
                self.px(self.inner_width - UP_WIDTH - 6), self._path_typed, text=self.choice.text
            )

    def _build_lists(self) -> None:
        height = self.height - (196 if self.choice.purpose == SAVE else 158)
        width = self.inner_width - SIDEBAR_WIDTH - MARGIN
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            self.files: RowList[DirectoryEntry] = RowList(
                self.appearance, (width, height), self._draw, self._clicked, ROW
            )
            dpg.move_item_up(self.files.child)
            self.sidebar: RowList[tuple[str, Path]] = RowList(
                self.appearance,
                (SIDEBAR_WIDTH, height),
                self._draw_sidebar,
                self._sidebar_clicked,
                ROW,
            )
            dpg.move_item_up(self.sidebar.child)
        self.lists += [self.files, self.sidebar]

    def _build_name(self) -> None:
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            dpg.add_text("Name", color=self.theme.quiet)
            self.name_field = TextField(
                self.px(self.inner_width - MARGIN) - round(text_width("Name")),
                lambda text: self._set_choice(self.choice.with_name(text)),
                text=self.choice.name,
            )

    def _build_buttons(self) -> None:
        width = min(2 * BUTTON_WIDTH + 68, self.inner_width - 2 * BUTTON_WIDTH - 24)
        if self.choice.purpose == OPEN or width < 1.5 * BUTTON_WIDTH:
            width = 0
        with dpg.group(horizontal=True, horizontal_spacing=self.px(8)):
            if width:
                field_width = self.px(width - BUTTON_WIDTH - 8)
                self.folder_field = TextField(field_width, bool, "Name of a new folder")
                self._add_button("Make folder", self._make_folder)
            free = self.inner_width - width - 2 * BUTTON_WIDTH - 8 * (3 if width else 2)
            dpg.add_spacer(width=max(1, self.px(free)))
            self._add_button("Cancel", self.editor.close_dialog)
            self.confirm_button = self._add_button(
                CONFIRM_LABELS[self.choice.purpose], self._confirm
            )
            dpg.bind_item_theme(self.confirm_button, style.PRIMARY)

    def _add_button(self, label: str, callback: Callable[[], None]) -> Tag:
        return dpg.add_button(label=label, callback=callback, width=self.px(BUTTON_WIDTH))

    # -- state -----------------------------------------------------------------------------------

    def _path_typed(self, text: str) -> None:
        self._set_choice(self.choice.with_text(text))

    def _go(self, choice: FileChooser) -> None:
        """Go to another folder, and show its path in the path field."""
        self._set_choice(choice)
        self.path_field.write(choice.text)

    def _go_up(self) -> None:
        self._go(self.choice.in_parent_folder())

    def _set_choice(self, choice: FileChooser) -> None:
        self.choice = choice
        self._show()

    def _show(self, objection: str = "") -> None:
        choice = self.choice
        self.files.show(choice.rows, choice.initial_row)
        objection = objection or choice.listing.error
        self._show_message(
            objection or self._preview(), is_error=bool(objection or choice.confirmed)
        )
        label = "Replace" if choice.confirmed else CONFIRM_LABELS[choice.purpose]
        dpg.configure_item(self.confirm_button, label=label)

    def _preview(self) -> str:
        """State which files would be written or replaced."""
        choice = self.choice
        if choice.confirmed:
            return f"{choice.path.name} already exists. Replace it?"
        if choice.needs_confirmation:
            return f"{choice.path.name} already exists"
        if choice.purpose != EXPORT:
            return ""
        try:
            names = project_files(self.editor.document.model)
        except NotCompiled as error:
            return str(error)
        existing = [name for name in names if os.path.exists(choice.path / name)]
        text = f"{' and '.join(names)} will be written to {choice.path}"
        if not existing:
            return text
        return f"{text}; {' and '.join(existing)} already exist{'s' * (len(existing) == 1)}"

    def _show_message(self, text: str, is_error: bool) -> None:
        dpg.delete_item(self.message, children_only=True)
        painter = WidgetPainter(self.message, self.theme, self.scale)
        colour = self.theme.error if is_error else self.theme.quiet
        max_width = self.px(self.inner_width)
        painter.text((0, self.px(11)), text, "small", colour, max_width=max_width)

    def _confirm(self) -> None:
        """Open, save or export, unless the choice is invalid."""
        choice = self.choice
        entry = self.files.selected
        if choice.purpose == OPEN and entry is not None and not entry.is_folder:
            file_chosen(self.editor, OPEN, entry.path)
        elif choice.error:
            self._show(choice.error)
        elif choice.needs_confirmation:
            self._set_choice(choice.confirm())
        else:
            file_chosen(self.editor, choice.purpose, choice.path)

    def _make_folder(self) -> None:
        if self.folder_field is None:
            return
        try:
            choice = self.choice.create_folder(self.folder_field.text)
        except ValueError as error:
            self._show(str(error))
            return
        self.folder_field.write("")
        self._go(choice)

    def _take(self, entry: DirectoryEntry) -> None:
        """Enter a folder, open a file, or take over its name."""
        if entry.is_folder:
            self._go(self.choice.in_folder(entry.path))
        elif self.choice.purpose == OPEN:
            file_chosen(self.editor, OPEN, entry.path)
        else:
            self._set_choice(self.choice.with_name(entry.name))
            if self.name_field is not None:
                self.name_field.write(entry.name)

    # -- keys and clicks -------------------------------------------------------------------------

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Move the selection; Enter takes it, Tab completes a folder, Alt+Up goes up."""
        if name == "Up" and "alt" in modifiers:
            self._go_up()
        elif name == "Tab" and self.choice.initial_row == 0:
            self._go(self.choice.completed())
            self.path_field.focus()
        elif name == "Enter":
            self._enter()
        else:
            return self.files.key(name)
        return True

    def _enter(self) -> None:
        entry = self.files.selected
        if entry is not None and self.choice.purpose == EXPORT and entry.path == self.choice.path:
            entry = None  # its path was typed in full, so it is the folder to export to
        if self.folder_field is not None and dpg.is_item_focused(self.folder_field.item):
            self._make_folder()
        elif entry is not None and (entry.is_folder or self.choice.purpose == OPEN):
            self._take(entry)
        else:
            self._confirm()
        if self.editor.dialog is self.dialog and self.default_field is not None:
            self.default_field.focus()

    def _clicked(self, index: int) -> None:
        entry = self.files.rows[index]
        if self.choice.purpose == SAVE and not entry.is_folder:
            self._take(entry)

    def _sidebar_clicked(self, index: int) -> None:
        self.sidebar.index = -1
        self._go(self.choice.in_folder(self.sidebar.rows[index][1]))

    def release(self, pixel: Point) -> None:
        """Handle a release of the left button; the focus stays in the field that was clicked."""
        for list_ in self.lists:
            list_.release(pixel)

    def double_click(self, pixel: Point) -> None:
        """Take the entry under the pointer."""
        index = self.files.row_at(pixel)
        if index >= 0:
            self._take(self.files.rows[index])

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self, painter: WidgetPainter, entry: DirectoryEntry, area: RowArea) -> None:
        left, middle = area.left, area.middle
        if entry.is_folder:
            _paint_folder_icon(painter, left, middle)
        left += self.px(24)
        usable = entry.is_folder or self.choice.purpose == OPEN
        colour = self.theme.text if usable else self.theme.quiet
        painter.text(
            (left, middle), sanitize(entry.name), colour=colour, max_width=area.right - left
        )

    def _draw_sidebar(self, painter: WidgetPainter, place: tuple[str, Path], area: RowArea) -> None:
        width, colour = area.right - area.left, self.theme.quiet
        painter.text((area.left, area.middle), place[0], colour=colour, max_width=width)


def _paint_folder_icon(painter: WidgetPainter, left: float, middle: float) -> None:
    unit, colour = painter.scale, painter.theme.quiet
    top = middle - 5 * unit
    painter.box((left, top - 2 * unit), (left + 7 * unit, top + 3 * unit), colour, radius=1.5)
    painter.box((left, top), (left + 15 * unit, middle + 6 * unit), colour, radius=2)
