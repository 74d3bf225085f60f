"""Shows the dialog of the editor, one at a time, and passes keys and clicks on to it."""

from collections.abc import Callable, Mapping
from functools import partial

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs import dialog
from builder.editor.editor import Editor
from builder.view.dialogs.add_node_dialog import AddNodeWindow
from builder.view.dialogs.command_palette import CommandPaletteWindow
from builder.view.dialogs.dialog_window import DialogWindow
from builder.view.dialogs.file_dialog import FileDialogWindow
from builder.view.dialogs.find_dialog import FindWindow
from builder.view.dialogs.help_dialog import HelpWindow
from builder.view.dialogs.history_dialog import HistoryWindow
from builder.view.dialogs.manual_dialog import ManualWindow
from builder.view.dialogs.menu_dialog import MenuWindow
from builder.view.dialogs.question_dialog import QuestionWindow
from builder.view.dialogs.recovery_dialog import RecoveryWindow
from builder.view.dialogs.rename_dialog import RenameWindow
from builder.view.dialogs.start_dialog import StartPageWindow
from builder.view.widgets.thumbnails import Pictures

Makes = Callable[[Editor, dialog.Dialog], DialogWindow]


class Dialogs:
    """The dialog on the screen, as the editor says."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.window: DialogWindow | None = None
        self._look: tuple | None = None
        self._makes: Mapping[type, Makes] = {
            dialog.AddNode: AddNodeWindow,
            dialog.Menu: MenuWindow,
            dialog.CommandPalette: CommandPaletteWindow,
            dialog.Help: HelpWindow,
            dialog.Find: FindWindow,
            dialog.Manual: ManualWindow,
            dialog.Rename: RenameWindow,
            dialog.HistoryDialog: HistoryWindow,
            dialog.StartPage: partial(StartPageWindow, pictures=Pictures()),
            dialog.FileDialog: FileDialogWindow,
            dialog.Question: QuestionWindow,
            dialog.Recovery: RecoveryWindow,
        }
        with dpg.handler_registry():
            left = dpg.mvMouseButton_Left
            dpg.add_mouse_click_handler(left, callback=self._pressed)
            dpg.add_mouse_release_handler(left, callback=self._released)
            dpg.add_mouse_double_click_handler(left, callback=self._twice)

    def update(self) -> None:
        """Open, close, or draw again, as the editor says."""
        editor, window = self.editor, self.window
        if window is not None and window.closed and editor.dialog is window.dialog:
            window.left()
            editor.close_dialog()
        look = editor.dialog, editor.theme, editor.settings.scale
        if self._look is None or any(a is not b for a, b in zip(look, self._look, strict=True)):
            self._look = look
            self._remove()
            if editor.dialog is not None:
                self.window = self._makes[type(editor.dialog)](editor, editor.dialog)
        if self.window is not None:
            self.window.update()

    @property
    def typing(self) -> bool:
        """Tell whether a dialog has the keyboard; Escape is for all."""
        return self.window is not None and self.window.dialog is self.editor.dialog

    def key(self, name: str, held: Modifiers) -> bool:
        """Pass a key to the dialog; tell whether it meant anything."""
        if self.window is None or self.window.dialog is not self.editor.dialog:
            return False
        if name == "Escape":
            self.editor.close_dialog()
            return True
        return self.window.key(name, held)

    def _remove(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.remove()

    # -- the mouse -------------------------------------------------------------------------------

    def _pressed(self) -> None:
        window = self._present()
        if window is None:
            return
        pixel = tuple(dpg.get_mouse_pos(local=False))
        if window.covers(pixel):
            window.press(pixel)
        elif window.modal:
            window.left()
            self.editor.close_dialog()

    def _released(self) -> None:
        window = self._present()
        if window is not None:
            window.release(tuple(dpg.get_mouse_pos(local=False)))

    def _twice(self) -> None:
        window = self._present()
        if window is not None:
            window.double(tuple(dpg.get_mouse_pos(local=False)))

    def _present(self) -> DialogWindow | None:
        """The window of the present dialog, if it is still open."""
        window = self.window
        gone = window is None or window.closed or window.dialog is not self.editor.dialog
        return None if gone else window
