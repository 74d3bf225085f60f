"""From a key, or the name of an action, to what it does in the editor."""

from builder.actions.action_table import ACTIONS
from builder.actions.keymap import MODIFIERS, keyboard
from builder.canvas.pointer_events import Held
from builder.document.document import READ_ONLY, Refused
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR

KEYMAP = keyboard(ACTIONS.values())


def run_action(editor: Editor, name: str) -> None:
    """Do an action, or say why it cannot be done now."""
    action = ACTIONS[name]
    if not action.enabled(editor):
        editor.say(f"{action.title.lower()}: {_why_not(editor)}", ERROR)
        return
    try:
        action.do(editor)
    except Refused as refused:
        editor.say(str(refused), ERROR)


def _why_not(editor: Editor) -> str:
    if not editor.document.editable:
        return READ_ONLY
    return "select something first"


def press_key(
    editor: Editor, name: str, held: Held, typing: bool = False, again: bool = False
) -> bool:
    """Do what a key means; tell whether it means anything.

    Args:
        editor: where it is done.
        name: the key, such as "Z", "F2" or "Left".
        held: the modifiers.
        typing: a text field has the keyboard.
        again: the key is held down and repeats.
    """
    action = KEYMAP.get((name, held & MODIFIERS))
    if action is None or (typing and not action.anywhere) or (again and not action.repeats):
        return False
    run_action(editor, action.id)
    return True
