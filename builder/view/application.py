"""The window of the program and its main loop.

Each frame runs the queued callbacks, lets every view update what has changed in the editor, and
renders.  When nothing has happened for a while, rendering blocks until there is input.
"""

import logging
import os
import sys
import time
from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.actions import file_actions, node_actions
from builder.actions.dispatch import run_action
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR
from builder.view.callbacks import CallbackRunner
from builder.view.system_clipboard import SystemClipboard
from builder.view.test_probe import TestProbe
from builder.view.widgets import fonts, style
from builder.view.widgets.key_input import KeyRouter
from builder.view.widgets.safe_text import sanitize
from builder.view.window_layout import View, WindowLayout
from codegen.source.identifiers import transliterate

log = logging.getLogger("wireformer")

FRAME_RATE = 60
"""Frames per second while there is activity."""
IDLE_DELAY = 1.5
"""Seconds after the last activity until the loop blocks: long enough for tooltips to appear."""
FILE_CHECK_INTERVAL = 1.0
"""Seconds between checks whether another program has changed the open file."""


class NoDisplay(Exception):
    """There is no display to open a window on."""


def require_display() -> None:
    """Check that a window can be opened.

    Raises:
        NoDisplay: it cannot; the message says what to do.
    """
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise NoDisplay(
            "expected a display, got none: DISPLAY is not set. Start the window from a desktop, or "
            "use the commands that need none (wireformer --help)."
        )


class Application:
    """The window of an editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.callbacks = CallbackRunner(lambda text: editor.notify(text, ERROR))
        self._title = ""
        self._style: tuple[str, float] | None = None
        self._last_activity = time.monotonic()
        self._last_file_check = self._last_activity
        self._idle = False

    def run(self, started: Callable[[], None] | None = None) -> None:
        """Show the window until it is closed.

        Args:
            started: is called once the window is open.

        Raises:
            NoDisplay: there is no display.
        """
        require_display()
        dpg.create_context()
        try:
            self._open()
            if started is not None:
                self.callbacks.run(started)
            while dpg.is_dearpygui_running() and not self.editor.view_state.closing:
                self._frame()
        finally:
            dpg.destroy_context()

    def _open(self) -> None:
        editor = self.editor
        dpg.configure_app(manual_callback_management=True)
        fonts.load_fonts(editor.settings.scale)
        width, height = editor.settings.window
        dpg.create_viewport(
            title="Wireformer",
            width=width,
            height=height,
            min_width=800,
            min_height=500,
            x_pos=0,
            y_pos=0,
            disable_close=True,
            vsync=True,
        )
        dpg.set_exit_callback(lambda: run_action(editor, "quit"))
        self._update_style()
        editor.clipboard = SystemClipboard()
        layout = WindowLayout(editor)
        keyboard = KeyRouter(
            editor, layout.dialogs, layout.inspector, layout.palette, layout.code_panel
        )
        probe = TestProbe.from_environment(editor, self.callbacks)
        self._views: list[View] = [keyboard, *layout.views, *([probe] if probe else [])]
        self._probed = probe is not None
        with dpg.handler_registry():
            dpg.add_mouse_move_handler(callback=self._note_activity)
            dpg.add_mouse_click_handler(callback=self._note_activity)
            dpg.add_mouse_wheel_handler(callback=self._note_activity)
            dpg.add_key_press_handler(callback=self._note_activity)
        dpg.setup_dearpygui()
        dpg.show_viewport()

    def _note_activity(self) -> None:
        self._last_activity = time.monotonic()

    def _frame(self) -> None:
        start = time.monotonic()
        self.callbacks.run_queue()
        editor = self.editor
        working = editor.opening is not None or editor.admission is not None
        busy = editor.analysis.stale or working
        if editor.analysis.poll() or busy or editor.view_state.notifications:
            self._note_activity()
        self.callbacks.run(editor.tick, start)
        self.callbacks.run(self._check_file, start)
        self.callbacks.run(self._update_style)
        self.callbacks.run(self._update_title)
        for view in self._views:
            self.callbacks.run(view.update)
        self._block_if_idle(start)
        dpg.render_dearpygui_frame()
        if self._idle:
            self._note_activity()
        remaining = 1 / FRAME_RATE - (time.monotonic() - start)
        if remaining > 0:
            time.sleep(remaining)

    def _check_file(self, now: float) -> None:
        if now - self._last_file_check > FILE_CHECK_INTERVAL:
            self._last_file_check = now
            file_actions.check_disk_change(self.editor)
            node_actions.check_custom_nodes(self.editor)

    def _block_if_idle(self, now: float) -> None:
        idle = now - self._last_activity > IDLE_DELAY and not self.editor.overlay.busy
        idle = idle and not self._probed
        if idle != self._idle:
            self._idle = idle
            dpg.configure_app(wait_for_input=idle)

    def _update_style(self) -> None:
        settings = self.editor.settings
        appearance = settings.theme, settings.scale
        if appearance != self._style:
            style.apply_style(self.editor.theme, settings.scale)
            fonts.scale_fonts(settings.scale)
            self._style = appearance

    def _update_title(self) -> None:
        session = self.editor.session
        mark = " *" if session.dirty else ""
        title = sanitize(f"{session.title}{mark} - Wireformer")
        if sys.platform == "win32":
            title = transliterate(title)
        if title != self._title:
            self._title = title
            dpg.set_viewport_title(title)
