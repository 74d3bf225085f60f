"""Dispatch of keys and action ids to the editor."""

from builder.actions.action_table import ACTIONS
from builder.actions.keymap import SHORTCUT_MODIFIERS, build_keymap
from builder.canvas.pointer_events import Modifiers
from builder.document.document import READ_ONLY, Refused
from builder.editor.editor import Editor
from builder.editor.view_state import ERROR

KEYMAP = build_keymap(ACTIONS.values())


def run_action(editor: Editor, name: str) -> None:
    """Perform an action, or notify the user why it is disabled."""
    action = ACTIONS[name]
    if not action.enabled(editor):
        editor.notify(f"{action.title}: {_why_disabled(editor)}", ERROR)
        return
    try:
        action.do(editor)
    except Refused as refused:
        editor.notify(str(refused), ERROR)


def _why_disabled(editor: Editor) -> str:
    return "select something first" if editor.document.editable else READ_ONLY


def press_key(
    editor: Editor, name: str, modifiers: Modifiers, typing: bool = False, again: bool = False
) -> bool:
    """Perform the action of a key; return whether there is one.

    Args:
        editor: the editor.
        name: the key, such as "Z", "F2" or "Left".
        modifiers: the modifier keys that are down.
        typing: a text field has the keyboard focus.
        again: the key is held down and repeats.
    """
    action = KEYMAP.get((name, modifiers & SHORTCUT_MODIFIERS))
    if action is None or (typing and not action.anywhere) or (again and not action.repeats):
        return False
    run_action(editor, action.id)
    return True
