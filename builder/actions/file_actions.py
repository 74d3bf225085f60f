"""Actions on files: new, open, save, export, quit."""

from collections.abc import Callable
from pathlib import Path

from builder.actions.action import Action
from builder.canvas.active_graph import lay_out_missing
from builder.dialogs.dialog import FileDialog, Question, StartPage
from builder.editor.editor import Editor
from builder.editor.opening import Opening, PreparedFile
from builder.editor.view_state import ERROR
from builder.storage.journal import RecoveredDocument
from codegen.check import CheckCache, check
from codegen.compile import NotCompiled
from codegen.source.identifiers import transliterate
from nodes.core.files.atomic_save import Changed, NotConfirmed, NotSaved
from nodes.core.files.project_save import AlreadyExists
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model

FILES = "Files"
MAX_RECENT = 12
LARGE_FILE = 200_000
"""The most bytes of a file that is opened at once."""


def confirm_unsaved(editor: Editor, proceed: Callable[[], None], reason: str) -> None:
    """Proceed, after the user has decided what to do with unsaved changes."""
    if not editor.session.dirty:
        proceed()
        return

    def save_first() -> None:
        editor.close_dialog()
        save(editor, proceed)

    def discard() -> None:
        editor.close_dialog()
        proceed()

    answers = (("Save", save_first), ("Don't save", discard), ("Cancel", editor.close_dialog))
    text = f"{editor.session.title} has unsaved changes. Save them before {reason}?"
    editor.open_dialog(Question("Unsaved changes", text, answers))


def new_model(editor: Editor) -> None:
    """Open the start page."""
    editor.open_dialog(StartPage())


def new_document(editor: Editor, model: Model | None = None) -> None:
    """Start a document with an example, or with an empty model."""

    def start() -> None:
        editor.session.new(with_layout(model) if model else None)
        show_document(editor)

    confirm_unsaved(editor, start, "starting another model")


def with_layout(model: Model, cache: CheckCache | None = None) -> Model:
    """Arrange the nodes that have no position; ``cache`` as of `check`."""
    return lay_out_missing(model, check(model, cache))


def show_document(editor: Editor) -> None:
    """Close the dialog, and zoom to fit the new document."""
    editor.close_dialog()
    editor.navigation.zoom_to_fit()


def open_file(editor: Editor) -> None:
    """Open the dialog for the file to open."""
    dialog = FileDialog("open", default_folder(editor))
    confirm_unsaved(editor, lambda: editor.open_dialog(dialog), "opening another file")


def open_path(editor: Editor, path: Path) -> None:
    """Open a file, a large one on a thread; notify the user if it cannot be read."""
    store_view(editor)
    if _is_large(path):
        _open_on_thread(editor, path)
        return
    try:
        editor.session.open(path, with_layout)
    except FileError as error:
        editor.notify(f"{path.name}: {error}", ERROR)
        return
    _opened(editor, path)


def _is_large(path: Path) -> bool:
    try:
        return path.stat().st_size > LARGE_FILE
    except (OSError, ValueError):  # reading reports it
        return False


def _open_on_thread(editor: Editor, path: Path) -> None:
    """Open a file on a thread; until then, a question offers to cancel."""

    def finish(result: PreparedFile | FileError) -> None:
        waited = editor.dialog is question
        if waited:
            editor.close_dialog()
        if isinstance(result, FileError):
            editor.notify(f"{path.name}: {result}", ERROR)
            return

        def show() -> None:
            editor.show_file(result)
            _opened(editor, path)

        if waited:
            show()
        else:  # the user may have edited the other document meanwhile
            confirm_unsaved(editor, show, f"opening {path.name}")

    def cancel() -> None:
        editor.opening = None
        editor.close_dialog()

    text = f"{path.name} is a large file and takes some seconds to open."
    question = Question("Opening", text, (("Cancel", cancel),))
    editor.opening = Opening(path, with_layout, finish)
    editor.open_dialog(question)


def _opened(editor: Editor, path: Path) -> None:
    show_document(editor)
    editor.update_settings(recent=updated_recent(editor, path))
    restore_view(editor)


def restore(editor: Editor, left: RecoveredDocument) -> None:
    """Restore the document that an interrupted session left in its journal."""
    editor.session.restore(left, with_layout)
    show_document(editor)
    editor.notify(f"restored {left.name}; save it to keep it")


def check_disk_change(editor: Editor) -> None:
    """Ask what to do if another program has changed the file."""
    path = editor.session.path
    if path is None or editor.dialog is not None or not editor.session.changed_on_disk():
        return

    def reload() -> None:
        open_path(editor, path)

    def keep() -> None:
        editor.close_dialog()
        editor.view_state.ignored_change = path

    if editor.view_state.ignored_change != path:
        answers = (("Keep mine", keep), ("Reload", reload))
        text = (
            f"Another program has changed {path.name}. Reload it to discard your unsaved changes, "
            "or keep yours: you can save them over the file, or under another name."
        )
        editor.open_dialog(Question("The file has changed on disk", text, answers))


def store_view(editor: Editor) -> None:
    """Store the camera of the open file in the settings."""
    path = editor.session.path
    if path is not None and not editor.document.path:
        recent = editor.settings.recent
        views = {**editor.settings.views, str(path.resolve()): editor.camera.centre_and_zoom}
        views = {file: view for file, view in views.items() if file in recent}
        editor.settings = editor.settings.model_copy(update={"views": views})


