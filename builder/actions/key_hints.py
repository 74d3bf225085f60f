"""The keys and gestures that help now, for the status bar."""

from builder.actions.action_table import ACTIONS
from builder.canvas.active_graph import ActiveGraph
from builder.canvas.overlay import Overlay
from builder.document.document import Document

Hint = tuple[str, str]
"""A key or a gesture, and what it does."""

_SHORT = {
    "add": "add",
    "frame": "show all",
    "find": "find",
    "commands": "commands",
    "help": "keys",
    "manual": "explain",
    "escape": "leave",
}
"""What some actions are called where there is little room."""


def key_hints(document: Document, shown: ActiveGraph, overlay: Overlay) -> list[Hint]:
    """Pick the keys that help with what is going on, at most five."""
    if overlay.busy:
        return _busy(overlay)
    chosen = document.selection
    names = ["add", "frame", "arrange", "commands", "help"]
    if not shown.editable:
        names = ["escape", "frame", "find", "help"]
    elif len(chosen.nodes) == 1:
        names = ["rename", "bypass", "delete", "manual", "help"]
    elif chosen.nodes:
        names = ["group", "duplicate", "delete", "arrange", "help"]
    elif chosen.edges:
        names = ["add", "delete", "help"]
    listed = (ACTIONS[name] for name in names if ACTIONS[name].keys)
    return [(one.keys[0], _SHORT.get(one.id, one.title.lower())) for one in listed]


def _busy(overlay: Overlay) -> list[Hint]:
    """Tell what ends the gesture at hand, and what changes it."""
    if overlay.dragged_edges:
        return [("Esc", "let go"), ("on a port", "connect"), ("on the canvas", "add a node")]
    if overlay.marquee is not None:
        return [("Shift", "add to the selection"), ("Ctrl", "toggle"), ("Esc", "let go")]
    if overlay.stroke:
        return [("over edges", "cut them"), ("Esc", "let go")]
    if overlay.ghost is not None:
        return [("on an edge", "insert"), ("on a port", "connect"), ("Esc", "put back")]
    return [("Ctrl", "move freely"), ("Alt", "do not insert"), ("Esc", "put back")]
