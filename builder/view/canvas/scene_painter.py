"""Paints a scene into a plot: what is in view, at the level of detail that the zoom calls for.

At close range every card and edge in view is a drawing of its own, redrawn when it changes.  From
afar the whole graph is a few batched series, one for each colour.  These also stand in for drawings
that are not ready yet, as the number of shapes drawn in one frame is limited.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from builder.canvas.camera import Camera
from builder.canvas.card import NodeCard
from builder.canvas.drawing import draw_items, low_detail
from builder.canvas.drawing.draw_items import ItemState
from builder.canvas.edge_path import EdgePath
from builder.canvas.hit_test import SceneIndex
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.overlay import Overlay
from builder.canvas.scene import Scene
from builder.document.document import Selection
from builder.graphics.shapes import Colour, Point, Shape
from builder.graphics.theme import Theme
from builder.view.canvas.batched_series import BatchedSeries, Columns
from builder.view.canvas.drawing_layer import DrawingLayer
from builder.view.canvas.plot_view import PlotView
from nodes.core.graphs.graph import Comment, PortRef

MARGIN = 0.25
"""How far beyond the view drawings are kept, as a share of its size."""
BUDGET = 1200
"""The number of shapes that are drawn anew in one frame."""

Batches = Mapping[Colour, Columns]
NodeArguments = tuple[NodeCard, Theme, Detail, ItemState]
EdgeArguments = tuple[EdgePath, Theme, Detail, ItemState, bool]
CommentArguments = tuple[Comment, Theme, Detail, ItemState]


@dataclass(frozen=True)
class SceneSnapshot:
    """The input of one call of `ScenePainter.paint`.

    Attributes:
        scene: cards, edges, comments and frames.
        index: the spatial index of the scene.
        selection: the selected items.
        overlay: the state of the active gesture.
        camera: the viewport.
        theme: the colours.
        edge_labels: whether edges are labelled with shapes.
    """

    scene: Scene
    index: SceneIndex
    selection: Selection
    overlay: Overlay
    camera: Camera
    theme: Theme
    edge_labels: bool = True

    @property
    def compatible_nodes(self) -> Collection[str] | None:
        """The nodes that the dragged edge starts at or may end at; None if no edge is dragged."""
        dragged_edges, connection_errors = (
            self.overlay.dragged_edges,
            self.overlay.connection_errors,
        )
        if not dragged_edges or not connection_errors:
            return None
        compatible = {end.ref.node for end, reason in connection_errors.items() if not reason}
        return compatible | {edge.start.ref.node for edge in dragged_edges}


class ScenePainter:
    """Updates a plot to show a scene.

    Args:
        plot_view: the plot.
    """

    def __init__(self, plot_view: PlotView) -> None:
        self._low_detail = LowDetailView(plot_view)
        self._comments = DrawingLayer[str, *CommentArguments](
            plot_view.plot, draw_items.draw_comment
        )
        self._edges = DrawingLayer[PortRef, *EdgeArguments](plot_view.plot, draw_edge)
        self._nodes = DrawingLayer[str, *NodeArguments](plot_view.plot, draw_items.draw_node)
        self._visible = VisibleItems()
        self._ranks: tuple[object, Mapping[str, int]] = (None, {})
        self._last: SceneSnapshot | None = None
        self.unfinished = False

    def paint(self, snapshot: SceneSnapshot) -> None:
        """Paint what has changed since the last call."""
        if self._is_painted(snapshot) and not self.unfinished:
            return
        self._last = snapshot
        detail = detail_at(snapshot.camera.zoom)
        self._visible.update(snapshot)
        self._nodes.set_visible(detail is not Detail.BOX)
        self._edges.set_visible(detail is not Detail.BOX)
        budget = self._comments.show(_comment_arguments(snapshot, detail), BUDGET)
        if detail is not Detail.BOX:
            budget = self._paint_items(snapshot, detail, budget)
        self.unfinished = budget < 0
        if self.unfinished or detail is Detail.BOX:
            self._low_detail.show(snapshot)
        else:
            self._low_detail.hide()

    def _is_painted(self, snapshot: SceneSnapshot) -> bool:
        last = self._last
        return (
            last is not None
            and last.scene is snapshot.scene
            and last.selection is snapshot.selection
            and last.overlay is snapshot.overlay
            and last.theme is snapshot.theme
            and last.edge_labels == snapshot.edge_labels
            and last.camera == snapshot.camera
        )

    def _paint_items(self, snapshot: SceneSnapshot, detail: Detail, budget: int) -> int:
        scene, visible = snapshot.scene, self._visible
        if self._ranks[0] is not scene.nodes:
            self._ranks = scene.nodes, {name: rank for rank, name in enumerate(scene.nodes)}
        self._nodes.set_ranks(self._ranks[1])
        budget = self._nodes.show(_node_arguments(snapshot, detail, visible.nodes), budget)
        self._nodes.set_positions(scene.positions)
        return self._edges.show(_edge_arguments(snapshot, detail, visible.edges), budget)


class VisibleItems:
    """The nodes and edges in view and in a margin around it.

    They are queried anew when the view leaves the margin, not in every frame.
    """

    def __init__(self) -> None:
        self.nodes: Collection[str] = ()
        self.edges: Collection[PortRef] = ()
        self._index: SceneIndex | None = None
        self._area: tuple[Point, Point] = ((0.0, 0.0), (0.0, 0.0))
        self._zoom = 0.0

    def update(self, snapshot: SceneSnapshot) -> None:
        """Query the spatial index if the items or the view have changed enough."""
        index, camera = snapshot.index, snapshot.camera
        if detail_at(camera.zoom) is Detail.BOX:
            # The drawings are hidden at this level of detail, and stay as they are until shown.
            self._index = None
            return
        if self._index is index and self._covers(camera):
            return
        (left, top), (right, bottom) = camera.top_left, camera.bottom_right
        dx, dy = (right - left) * MARGIN, (bottom - top) * MARGIN
        low, high = (left - dx, top - dy), (right + dx, bottom + dy)
        self._index, self._area, self._zoom = index, (low, high), camera.zoom
        self.nodes, self.edges = index.visible_nodes(low, high), index.visible_edges(low, high)

    def _covers(self, camera: Camera) -> bool:
        (left, top), (right, bottom) = self._area
        low, high = camera.top_left, camera.bottom_right
        inside = left <= low[0] and top <= low[1] and high[0] <= right and high[1] <= bottom
        return inside and camera.zoom < self._zoom * 1.5


class LowDetailView:
    """The whole scene as batched series: one for each colour."""

    def __init__(self, plot_view: PlotView) -> None:
        self._edges = BatchedSeries(plot_view.y_axis, lines=True)
        self._rims = BatchedSeries(plot_view.y_axis)
        self._patches = BatchedSeries(plot_view.y_axis)
        self._strands = low_detail.EdgeBatcher()
        self._cache: dict[str, tuple[tuple[object, ...], Batches]] = {}

    def show(self, snapshot: SceneSnapshot) -> None:
        """Show the whole scene."""
        scene, theme, selection = snapshot.scene, snapshot.theme, snapshot.selection
        cards = scene.nodes, scene.positions, theme
        self._edges.show(
            self._cached(
                "edges",
                (scene.edges, selection.edges, theme),
                lambda: self._strands.make(scene, selection, theme),
            )
        )
        self._rims.show(
            self._cached(
                "rims",
                (*cards, selection.nodes),
                lambda: low_detail.batch_outlines(scene, selection, theme),
            )
        )
        self._patches.show(
            self._cached("patches", cards, lambda: low_detail.batch_cards(scene, theme))
        )

    def hide(self) -> None:
        """Draw nothing."""
        for series in (self._edges, self._rims, self._patches):
            series.hide()

    def _cached(
        self, name: str, inputs: tuple[object, ...], make: Callable[[], Batches]
    ) -> Batches:
        """Return the cached batches, made anew if an input is another object."""
        cached = self._cache.get(name)
        if cached is None or any(a is not b for a, b in zip(cached[0], inputs, strict=True)):
            cached = self._cache[name] = inputs, make()
        return cached[1]


def draw_edge(
    path: EdgePath, theme: Theme, detail: Detail, state: ItemState, labelled: bool
) -> tuple[Shape, ...]:
    """Draw an edge, with or without its label."""
    path = path if labelled else replace(path, label="")
    return draw_items.draw_edge(path, theme, detail, state)


def _node_arguments(
    snapshot: SceneSnapshot, detail: Detail, names: Iterable[str]
) -> dict[str, NodeArguments]:
    hit, compatible = snapshot.overlay.hover, snapshot.compatible_nodes
    hovered = hit.node or (hit.end.ref.node if hit.end else "")
    cards, selected, theme = snapshot.scene.nodes, snapshot.selection.nodes, snapshot.theme
    return {
        name: (
            cards[name],
            theme,
            detail,
            _state(
                name in selected,
                name == hovered,
                compatible is not None and name not in compatible,
            ),
        )
        for name in names
    }


def _edge_arguments(
    snapshot: SceneSnapshot, detail: Detail, targets: Iterable[PortRef]
) -> dict[PortRef, EdgeArguments]:
    paths, selection, theme = snapshot.scene.edges, snapshot.selection, snapshot.theme
    hovered, connecting = snapshot.overlay.hover.edge, bool(snapshot.overlay.dragged_edges)
    return {
        target: (
            paths[target],
            theme,
            detail,
            _state(target in selection.edges, target == hovered, connecting),
            snapshot.edge_labels,
        )
        for target in targets
    }


def _comment_arguments(snapshot: SceneSnapshot, detail: Detail) -> dict[str, CommentArguments]:
    hovered, selected = snapshot.overlay.hover.comment, snapshot.selection.comments
    return {
        name: (comment, snapshot.theme, detail, _state(name in selected, name == hovered, False))
        for name, comment in snapshot.scene.comments.items()
    }


_STATES = {
    (selected, hovered, dimmed): ItemState(selected, hovered, dimmed)
    for selected in (False, True)
    for hovered in (False, True)
    for dimmed in (False, True)
}


def _state(selected: bool, hovered: bool, dimmed: bool) -> ItemState:
    return _STATES[selected, hovered, dimmed]
