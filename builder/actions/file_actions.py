"""Actions on files: begin, open, save, export, leave."""

from collections.abc import Callable
from pathlib import Path

from builder.actions.action import Action
from builder.canvas.active_graph import placed
from builder.dialogs.dialog import ChooseFile, Question, Templates
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR
from builder.storage.file_writer import NotWritten
from builder.storage.journal import RecoveredDocument
from codegen.check import check
from codegen.compile import NotCompiled
from nodes.core.files.atomic_save import Changed, NotConfirmed, NotSaved
from nodes.core.files.strict_json import FileError
from nodes.core.graphs.graph import Model

FILES = "Files"


def unless_unsaved(editor: Editor, then: Callable[[], None], doing: str) -> None:
    """Do something that drops the document, once the person has said what becomes of it."""
    if not editor.session.dirty:
        then()
        return

    def keep() -> None:
        editor.close()
        save(editor, then)

    def drop() -> None:
        editor.close()
        then()

    answers = (("Save", keep), ("Don't save", drop), ("Cancel", editor.close))
    text = f"{editor.session.title} has changes that are not saved. Save them before {doing}?"
    editor.open(Question("Unsaved changes", text, answers))


def new(editor: Editor) -> None:
    """Offer the examples and the empty canvas."""
    editor.open(Templates())


def begin(editor: Editor, model: Model | None = None) -> None:
    """Begin with an example, or an empty canvas."""

    def start() -> None:
        editor.session.new(settled(model) if model else None)
        arrived(editor)

    unless_unsaved(editor, start, "another begins")


def settled(model: Model) -> Model:
    """Give every node a place."""
    return placed(model, check(model))


def arrived(editor: Editor) -> None:
    """Show a document that was begun or opened, whole."""
    editor.close()
    editor.frame()


def choose(editor: Editor) -> None:
    """Let a file be chosen and opened."""
    unless_unsaved(
        editor, lambda: editor.open(ChooseFile("open", folder(editor))), "opening another"
    )


def open_path(editor: Editor, path: Path) -> None:
    """Open a file, and say why if that cannot be."""
    remember_view(editor)
    try:
        editor.session.open(path, settled)
    except FileError as error:
        editor.say(f"{path.name}: {error}", ERROR)
        return
    arrived(editor)
    editor.prefer(recent=recent(editor, path))
    look_as_before(editor)


def restore(editor: Editor, left: RecoveredDocument) -> None:
    """Take up what a session that did not end well has left."""
    editor.session.restore(left, settled)
    arrived(editor)
    editor.say(f"restored {left.name}; save it to keep it")


def see_disk(editor: Editor) -> None:
    """Tell of a file that another program has changed, and offer what can be done."""
    path = editor.session.path
    if editor.dialog is not None or not editor.session.changed_on_disk():
        return

    def reread() -> None:
        open_path(editor, path)

    def keep() -> None:
        editor.close()
        editor.look.kept = path

    if editor.look.kept != path:
        answers = (("Keep mine", keep), ("Read it again", reread))
        text = (
            f"{path.name} is no longer what was read or saved here: another program has changed "
            "it. To read it again drops what is not saved here; what you keep can be saved over "
            "it, or under another name."
        )
        editor.open(Question("The file has changed on the disk", text, answers))


def remember_view(editor: Editor) -> None:
    """Remember where the present file is looked at from."""
    path = editor.session.path
    if path is not None and not editor.document.path:
        known = editor.settings.recent
        views = {**editor.settings.views, str(path.resolve()): editor.camera.view}
        views = {file: view for file, view in views.items() if file in known}
        editor.settings = editor.settings.model_copy(update={"views": views})


def look_as_before(editor: Editor) -> None:
    """Look at the file from where it was looked at last; at all of it if it never was."""
    path = editor.session.path
    view = editor.settings.views.get(str(path.resolve())) if path else None
    if view is not None:
        editor.camera = editor.camera.viewing(*view)


def recent(editor: Editor, path: Path) -> list[str]:
    """Put a file at the head of those that were open before."""
    first = str(Path(path).resolve())
    return [first, *(one for one in editor.settings.recent if one != first)][:12]


