"""The state of the editor that is no part of the document: dialog, notifications, clipboard."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from builder.canvas.camera import Camera
from builder.canvas.pointer_events import NO_MODIFIERS, Modifiers
from builder.dialogs.dialog import Dialog

INFO, ERROR = "info", "error"


@dataclass(frozen=True, slots=True)
class Notification:
    """A message to the user; ``severity`` is "info" or "error"."""

    text: str
    severity: str


class Clipboard(Protocol):
    """Stores copied text."""

    def read(self) -> str:
        """Return the text."""

    def write(self, text: str) -> None:
        """Replace the text."""


@dataclass
class InProcessClipboard:
    """A clipboard that only this process sees."""

    text: str = ""

    def read(self) -> str:
        """Return the text."""
        return self.text

    def write(self, text: str) -> None:
        """Replace the text."""
        self.text = text


@dataclass
class ViewState:
    """What the window shows besides the document; it is not part of the history.

    Attributes:
        camera: the view of the canvas.
        dialog: the open dialog.
        notifications: the latest messages, oldest first.
        pointer: the position of the mouse pointer, in pixels of the window.
        modifiers: the modifier keys that are down.
        after_save: the action that waits for the file dialog to save.
        ignored_change: the file whose change on disk the user chose to ignore.
        closing: the window is to be closed.
    """

    camera: Camera = field(default_factory=Camera)
    dialog: Dialog | None = None
    notifications: list[Notification] = field(default_factory=list)
    pointer: tuple[float, float] = (0.0, 0.0)
    modifiers: Modifiers = NO_MODIFIERS
    after_save: Callable[[], None] | None = None
    ignored_change: Path | None = None
    closing: bool = False
