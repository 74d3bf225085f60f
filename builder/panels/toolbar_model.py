"""The toolbar: the labels of undo and redo, and the breadcrumbs."""

from collections.abc import Sequence

from builder.canvas.active_graph import GraphPath
from builder.document.history import History


def undo_redo_labels(history: History) -> dict[str, str | None]:
    """Return the labels of the steps that can be undone and redone; None if there is none."""
    return {
        "undo": history.present.label if history.past else None,
        "redo": history.undone[0].label if history.undone else None,
    }


def breadcrumbs(path: Sequence[tuple[str, GraphPath]]) -> list[tuple[str, GraphPath, bool]]:
    """Return title and path of each graph on the path, and whether it is the active one."""
    last = len(path) - 1
    return [(title, graph_path, at == last) for at, (title, graph_path) in enumerate(path)]
