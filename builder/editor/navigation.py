"""Navigation: which graph is open, and which part of it is in view."""

from typing import Protocol

from builder.canvas.active_graph import ActiveGraph, find_active_graph, find_graph_path
from builder.canvas.camera import Camera
from builder.canvas.scene import Scene
from builder.document.analysis import Analysis
from builder.document.document import EMPTY_SELECTION, Document, Selection
from builder.document.store import Store
from builder.editor.view_state import ERROR
from nodes.core.graphs.location import Location

REVEAL_ZOOM = 0.5
"""The least zoom at which a node is revealed."""


class Navigable(Protocol):
    """The part of an editor that navigation reads and changes."""

    store: Store
    analysis: Analysis
    camera: Camera

    @property
    def document(self) -> Document:
        """The document, a preview included."""

    @property
    def active_graph(self) -> ActiveGraph:
        """The graph that is shown."""

    @property
    def scene(self) -> Scene:
        """The items on the canvas."""

    def notify(self, text: str, severity: str = ...) -> None:
        """Show a notification."""


class Navigation:
    """Opens graphs of the model and moves the camera of an editor."""

    def __init__(self, editor: Navigable) -> None:
        self._editor = editor

    def open_graph(self, path: tuple[str, ...], selection: Selection = EMPTY_SELECTION) -> None:
        """Open the graph inside the nodes of ``path``, and zoom to fit it.

        When the graph that is left lies inside, the node that leads to it is selected.
        """
        editor = self._editor
        before = editor.document.path
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
        if editor.document.path == path and location.node in editor.active_graph.graph.nodes:
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
