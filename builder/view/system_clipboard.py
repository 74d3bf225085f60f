"""The clipboard of the desktop.

Dear PyGui crashes when it reads a clipboard that has no text, so the clipboard is read without it:
by a command on macOS and Windows, through Xlib on X11.  Where neither is possible, the text that
was copied last in this program is returned.
"""

import ctypes
import ctypes.util
import subprocess
import sys
import time
from functools import lru_cache

import dearpygui.dearpygui as dpg

TIMEOUT = 0.3
"""Seconds that the owner of the clipboard has to deliver its text."""
MAX_BYTES = 16 * 2**20
"""The largest text that is read; no graph is larger."""
_SELECTION_NOTIFY = 31
_PROPERTY_OFFSET = 56
_COMMANDS = {
    "darwin": ["pbpaste"],
    "win32": ["powershell", "-NoProfile", "-Command", "Get-Clipboard -Raw"],
}


class SystemClipboard:
    """The clipboard of the desktop."""

    def __init__(self) -> None:
        self._own, self._text = 0, ""

    def read(self) -> str:
        """Return the text; empty if the clipboard has none."""
        if sys.platform in _COMMANDS:
            return _command_output(_COMMANDS[sys.platform]) or self._text
        x11 = _x11_clipboard()
        if x11 is None:
            return self._text
        owner = x11.owner()
        if owner == self._own and owner:
            return self._text
        return x11.text() if owner else ""

    def write(self, text: str) -> None:
        """Replace the text."""
        dpg.set_clipboard_text(text)
        x11 = _x11_clipboard() if sys.platform not in _COMMANDS else None
        self._text, self._own = text, x11.owner() if x11 else 0


def _command_output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


class _X11Clipboard:
    """A connection to the X server that reads the CLIPBOARD selection.

    Raises:
        OSError: there is no X server.
    """

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
        """Return the window that owns the selection; 0 if none does."""
        return int(self._x11.XGetSelectionOwner(self._display, self._clipboard))

    def text(self) -> str:
        """Request the selection as text; empty if its owner has none or does not respond."""
        now = ctypes.c_ulong(0)
        self._x11.XConvertSelection(
            self._display, self._clipboard, self._utf8, self._property, self._window, now
        )
        self._x11.XFlush(self._display)
        event = ctypes.create_string_buffer(256)
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            if self._x11.XCheckTypedEvent(self._display, _SELECTION_NOTIFY, event):
                delivered = ctypes.c_ulong.from_buffer(event, _PROPERTY_OFFSET).value
                return self._read_property() if delivered else ""
            time.sleep(0.005)
        return ""

    def _read_property(self) -> str:
        """Read the delivered text; empty if it is so long that it comes in increments."""
        kind, count, after = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_ulong()
        width, data = ctypes.c_int(), ctypes.c_void_p()
        self._x11.XGetWindowProperty(
            self._display,
            self._window,
            self._property,
            ctypes.c_long(0),
            ctypes.c_long(MAX_BYTES // 4),
            ctypes.c_int(1),
            ctypes.c_ulong(0),
            *(ctypes.byref(result) for result in (kind, width, count, after, data)),
        )
        if not data:
            return ""
        try:
            is_text = kind.value == self._utf8.value and width.value == 8
            text = ctypes.string_at(data, count.value) if is_text else b""
        finally:
            self._x11.XFree(data)
        return text.decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _x11_clipboard() -> _X11Clipboard | None:
    try:
        return _X11Clipboard(ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6"))
    except OSError:
        return None
