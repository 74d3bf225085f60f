"""The choice of a file to open or save to, or of a folder to export to."""

import dearpygui.dearpygui as dpg

from builder.actions.file_actions import file_chosen
from builder.canvas.pointer_events import Modifiers
from builder.dialogs.dialog import FileDialog
from builder.dialogs.file_chooser import EXPORT, OPEN, SAVE, FileChooser, bookmarks
from builder.graphics.shapes import Point
from builder.storage.export import project_files
from builder.storage.folders import DirectoryEntry
from builder.view.dialogs.dialog_window import MARGIN, DialogWindow
from builder.view.dialogs.row_list import Area, RowList
from builder.view.dialogs.text_field import Field
from builder.view.widgets import style
from builder.view.widgets.draw_context import WidgetDrawing
from builder.view.widgets.safe_text import shown
from codegen.compile import NotCompiled

ROW, PLACES, UP, BUTTON = 28, 170, 44, 104
TITLES = {OPEN: "Open a graph", SAVE: "Save the graph", EXPORT: "Export the code to a folder"}
DOES = {OPEN: "Open", SAVE: "Save", EXPORT: "Export here"}


class FileDialogWindow(DialogWindow):
    """A path to type, a list to walk through, and folders to go to at once."""

    modal = True
    dialog: FileDialog

    def size(self) -> tuple[float, float]:
        """Tell the width and height."""
        return 760, 560

    def build(self) -> None:
        """Make it from top to bottom."""
        self.choice = FileChooser.begin(self.dialog.purpose, self.dialog.folder, self.dialog.name)
        self.maker: Field | None = None
        self.heading(TITLES[self.choice.purpose])
        with dpg.group(horizontal=True, horizontal_spacing=self.px(6)):
            self._button("Up", lambda: self._go(self.choice.in_parent_folder()), UP)
            self.path = Field(self.px(self.inner - UP - 6), self._typed, text=self.choice.text)
        named = self.choice.purpose == SAVE
        height = self.height - (196 if named else 158)
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            look = self.theme, self.scale
            wide = self.inner - PLACES - MARGIN
            self.files = RowList(look, (wide, height), self._draw, self._clicked, ROW)
            dpg.move_item_up(self.files.child)
            self.places = RowList(look, (PLACES, height), self._draw_place, self._went, ROW)
            dpg.move_item_up(self.places.child)
        self.lists += [self.files, self.places]
        if named:
            self._build_name()
        self.said = dpg.add_drawlist(self.px(self.inner), self.px(24))
        self._build_buttons()
        self.field = self.name if named else self.path
        self.places.show(bookmarks(self.editor.settings.recent), -1)
        self._show()

    def _build_name(self) -> None:
        with dpg.group(horizontal=True, horizontal_spacing=self.px(MARGIN)):
            dpg.add_text("Name", color=self.theme.quiet)
            label = dpg.get_text_size("Name")[0]
            self.name = Field(
                self.px(self.inner - MARGIN) - round(label),
                lambda text: self._become(self.choice.with_name(text)),
                text=self.choice.name,
            )

    def _build_buttons(self) -> None:
        maker = min(2 * BUTTON + 68, self.inner - 2 * BUTTON - 24)
        maker = 0 if self.choice.purpose == OPEN or maker < 1.5 * BUTTON else maker
        with dpg.group(horizontal=True, horizontal_spacing=self.px(8)):
            if maker:
                self.maker = Field(self.px(maker - BUTTON - 8), bool, "Name of a new folder")
                self._button("Make folder", self._make_folder, BUTTON)
            free = self.inner - maker - 2 * BUTTON - 8 * (3 if maker else 2)
            dpg.add_spacer(width=max(1, self.px(free)))
            self._button("Cancel", self.editor.close_dialog, BUTTON)
            self.does = self._button(DOES[self.choice.purpose], self._do, BUTTON)
            dpg.bind_item_theme(self.does, style.PRIMARY)

    def _button(self, label: str, does: object, width: float = 0) -> int | str:
        return dpg.add_button(label=label, callback=does, width=self.px(width))

    # -- what is done ----------------------------------------------------------------------------

    def _typed(self, text: str) -> None:
        self._become(self.choice.with_text(text))

    def _go(self, choice: FileChooser) -> None:
        """Go to another folder, and write where that is."""
        self._become(choice)
        self.path.write(choice.text)

    def _become(self, choice: FileChooser) -> None:
        self.choice = choice
        self._show()

    def _show(self, objection: str = "") -> None:
        choice = self.choice
        self.files.show(choice.rows, choice.initial_row)
        objection = objection or choice.listing.error
        self._say(objection or self._outlook(), wrong=bool(objection or choice.confirmed))
        dpg.configure_item(self.does, label="Replace" if choice.confirmed else DOES[choice.purpose])

    def _outlook(self) -> str:
        """Tell what would be written."""
        choice = self.choice
        if choice.confirmed:
            return f"{choice.path.name} is there already. Replace it?"
        if choice.needs_confirmation:
            return f"{choice.path.name} is there already"
        if choice.purpose != EXPORT:
            return ""
        try:
            names = project_files(self.editor.document.model)
        except NotCompiled as error:
            return str(error)
        there = [name for name in names if (choice.path / name).exists()]
        told = f"{' and '.join(names)} will be written to {choice.path}"
        return f"{told}; {' and '.join(there)} there already" if there else told

    def _say(self, text: str, wrong: bool) -> None:
        dpg.delete_item(self.said, children_only=True)
        pen = WidgetDrawing(self.said, self.theme, self.scale)
        colour = self.theme.error if wrong else self.theme.quiet
        pen.text((0, self.px(11)), text, "small", colour, most=self.px(self.inner))

    def _do(self) -> None:
        """Open, save or export, unless something speaks against it."""
        choice = self.choice
        row = self.files.chosen
        if choice.purpose == OPEN and row is not None and not row.is_folder:
            file_chosen(self.editor, OPEN, row.path)
        elif choice.error:
            self._show(choice.error)
        elif choice.needs_confirmation:
            self._become(choice.confirm())
        else:
            file_chosen(self.editor, choice.purpose, choice.path)

    def _make_folder(self) -> None:
        try:
            choice = self.choice.create_folder(self.maker.text)
        except ValueError as error:
            self._show(str(error))
            return
        self.maker.write("")
        self._go(choice)

    def _take(self, row: DirectoryEntry) -> None:
        """Go into a folder; open a file, or take its name."""
        if row.is_folder:
            self._go(self.choice.in_folder(row.path))
        elif self.choice.purpose == OPEN:
            file_chosen(self.editor, OPEN, row.path)
        else:
            self._become(self.choice.with_name(row.name))
            self.name.write(row.name)

    # -- keys and clicks -------------------------------------------------------------------------

    def key(self, name: str, held: Modifiers) -> bool:
        """Walk; Enter takes what is chosen; Tab goes to the folder meant; Alt+Up goes up."""
        if name == "Up" and "alt" in held:
            self._go(self.choice.in_parent_folder())
        elif name == "Tab" and self.choice.initial_row == 0:
            self._go(self.choice.completed())
            self.path.focus()
        elif name == "Enter":
            self._entered()
        else:
            return self.files.key(name)
        return True

    def _entered(self) -> None:
        row = self.files.chosen
        if row is not None and self.choice.purpose == EXPORT and row.path == self.choice.path:
            row = None  # it was typed in full
        if self.maker is not None and dpg.is_item_focused(self.maker.item):
            self._make_folder()
        elif row is not None and (row.is_folder or self.choice.purpose == OPEN):
            self._take(row)
        else:
            self._do()
        if self.editor.dialog is self.dialog:
            self.field.focus()

    def _clicked(self, at: int) -> None:
        row = self.files.rows[at]
        if self.choice.purpose == SAVE and not row.is_folder:
            self._take(row)

    def _went(self, at: int) -> None:
        self.places.at = -1
        self._go(self.choice.in_folder(self.places.rows[at][1]))

    def release(self, pixel: Point) -> None:
        """Take note of the button coming up; the keyboard stays where the person put it."""
        for one in self.lists:
            one.release(pixel)

    def double(self, pixel: Point) -> None:
        """Take what was clicked twice."""
        at = self.files.row_at(pixel)
        if at >= 0:
            self._take(self.files.rows[at])

    # -- what is drawn ---------------------------------------------------------------------------

    def _draw(self, pen: WidgetDrawing, row: DirectoryEntry, area: Area) -> None:
        left, middle = area.left, area.middle
        if row.is_folder:
            _folder(pen, left, middle)
        left += self.px(24)
        colour = (
            self.theme.text if row.is_folder or self.choice.purpose == OPEN else self.theme.quiet
        )
        pen.text((left, middle), shown(row.name), colour=colour, most=area.right - left)

    def _draw_place(self, pen: WidgetDrawing, row: tuple, area: Area) -> None:
        pen.text(
            (area.left, area.middle), row[0], colour=self.theme.quiet, most=area.right - area.left
        )


def _folder(pen: WidgetDrawing, left: float, middle: float) -> None:
    """Draw the sign of a folder."""
    unit, colour = pen.scale, pen.theme.quiet
    top = middle - 5 * unit
    pen.box((left, top - 2 * unit), (left + 7 * unit, top + 3 * unit), colour, radius=1.5)
    pen.box((left, top), (left + 15 * unit, middle + 6 * unit), colour, radius=2)
