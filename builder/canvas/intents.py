"""What a gesture wants done.  The editor does it; the gesture itself changes nothing."""

from dataclasses import dataclass

from builder.canvas.camera import Camera
from builder.dialogs.dialog import Dialog
from builder.document.document import Document, Selection


@dataclass(frozen=True, slots=True)
class Preview:
    """Show a document that is not decided yet."""

    document: Document


@dataclass(frozen=True, slots=True)
class Commit:
    """Make a document the present one, as one step of the history."""

    label: str
    document: Document


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop what was only a preview."""


@dataclass(frozen=True, slots=True)
class Choose:
    """Select something."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Look:
    """Look at the canvas from elsewhere."""

    camera: Camera


@dataclass(frozen=True, slots=True)
class Visit:
    """Show another graph of the model."""

    place: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Open a dialog."""

    dialog: Dialog


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something to the person, such as why nothing was done."""

    text: str


Intent = Preview | Commit | Cancel | Choose | Look | Visit | Ask | Tell
