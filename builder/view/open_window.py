"""Opens the window with a file, a model, recovered work, or the start dialog."""

from pathlib import Path

from builder.actions import file_actions
from builder.custom.custom_nodes import CustomNodes
from builder.dialogs.dialog import CustomNodeList, Recovery, StartPage
from builder.editor.make_editor import make_editor
from builder.storage.folders import state_folder
from builder.storage.journal import recoverable_documents
from builder.storage.log import start_log
from builder.storage.settings import Settings
from builder.view.application import Application, require_display
from nodes.core.graphs.graph import Model


def open_window(
    path: Path | None = None, model: Model | None = None, custom: CustomNodes | None = None
) -> None:
    """Show the editor until it is closed.

    Args:
        path: the file to open.
        model: the model to open if there is no file.
        custom: the custom nodes; those of the settings if None.

    Raises:
        NoDisplay: there is no display.
    """
    require_display()
    state_dir = state_folder()
    notices = [start_log(state_dir)]
    settings = Settings.load()
    editor = make_editor(settings, state_dir, custom)
    notices += [settings.warning, editor.custom.warning]
    notices += editor.custom.faults()

    def started() -> None:
        for notice in filter(None, notices):
            editor.notify(notice)
        if path is not None:
            file_actions.open_path(editor, path)
        elif model is not None:
            file_actions.new_document(editor, model)
        elif not recoverable_documents(state_dir):
            editor.open_dialog(StartPage())
        if recoverable_documents(state_dir):
            editor.open_dialog(Recovery())
        if editor.custom.undecided():
            editor.open_dialog(CustomNodeList(editor.dialog))

    Application(editor).run(started)
    if editor.view_state.closing:
        # If the window ends in any other way, the journal is kept for recovery.
        editor.session.close()
    file_actions.store_view(editor)
    editor.settings.save()
