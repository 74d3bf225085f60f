"""The window: its panes, and the loop that keeps them true to the editor.

Each round does what was called back, lets every part look at the editor for what differs, and
draws.  Where nothing has happened for a while, the loop sleeps until something does.
"""

import logging
import os
import sys
import time
from collections.abc import Callable

import dearpygui.dearpygui as dpg

from builder.actions import file_actions
from builder.actions.dispatch import run_action
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR
from builder.view.callbacks import Guard
from builder.view.system_clipboard import DearClipboard
from builder.view.test_probe import TestProbe
from builder.view.widgets import fonts, style
from builder.view.widgets.key_input import KeyRouter
from builder.view.widgets.safe_text import shown
from builder.view.window_layout import Panes

log = logging.getLogger("wireformer")

ROUNDS = 60
"""Rounds a second while something happens."""
AWAKE = 1.5
"""Seconds that the loop stays awake after something happened: as long as tooltips take."""
LOOK = 1.0
"""Seconds from one look at the file on the disk to the next."""


class NoDisplay(Exception):
    """There is no screen to open a window on."""


def see_display() -> None:
    """See that a window can be opened.

    Raises:
        NoDisplay: it cannot; the message says what to do.
    """
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise NoDisplay(
            "no screen was found: DISPLAY is not set. Start the window from a desktop, or use the "
            "commands that need none (wireformer --help)."
        )


class Application:
    """The window of an editor."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.guard = Guard(lambda text: editor.notify(text, ERROR))
        self._title = ""
        self._styled: tuple[str, float] | None = None
        self._happened = time.monotonic()
        self._looked = self._happened
        self._waiting = False

    def run(self, started: Callable[[], None] | None = None) -> None:
        """Show the window until it is closed."""
        see_display()
        dpg.create_context()
        try:
            self._open()
            if started is not None:
                self.guard.run(started)
            while dpg.is_dearpygui_running() and not self.editor.view_state.closing:
                self._round()
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
        self._restyle()
        editor.clipboard = DearClipboard()
        panes = self.panes = Panes(editor)
        typed = panes.dialogs, panes.inspector, panes.palette, panes.code
        self.keys = KeyRouter(editor, *typed)
        witness = TestProbe.where_asked(editor, self.guard)
        self._parts = [self.keys, *self.panes.parts, *([witness] if witness else [])]
        self._watched = witness is not None
        with dpg.handler_registry():
            for add in (
                dpg.add_mouse_move_handler,
                dpg.add_mouse_click_handler,
                dpg.add_mouse_wheel_handler,
                dpg.add_key_press_handler,
            ):
                add(callback=self._woken)
        dpg.setup_dearpygui()
        dpg.show_viewport()

    def _woken(self) -> None:
        self._happened = time.monotonic()

    def _round(self) -> None:
        began = time.monotonic()
        self.guard.run_queue()
        editor = self.editor
        if editor.analysis.poll() or editor.analysis.stale or editor.view_state.notifications:
            self._woken()
        self.guard.run(editor.tick, began)
        self.guard.run(self._look_at_disk, began)
        self.guard.run(self._restyle)
        self.guard.run(self._retitle)
        for part in self._parts:
            self.guard.run(part.update)
        self._sleep_if_idle(began)
        dpg.render_dearpygui_frame()
        if self._waiting:
            self._woken()
        rest = 1 / ROUNDS - (time.monotonic() - began)
        if rest > 0:
            time.sleep(rest)

    def _look_at_disk(self, now: float) -> None:
        if now - self._looked > LOOK:
            self._looked = now
            file_actions.check_disk_change(self.editor)

    def _sleep_if_idle(self, now: float) -> None:
        waiting = now - self._happened > AWAKE and not self.editor.overlay.busy
        waiting = waiting and not self._watched
        if waiting != self._waiting:
            self._waiting = waiting
            dpg.configure_app(wait_for_input=waiting)

    def _restyle(self) -> None:
        settings = self.editor.settings
        wanted = settings.theme, settings.scale
        if wanted != self._styled:
            style.make_style(self.editor.theme, settings.scale)
            fonts.scale_fonts(settings.scale)
            self._styled = wanted

    def _retitle(self) -> None:
        session = self.editor.session
        mark = " *" if session.dirty else ""
        title = shown(f"{session.title}{mark} - Wireformer")
        if sys.platform == "win32":
            title = title.encode("ascii", "replace").decode()
        if title != self._title:
            self._title = title
            dpg.set_viewport_title(title)
