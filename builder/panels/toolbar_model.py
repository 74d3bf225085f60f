"""What the toolbar shows: the step that comes next either way, and the way into the graph."""

from collections.abc import Sequence

from builder.canvas.active_graph import GraphPath
from builder.document.history import History


def undo_redo_labels(history: History) -> dict[str, str | None]:
    """Tell what would be undone, and what redone; None where there is nothing."""
    return {
        "undo": history.present.label if history.past else None,
        "redo": history.undone[0].label if history.undone else None,
    }


def breadcrumbs(way: Sequence[tuple[str, GraphPath]]) -> list[tuple[str, GraphPath, bool]]:
    """List the graphs on the way in, each with its place and whether it is the one shown."""
    last = len(way) - 1
    return [(title, place, at == last) for at, (title, place) in enumerate(way)]
