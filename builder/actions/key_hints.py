"""The shortcuts that the status bar shows for the current state."""

from builder.actions.action_table import ACTIONS
from builder.canvas.active_graph import ActiveGraph
from builder.canvas.overlay import Overlay
from builder.document.document import Document

Hint = tuple[str, str]
"""A key or a gesture, and what it does."""

_SHORT_TITLES = {
    "zoom_to_selection": "zoom to fit",
    "find_in_graph": "find",
    "show_commands": "commands",
    "show_shortcuts": "shortcuts",
    "show_manual": "manual",
    "group_into_block": "group",
    "cancel_or_leave": "leave",
}
"""Shorter titles of some actions."""


def key_hints(document: Document, active: ActiveGraph, overlay: Overlay) -> list[Hint]:
    """Choose at most five shortcuts for the selection or the gesture in progress."""
    if overlay.busy:
        return _gesture_hints(overlay)
    selection = document.selection
    names = ["add_node", "zoom_to_selection", "arrange", "show_commands", "show_shortcuts"]
    if not active.editable:
        names = ["cancel_or_leave", "zoom_to_selection", "find_in_graph", "show_shortcuts"]
    elif len(selection.nodes) == 1:
        names = ["rename", "bypass", "delete", "show_manual", "show_shortcuts"]
    elif selection.nodes:
        names = ["group_into_block", "duplicate", "delete", "arrange", "show_shortcuts"]
    elif selection.edges:
        names = ["add_node", "delete", "show_shortcuts"]
    actions = (ACTIONS[name] for name in names if ACTIONS[name].keys)
    return [
        (action.keys[0], _SHORT_TITLES.get(action.id, action.title.lower())) for action in actions
    ]


def _gesture_hints(overlay: Overlay) -> list[Hint]:
    """List what ends the gesture in progress, and what modifies it."""
    if overlay.dragged_edges:
        return [("Esc", "cancel"), ("on a port", "connect"), ("on the canvas", "add node")]
    if overlay.marquee is not None:
        return [("Shift", "add to selection"), ("Ctrl", "toggle"), ("Esc", "cancel")]
    if overlay.stroke:
        return [("over edges", "cut"), ("Esc", "cancel")]
    if overlay.ghost is not None:
        return [("on an edge", "insert"), ("on a port", "connect"), ("Esc", "cancel")]
    return [("Ctrl", "no snapping"), ("Alt", "no insertion"), ("Esc", "cancel")]
