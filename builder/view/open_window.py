"""Opens the window: with a file, an example, what an earlier session left, or nothing."""

from pathlib import Path

from builder.actions import file_actions
from builder.dialogs.dialog import Recovery, Templates
from builder.editor.make_editor import make_editor
from builder.storage.folders import state_folder
from builder.storage.journal import recoverable_documents
from builder.storage.log import start_log
from builder.storage.settings import Settings
from builder.view.application import Application, see_display
from nodes.core.graphs.graph import Model


def open_window(path: Path | None = None, model: Model | None = None) -> None:
    """Show the editor until it is closed.

    Args:
        path: a file to open.
        model: what to begin with, in place of a file.

    Raises:
        NoDisplay: there is no screen.
    """
    see_display()
    state_dir = state_folder()
    comments = [start_log(state_dir)]
    settings = Settings.load()
    editor = make_editor(settings, state_dir)
    comments.append(settings.warning)

    def started() -> None:
        for comment in filter(None, comments):
            editor.say(comment)
        if path is not None:
            file_actions.open_path(editor, path)
        elif model is not None:
            file_actions.begin(editor, model)
        elif not recoverable_documents(state_dir):
            editor.open(Templates())
        if recoverable_documents(state_dir):
            editor.open(Recovery())

    Application(editor).run(started)
    if editor.look.closing:
        # Where the window ends in another way, the journal stays for the next start.
        editor.session.close()
    file_actions.remember_view(editor)
    editor.settings.save()
