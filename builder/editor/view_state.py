"""What the editor holds besides the document: messages, the clipboard, the view."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from builder.canvas.camera import Camera
from builder.canvas.pointer_events import NO_KEYS, Held
from builder.dialogs.dialog import Dialog

INFO, ERROR = "info", "error"


@dataclass(frozen=True, slots=True)
class Message:
    """Something said to the person: when, in seconds, and whether it went wrong."""

    text: str
    severity: str
    born: float


class Clipboard(Protocol):
    """Where copied text lies."""

    def read(self) -> str:
        """Give the text."""

    def write(self, text: str) -> None:
        """Replace the text."""


@dataclass
class InProcessClipboard:
    """A clipboard of the program's own."""

    text: str = ""

    def read(self) -> str:
        """Give the text."""
        return self.text

    def write(self, text: str) -> None:
        """Replace the text."""
        self.text = text


@dataclass
class ViewState:
    """What is looked at besides the document: no part of the history."""

    camera: Camera = field(default_factory=Camera)
    dialog: Dialog | None = None
    messages: list[Message] = field(default_factory=list)
    pointer: tuple[float, float] = (0.0, 0.0)
    held: Held = NO_KEYS
    pending: Callable[[], None] | None = None
    kept: Path | None = None
    closing: bool = False
