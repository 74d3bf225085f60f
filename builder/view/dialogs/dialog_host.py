"""Shows the open dialog of the editor, one at a time, and forwards keys and clicks to it."""

from collections.abc import Callable, Mapping
from functools import partial

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import Modifiers
from builder.dialogs import dialog
from builder.editor.editor import Editor
from builder.view.dialogs.add_node_dialog import AddNodeWindow
from builder.view.dialogs.command_palette import CommandPaletteWindow
from builder.view.dialogs.custom_nodes_dialog import CustomNodesWindow
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
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.thumbnails import ThumbnailCache

DialogFactory = Callable[[Editor, dialog.Dialog], DialogWindow]


class DialogHost:
    """Opens and closes the window of a dialog as the editor opens and closes the dialog."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.window: DialogWindow | None = None
        self._shown: tuple[object, ...] | None = None
        self._factories: Mapping[type, DialogFactory] = {
            dialog.AddNode: AddNodeWindow,
            dialog.Menu: MenuWindow,
            dialog.CommandPalette: CommandPaletteWindow,
            dialog.Help: HelpWindow,
            dialog.Find: FindWindow,
            dialog.Manual: ManualWindow,
            dialog.Rename: RenameWindow,
            dialog.HistoryDialog: HistoryWindow,
            dialog.StartPage: partial(StartPageWindow, thumbnails=ThumbnailCache()),
            dialog.FileDialog: FileDialogWindow,
            dialog.Question: QuestionWindow,
            dialog.Recovery: RecoveryWindow,
            dialog.CustomNodeList: CustomNodesWindow,
        }
        with dpg.handler_registry():
            left = dpg.mvMouseButton_Left
            dpg.add_mouse_click_handler(left, callback=self._pressed)
            dpg.add_mouse_release_handler(left, callback=self._released)
            dpg.add_mouse_double_click_handler(left, callback=self._double_clicked)

    def update(self) -> None:
        """Open, close or redraw the dialog."""
        editor, window = self.editor, self.window
        if window is not None and window.closed and editor.dialog is window.dialog:
            window.dismissed()
            editor.close_dialog()
        state = editor.dialog, editor.theme, editor.settings.scale
        if self._shown is None or any(a is not b for a, b in zip(state, self._shown, strict=True)):
            self._shown = state
            self._delete_window()
            if editor.dialog is not None:
                self.window = self._factories[type(editor.dialog)](editor, editor.dialog)
        if self.window is not None:
            self.window.update()

    @property
    def typing(self) -> bool:
        """Whether a dialog has the keyboard focus."""
        return self.window is not None and self.window.dialog is self.editor.dialog

    def key(self, name: str, modifiers: Modifiers) -> bool:
        """Forward a key press to the dialog, Escape closes it; return whether it was consumed."""
        if self.window is None or self.window.dialog is not self.editor.dialog:
            return False
        if name == "Escape":
            self.editor.close_dialog()
            return True
        return self.window.key(name, modifiers)

    def _delete_window(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.delete()

    # -- the mouse -------------------------------------------------------------------------------

    def _pressed(self) -> None:
        window = self._open_window()
        if window is None:
            return
        pixel = pointer_position()
        if window.contains(pixel):
            window.press(pixel)
        elif window.modal:
            window.dismissed()
            self.editor.close_dialog()

    def _released(self) -> None:
        window = self._open_window()
        if window is not None:
            window.release(pointer_position())

    def _double_clicked(self) -> None:
        window = self._open_window()
        if window is not None:
            window.double_click(pointer_position())

    def _open_window(self) -> DialogWindow | None:
        """Return the window of the current dialog, if it is still open."""
        window = self.window
        if window is None or window.closed or window.dialog is not self.editor.dialog:
            return None
        return window
