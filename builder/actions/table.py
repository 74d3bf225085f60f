"""Every action by its name, in the order of the help."""

from collections.abc import Mapping

from builder.actions import edits, files, views
from builder.actions.action import Action

ACTIONS: Mapping[str, Action] = {
    action.id: action for action in (*views.ACTIONS, *edits.ACTIONS, *files.ACTIONS)
}
