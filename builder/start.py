"""An editor as it is when the program starts."""

from pathlib import Path

from builder.actions.table import ACTIONS
from builder.document import Document
from builder.editor import Editor
from builder.session import Session
from builder.settings import Settings
from builder.store import Store


def make_editor(settings: Settings, state_dir: Path) -> Editor:
    """Make an editor with an empty document."""
    return Editor(Session(Store(Document()), state_dir), settings, ACTIONS)
