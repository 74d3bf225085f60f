"""An editor as it is when the program starts."""

from pathlib import Path

from builder.custom.custom_nodes import CustomNodes
from builder.document.document import Document
from builder.document.store import Store
from builder.editor.editor import Editor
from builder.storage.session import Session
from builder.storage.settings import Settings


def make_editor(settings: Settings, state_dir: Path, custom: CustomNodes | None = None) -> Editor:
    """Make an editor with an empty document."""
    return Editor(Session(Store(Document()), state_dir), settings, custom)
