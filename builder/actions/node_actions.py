"""Actions on custom nodes: allow, refuse, look for changes."""

from collections.abc import Sequence
from functools import partial

from builder.actions.action import Action
from builder.actions.file_actions import FILES
from builder.custom.node_problem import NodeProblem
from builder.custom.node_source import NodeSource
from builder.custom.trial_import import try_import
from builder.dialogs.dialog import CustomNodeList
from builder.editor.background import Background
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR


def custom_nodes(editor: Editor) -> None:
    """Open the list of custom nodes."""
    find_custom_nodes(editor)
    editor.open_dialog(CustomNodeList())


def find_custom_nodes(editor: Editor) -> None:
    """Look for files and packages again, and load those that are allowed."""
    editor.custom.find()
    editor.renew_nodes()


def allow_nodes(editor: Editor, sources: Sequence[NodeSource]) -> None:
    """Allow sources: they are imported in a child process first, on a thread."""
    if editor.admission is not None or not sources:
        return

    def finish(trials: dict[str, NodeProblem]) -> None:
        for message in editor.custom.admit(sources, trials):
            editor.notify(message, ERROR)
        editor.renew_nodes()

    editor.admission = Background(partial(try_import, sources), finish, "admission")


def refuse_nodes(editor: Editor, sources: Sequence[NodeSource]) -> None:
    """Refuse sources; what was loaded of them becomes unknown."""
    for message in editor.custom.refuse(sources):
        editor.notify(message, ERROR)
    editor.renew_nodes()


def check_custom_nodes(editor: Editor) -> None:
    """Notify the user of files that are new or have changed, once for each content."""
    if not editor.custom.has_changed():
        return
    before = editor.custom.faults()
    find_custom_nodes(editor)
    for fault in editor.custom.faults():
        if fault not in before:
            editor.notify(fault, ERROR)
    if undecided := editor.custom.undecided():
        titles = " and ".join(source.title for source in undecided)
        verb = "are" if len(undecided) > 1 else "is"
        state = " and ".join(dict.fromkeys(editor.custom.status(one).value for one in undecided))
        editor.notify(f"{titles} {verb} {state}: open Custom nodes to decide")


ACTIONS = (Action("custom_nodes", "Custom nodes", FILES, (), custom_nodes),)