def restore_view(editor: Editor) -> None:
    """Restore the camera of the open file, if the settings have one."""
    path = editor.session.path
    view = editor.settings.views.get(str(path.resolve())) if path else None
    if view is not None:
        editor.camera = editor.camera.centred_on(*view)


def updated_recent(editor: Editor, path: Path) -> list[str]:
    """Return the recent files with a file at the head."""
    first = str(Path(path).resolve())
    return [first, *(file for file in editor.settings.recent if file != first)][:MAX_RECENT]


def default_folder(editor: Editor) -> Path:
    """Return the folder that file dialogs open in."""
    path = editor.session.path
    return path.parent if path else Path.cwd()


def save(editor: Editor, then: Callable[[], None] | None = None) -> None:
    """Save to the document's file, or open the dialog for one."""
    if editor.session.path is None:
        save_as(editor, then)
        return
    save_to(editor, None, then)


def save_as(editor: Editor, then: Callable[[], None] | None = None) -> None:
    """Open the dialog for the file to save to."""
    editor.view_state.after_save = then
    editor.open_dialog(FileDialog("save", default_folder(editor), file_name(editor)))


def file_name(editor: Editor) -> str:
    """Suggest a name for the document's file."""
    if editor.session.path:
        return editor.session.path.name
    name = editor.document.model.name
    stem = "".join(char if char.isalnum() else "_" for char in transliterate(name).strip())
    return f"{stem.strip('_').lower() or 'model'}.json"


def save_to(
    editor: Editor,
    path: Path | None,
    then: Callable[[], None] | None = None,
    overwrite: bool = False,
) -> None:
    """Save the document; ask what to do if another program has changed the file.

    Args:
        editor: the editor.
        path: the file; the document's own if None.
        then: called after the document was saved.
        overwrite: replace a file that was changed.
    """

    def again() -> None:
        editor.close_dialog()
        save_to(editor, path, then, overwrite=True)

    def elsewhere() -> None:
        save_as(editor, then)

    try:
        editor.session.save(path, overwrite)
    except Changed as error:
        answers = (("Save as...", elsewhere), ("Overwrite", again), ("Cancel", editor.close_dialog))
        editor.open_dialog(Question("The file has changed on disk", str(error), answers))
        return
    except (NotSaved, NotConfirmed) as error:
        editor.notify(str(error), ERROR)
        return
    saved = editor.session.path
    if saved is not None:
        editor.update_settings(recent=updated_recent(editor, saved))
        editor.notify(f"saved {saved.name}")
    if then is not None:
        then()


def export_code(editor: Editor) -> None:
    """Open the dialog for the folder to export the code to."""
    if editor.errors():
        editor.notify("the model has errors; fix them first (F8 goes to the next one)", ERROR)
        return
    editor.open_dialog(FileDialog("export", default_folder(editor)))


def export_to(editor: Editor, target: Path, overwrite: bool = False) -> None:
    """Write the code to a folder; ask before files are replaced."""

    def again() -> None:
        editor.close_dialog()
        export_to(editor, target, overwrite=True)

    try:
        paths = editor.session.export(target, overwrite)
    except AlreadyExists as error:
        answers = (("Cancel", editor.close_dialog), ("Replace", again))
        editor.open_dialog(Question("Files already exist", str(error), answers))
    except (NotCompiled, NotSaved, NotConfirmed) as error:
        editor.notify(str(error), ERROR)
    else:
        editor.notify(f"exported {' and '.join(path.name for path in paths)} to {target}")


def file_chosen(editor: Editor, purpose: str, path: Path) -> None:
    """Open, save or export to the path that was chosen in the file dialog."""
    editor.close_dialog()
    then, editor.view_state.after_save = editor.view_state.after_save, None
    if purpose == "open":
        open_path(editor, path)
    elif purpose == "save":
        save_to(editor, path, then, overwrite=True)
    else:
        export_to(editor, path)


def quit_editor(editor: Editor) -> None:
    """Close the window, after the user has decided what to do with unsaved changes."""

    def close() -> None:
        editor.view_state.closing = True

    confirm_unsaved(editor, close, "quitting")


def copy_code(editor: Editor) -> None:
    """Copy the generated code to the clipboard."""
    code = editor.analysis.finish()
    if not code.source:
        editor.notify("the model has errors; fix them first (F8 goes to the next one)", ERROR)
        return
    editor.clipboard.write(code.source)
    editor.notify("copied the code")


ACTIONS = (
    Action("new_model", "New model", FILES, ("Ctrl+N",), new_model, anywhere=True),
    Action("open_file", "Open file", FILES, ("Ctrl+O",), open_file, anywhere=True),
    Action("save", "Save", FILES, ("Ctrl+S",), save, anywhere=True),
    Action("save_as", "Save as", FILES, ("Ctrl+Shift+S",), save_as, anywhere=True),
    Action("export_code", "Export code", FILES, ("Ctrl+E",), export_code),
    Action("copy_code", "Copy code", FILES, ("Ctrl+Shift+C",), copy_code),
    Action("quit", "Quit", FILES, ("Ctrl+Q",), quit_editor, anywhere=True),
)