def folder(editor: Editor) -> Path:
    """Tell where files are looked for: beside the present one."""
    path = editor.session.path
    return path.parent if path else Path.cwd()


def save(editor: Editor, then: Callable[[], None] | None = None) -> None:
    """Save to the document's file, or ask for one."""
    if editor.session.path is None:
        save_as(editor, then)
        return
    save_to(editor, None, then)


def save_as(editor: Editor, then: Callable[[], None] | None = None) -> None:
    """Ask for a file and save to it."""
    editor.look.pending = then
    editor.open(ChooseFile("save", folder(editor), file_name(editor)))


def file_name(editor: Editor) -> str:
    """Suggest a name for the document's file."""
    if editor.session.path:
        return editor.session.path.name
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in editor.document.model.name)
    return f"{plain.strip('_').lower() or 'model'}.json"


def save_to(
    editor: Editor,
    path: Path | None,
    then: Callable[[], None] | None = None,
    overwrite: bool = False,
) -> None:
    """Save; where another program has changed the file, ask what is to become of that."""

    def again() -> None:
        editor.close()
        save_to(editor, path, then, overwrite=True)

    def elsewhere() -> None:
        save_as(editor, then)

    try:
        editor.session.save(path, overwrite)
    except Changed as error:
        answers = (("Save as...", elsewhere), ("Overwrite", again), ("Cancel", editor.close))
        editor.open(Question("The file is not the one you opened", str(error), answers))
        return
    except (NotSaved, NotConfirmed) as error:
        editor.say(str(error), ERROR)
        return
    editor.prefer(recent=recent(editor, editor.session.path))
    editor.say(f"saved {editor.session.path.name}")
    if then is not None:
        then()


def export(editor: Editor) -> None:
    """Ask for a folder and write the code to it."""
    if editor.errors():
        editor.say("the model has errors; mend them first (F8 goes to the next one)", ERROR)
        return
    editor.open(ChooseFile("export", folder(editor)))


def export_to(editor: Editor, target: Path, overwrite: bool = False) -> None:
    """Write the code to a folder; what is there is replaced only once the person agrees."""

    def again() -> None:
        editor.close()
        export_to(editor, target, overwrite=True)

    try:
        paths = editor.session.export(target, overwrite)
    except NotCompiled as error:
        editor.say(str(error), ERROR)
    except NotWritten as error:
        answers = (("Cancel", editor.close), ("Replace", again))
        editor.open(Question("Files are in the way", str(error), answers))
    else:
        editor.say(f"exported {' and '.join(path.name for path in paths)} to {target}")


def chosen(editor: Editor, purpose: str, path: Path) -> None:
    """Do what a file was chosen for."""
    editor.close()
    then, editor.look.pending = editor.look.pending, None
    if purpose == "open":
        open_path(editor, path)
    elif purpose == "save":
        save_to(editor, path, then, overwrite=True)
    else:
        export_to(editor, path)


def leave(editor: Editor) -> None:
    """Close the window, once nothing unsaved is lost."""

    def close() -> None:
        editor.look.closing = True

    unless_unsaved(editor, close, "the window closes")


def copy_code(editor: Editor) -> None:
    """Copy the generated code."""
    code = editor.analysis.finish()
    if not code.source:
        editor.say("there is no code yet: the model has errors", ERROR)
        return
    editor.clipboard.write(code.source)
    editor.say("copied the code")


ACTIONS = (
    Action("new", "New from a template", FILES, ("Ctrl+N",), new, anywhere=True),
    Action("open", "Open a file", FILES, ("Ctrl+O",), choose, anywhere=True),
    Action("save", "Save", FILES, ("Ctrl+S",), save, anywhere=True),
    Action("save_as", "Save as", FILES, ("Ctrl+Shift+S",), save_as, anywhere=True),
    Action("export", "Export the code", FILES, ("Ctrl+E",), export),
    Action("copy_code", "Copy the code", FILES, ("Ctrl+Shift+C",), copy_code),
    Action("quit", "Close the window", FILES, ("Ctrl+Q",), leave, anywhere=True),
)
