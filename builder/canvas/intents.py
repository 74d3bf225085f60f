"""What gestures request from the editor.  Gestures themselves have no side effects."""

from dataclasses import dataclass

from builder.canvas.camera import Camera
from builder.dialogs.dialog import Dialog
from builder.document.document import Document, Selection


@dataclass(frozen=True, slots=True)
class Preview:
    """Show a document without a step of the history."""

    document: Document


@dataclass(frozen=True, slots=True)
class Commit:
    """Replace the document as one step of the history."""

    label: str
    document: Document


@dataclass(frozen=True, slots=True)
class Cancel:
    """Discard the preview."""


@dataclass(frozen=True, slots=True)
class Select:
    """Replace the selection."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class SetCamera:
    """Move the camera."""

    camera: Camera


@dataclass(frozen=True, slots=True)
class OpenGraph:
    """Open the graph inside the nodes of ``path``."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenDialog:
    """Open a dialog."""

    dialog: Dialog


@dataclass(frozen=True, slots=True)
class Notify:
    """Show a notification, such as why a gesture was refused."""

    text: str


Intent = Preview | Commit | Cancel | Select | SetCamera | OpenGraph | OpenDialog | Notify
