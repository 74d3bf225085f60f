"""The clipboard of the desktop.

To ask Dear PyGui for a clipboard without text ends the program, so the desktop is asked itself;
where that cannot be, what was copied here last is given.
"""

import ctypes
import ctypes.util
import subprocess
import sys
import time
from functools import lru_cache

import dearpygui.dearpygui as dpg

PATIENCE = 0.3
"""Seconds that another program has to say whether it has text."""
LONGEST = 16 * 2**20
"""Bytes of a text that are taken; no graph is longer."""
_SELECTION_NOTIFY = 31
_PROPERTY_OFFSET = 56
_COMMANDS = {
    "darwin": ["pbpaste"],
    "win32": ["powershell", "-NoProfile", "-Command", "Get-Clipboard -Raw"],
}


class DearClipboard:
    """The clipboard of the desktop."""

    def __init__(self) -> None:
        self._own, self._text = 0, ""

    def read(self) -> str:
        """Give the text; none where there is something else."""
        if sys.platform in _COMMANDS:
            return _told(_COMMANDS[sys.platform]) or self._text
        desktop = _desktop()
        if desktop is None:
            return self._text
        owner = desktop.owner()
        if owner == self._own and owner:
            return self._text
        return desktop.text() if owner else ""

    def write(self, text: str) -> None:
        """Replace the text."""
        dpg.set_clipboard_text(text)
        desktop = _desktop() if sys.platform not in _COMMANDS else None
        self._text, self._own = text, desktop.owner() if desktop else 0


def _told(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


class _Desktop:
    """A connection to the X server, to ask who holds the clipboard and for its text."""

    def __init__(self, x11: ctypes.CDLL) -> None:
        x11.XOpenDisplay.restype = ctypes.c_void_p
        for function in (x11.XInternAtom, x11.XDefaultRootWindow, x11.XCreateSimpleWindow):
            function.restype = ctypes.c_ulong
        x11.XGetSelectionOwner.restype = ctypes.c_ulong
        self._x11, self._display = x11, ctypes.c_void_p(x11.XOpenDisplay(None))
        if not self._display:
            raise OSError("no X server")
        root = ctypes.c_ulong(x11.XDefaultRootWindow(self._display))
        zero, one, none = ctypes.c_int(0), ctypes.c_uint(1), ctypes.c_ulong(0)
        self._window = ctypes.c_ulong(
            x11.XCreateSimpleWindow(self._display, root, zero, zero, one, one, one, none, none)
        )
        self._clipboard, self._utf8, self._property = (
            ctypes.c_ulong(x11.XInternAtom(self._display, name, 0))
            for name in (b"CLIPBOARD", b"UTF8_STRING", b"WIREFORMER_CLIPBOARD")
        )

    def owner(self) -> int:
        return self._x11.XGetSelectionOwner(self._display, self._clipboard)

    def text(self) -> str:
        """Ask the program that holds the clipboard for text; none if it has something else."""
        now = ctypes.c_ulong(0)
        self._x11.XConvertSelection(
            self._display, self._clipboard, self._utf8, self._property, self._window, now
        )
        self._x11.XFlush(self._display)
        event = ctypes.create_string_buffer(256)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._x11.XCheckTypedEvent(self._display, _SELECTION_NOTIFY, event):
                given = ctypes.c_ulong.from_buffer(event, _PROPERTY_OFFSET).value
                return self._given() if given else ""
            time.sleep(0.005)
        return ""

    def _given(self) -> str:
        """Take what was given; a text so long that it comes in parts is left."""
        kind, count, after = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_ulong()
        form, data = ctypes.c_int(), ctypes.c_void_p()
        place = self._display, self._window, self._property
        span = ctypes.c_long(0), ctypes.c_long(LONGEST // 4), ctypes.c_int(1), ctypes.c_ulong(0)
        told = (ctypes.byref(one) for one in (kind, form, count, after, data))
        self._x11.XGetWindowProperty(*place, *span, *told)
        if not data:
            return ""
        try:
            is_text = kind.value == self._utf8.value and form.value == 8
            found = ctypes.string_at(data, count.value) if is_text else b""
        finally:
            self._x11.XFree(data)
        return found.decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _desktop() -> _Desktop | None:
    try:
        return _Desktop(ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6"))
    except OSError:
        return None
