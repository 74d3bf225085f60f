"""All actions by id, in the order of the help."""

from collections.abc import Mapping

from builder.actions import edit_actions, file_actions, node_actions, view_actions
from builder.actions.action import Action

ACTIONS: Mapping[str, Action] = {
    action.id: action
    for action in (
        *view_actions.ACTIONS,
        *edit_actions.ACTIONS,
        *file_actions.ACTIONS,
        *node_actions.ACTIONS,
    )
}
