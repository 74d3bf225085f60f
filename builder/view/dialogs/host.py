"""Shows the dialog of the editor, one at a time, and passes keys and clicks on to it."""

from collections.abc import Callable, Mapping
from functools import partial

import dearpygui.dearpygui as dpg

from builder import dialogs
from builder.canvas.events import Held
from builder.editor import Editor
from builder.view.dialogs.add_node import AddNodeWindow
from builder.view.dialogs.choose_file import ChooseFileWindow
from builder.view.dialogs.commands import CommandsWindow
from builder.view.dialogs.find import FindWindow
from builder.view.dialogs.help import HelpWindow
from builder.view.dialogs.manual import ManualWindow
from builder.view.dialogs.menu import MenuWindow
from builder.view.dialogs.past import PastWindow
from builder.view.dialogs.question import QuestionWindow
from builder.view.dialogs.recovery import RecoveryWindow
from builder.view.dialogs.rename import RenameWindow
from builder.view.dialogs.templates import TemplatesWindow
from builder.view.dialogs.window import DialogWindow
from builder.view.pictures import Pictures

Makes = Callable[[Editor, dialogs.Dialog], DialogWindow]


class Dialogs:
    """The dialog on the screen, as the editor says."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.window: DialogWindow | None = None
        self._look: tuple | None = None
        self._makes: Mapping[type, Makes] = {
            dialogs.AddNode: AddNodeWindow,
            dialogs.Menu: MenuWindow,
            dialogs.Commands: CommandsWindow,
            dialogs.Help: HelpWindow,
            dialogs.Find: FindWindow,
            dialogs.Manual: ManualWindow,
            dialogs.Rename: RenameWindow,
            dialogs.Past: PastWindow,
            dialogs.Templates: partial(TemplatesWindow, pictures=Pictures()),
            dialogs.ChooseFile: ChooseFileWindow,
            dialogs.Question: QuestionWindow,
            dialogs.Recovery: RecoveryWindow,
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
            editor.close()
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

    def key(self, name: str, held: Held) -> bool:
        """Pass a key to the dialog; tell whether it meant anything."""
        if self.window is None or self.window.dialog is not self.editor.dialog:
            return False
        if name == "Escape":
            self.editor.close()
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
            self.editor.close()

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
