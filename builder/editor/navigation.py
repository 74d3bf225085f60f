"""Navigation: which graph is open, and which part of it is in view."""

from typing import TYPE_CHECKING

from builder.canvas.active_graph import find_active_graph, find_graph_path
from builder.document.document import NOTHING, Selection
from builder.editor.view_state import ERROR
from codegen.check.problem import Location

if TYPE_CHECKING:
    from builder.editor.editor import Editor

REVEAL_ZOOM = 0.5
"""The least zoom at which a node is revealed."""


class Navigation:
    """Opens graphs of the model and moves the camera of an editor."""

    def __init__(self, editor: "Editor") -> None:
        self._editor = editor

    def open_graph(self, path: tuple[str, ...], selection: Selection = NOTHING) -> None:
        """Open the graph inside the nodes of ``path``, and zoom to fit it.

        When the graph that is left lies inside, the node that leads to it is selected.
        """
        editor = self._editor
        before = editor.document.place
        if path == before:
            editor.store.select(selection)
            return
        try:
            find_active_graph(editor.document.at(path), editor.analysis.report)
        except KeyError as error:
            editor.notify(f"{error.args[0]} has no graph yet; connect its inputs first", ERROR)
            return
        if before[: len(path)] == path and not selection:
            selection = Selection.of(before[len(path)])
        editor.store.visit(path, selection)
        self.zoom_to_fit()

    def zoom_to_fit(self, selection: Selection | None = None, max_zoom: float = 1.0) -> None:
        """Fit the selected items, or the whole graph, into the view."""
        extent = self._editor.scene.extent(selection)
        if extent is not None:
            self._editor.camera = self._editor.camera.fitted_to(*extent, max_zoom=max_zoom)

    def go_to(self, location: Location) -> None:
        """Open the graph of a location; select and reveal its node."""
        editor = self._editor
        path = find_graph_path(
            location, editor.analysis.report, editor.document.model, editor.document
        )
        if path is None:
            return
        self.open_graph(path)
        if editor.document.place == path and location.node in editor.active_graph.graph.nodes:
            editor.store.select(Selection.of(location.node))
            self.reveal(location.node)

    def reveal(self, node: str) -> None:
        """Move the camera to a node, unless the whole node is in view."""
        camera = self._editor.camera
        extent = self._editor.scene.extent(Selection.of(node))
        if extent is None:
            return
        (left, top), (right, bottom) = extent
        (min_x, min_y), (max_x, max_y) = camera.top_left, camera.bottom_right
        if not (min_x <= left and min_y <= top and right <= max_x and bottom <= max_y):
            max_zoom = max(camera.zoom, REVEAL_ZOOM)
            self._editor.camera = camera.fitted_to(*extent, max_zoom=max_zoom)
