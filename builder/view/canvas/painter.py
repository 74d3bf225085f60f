"""Paints a scene into a plot: what is in view, in as much detail as can be seen from there.

Near by, every card and edge in view is a picture of its own, drawn anew when it changes.  From far
away the whole graph is a few large figures.  These also stand in for the pictures that are still to
be drawn, as only so many are drawn in one frame.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

from builder.canvas.camera import Camera
from builder.canvas.drawing import draw_items, low_detail
from builder.canvas.drawing.draw_items import ItemState
from builder.canvas.edge_path import EdgePath
from builder.canvas.hit_test import SceneIndex
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.overlay import Overlay
from builder.canvas.scene import Scene
from builder.document.document import Selection
from builder.graphics.shapes import Point, Shape
from builder.graphics.theme import Theme
from builder.view.canvas.batched_series import BatchedSeries
from builder.view.canvas.drawing_layer import DrawingLayer
from builder.view.canvas.plot_view import PlotView
from nodes.core.graphs.graph import PortRef

MARGIN = 0.25
"""How far beyond the view pictures are kept, as a share of it."""
BUDGET = 1200
"""As many shapes are drawn anew in one frame."""


@dataclass(frozen=True)
class Sitting:
    """What there is to be painted.

    Attributes:
        scene: cards, edges and remarks.
        index: what of it lies where.
        selection: what is selected of it.
        overlay: what the gesture at hand shows.
        camera: where it is seen from.
        theme: the colours.
        labels: the shapes are written on the edges.
    """

    scene: Scene
    index: SceneIndex
    selection: Selection
    overlay: Overlay
    camera: Camera
    theme: Theme
    labels: bool = True

    @property
    def fitting(self) -> Collection[str] | None:
        """The nodes that the edge being drawn has to do with; None where there is no such edge."""
        dragged_edges, verdicts = self.overlay.dragged_edges, self.overlay.verdicts
        if not dragged_edges or not verdicts:
            return None
        fitting = {end.ref.node for end, reason in verdicts.items() if not reason}
        return fitting | {wire.start.ref.node for wire in dragged_edges}


class Painter:
    """Keeps a plot as a scene is.

    Args:
        lens: the plot.
    """

    def __init__(self, lens: PlotView) -> None:
        self._distance = Distance(lens)
        self._remarks: DrawingLayer[str] = DrawingLayer(lens.plot, draw_items.draw_comment)
        self._edges: DrawingLayer[PortRef] = DrawingLayer(lens.plot, draw_edge)
        self._nodes: DrawingLayer[str] = DrawingLayer(lens.plot, draw_items.draw_node)
        self._reach = Reach()
        self._ranked: tuple[object, Mapping[str, int]] = (None, {})
        self._last: Sitting | None = None
        self.unfinished = False

    def paint(self, sitting: Sitting) -> None:
        """Paint what differs from the last time."""
        if self._same(sitting) and not self.unfinished:
            return
        self._last = sitting
        detail = detail_at(sitting.camera.zoom)
        self._reach.look(sitting)
        self._nodes.see(detail is not Detail.BOX)
        self._edges.see(detail is not Detail.BOX)
        left = self._remarks.show(_remarks(sitting, detail), BUDGET)
        if detail is not Detail.BOX:
            left = self._near(sitting, detail, left)
        self.unfinished = left < 0
        if self.unfinished or detail is Detail.BOX:
            self._distance.show(sitting)
        else:
            self._distance.hide()

    def _same(self, sitting: Sitting) -> bool:
        last = self._last
        return (
            last is not None
            and last.scene is sitting.scene
            and last.selection is sitting.selection
            and last.overlay is sitting.overlay
            and last.theme is sitting.theme
            and last.labels == sitting.labels
            and last.camera == sitting.camera
        )

    def _near(self, sitting: Sitting, detail: Detail, budget: int) -> int:
        scene = sitting.scene
        if self._ranked[0] is not scene.nodes:
            self._ranked = scene.nodes, {name: rank for rank, name in enumerate(scene.nodes)}
        self._nodes.rank(self._ranked[1])
        budget = self._nodes.show(_nodes(sitting, detail, self._reach.nodes), budget)
        self._nodes.place(scene.positions)
        return self._edges.show(_edges(sitting, detail, self._reach.edges), budget)


class Reach:
    """What lies in the view and around it; looked up anew when the view leaves that."""

    def __init__(self) -> None:
        self.nodes: Collection[str] = ()
        self.edges: Collection[PortRef] = ()
        self._index: SceneIndex | None = None
        self._area: tuple[Point, Point] = ((0.0, 0.0), (0.0, 0.0))
        self._zoom = 0.0

    def look(self, sitting: Sitting) -> None:
        """Find what has to be painted."""
        index, camera = sitting.index, sitting.camera
        if detail_at(camera.zoom) is Detail.BOX:
            # There the pictures stay as they are until they are seen again.
            self._index = None
            return
        if self._index is index and self._covers(camera):
            return
        (left, top), (right, bottom) = camera.top_left, camera.bottom_right
        across, down = (right - left) * MARGIN, (bottom - top) * MARGIN
        low, high = (left - across, top - down), (right + across, bottom + down)
        self._index, self._area, self._zoom = index, (low, high), camera.zoom
        self.nodes, self.edges = index.visible_nodes(low, high), index.visible_edges(low, high)

    def _covers(self, camera: Camera) -> bool:
        (left, top), (right, bottom) = self._area
        low, high = camera.top_left, camera.bottom_right
        inside = left <= low[0] and top <= low[1] and high[0] <= right and high[1] <= bottom
        return inside and camera.zoom < self._zoom * 1.5


class Distance:
    """The scene as it is seen from far away."""

    def __init__(self, lens: PlotView) -> None:
        self._edges = BatchedSeries(lens.down, lines=True)
        self._rims = BatchedSeries(lens.down)
        self._patches = BatchedSeries(lens.down)
        self._strands = low_detail.EdgeBatcher()
        self._made: dict[str, tuple[tuple[object, ...], Mapping]] = {}

    def show(self, sitting: Sitting) -> None:
        """Show the whole scene."""
        scene, theme, selection = sitting.scene, sitting.theme, sitting.selection
        cards = scene.nodes, scene.positions, theme
        self._edges.show(
            self._kept(
                "edges",
                (scene.edges, selection.edges, theme),
                lambda: self._strands.make(scene, selection, theme),
            )
        )
        self._rims.show(
            self._kept(
                "rims",
                (*cards, selection.nodes),
                lambda: low_detail.batch_outlines(scene, selection, theme),
            )
        )
        self._patches.show(
            self._kept("patches", cards, lambda: low_detail.batch_cards(scene, theme))
        )

    def hide(self) -> None:
        """Show nothing."""
        for series in (self._edges, self._rims, self._patches):
            series.hide()

    def _kept(self, name: str, of: tuple[object, ...], make: object) -> Mapping:
        """Make figures anew if what they are made of is not the same."""
        made = self._made.get(name)
        if made is None or any(a is not b for a, b in zip(made[0], of, strict=True)):
            made = self._made[name] = of, make()
        return made[1]


def draw_edge(
    figure: EdgePath, theme: Theme, detail: Detail, state: ItemState, labels: bool
) -> tuple[Shape, ...]:
    """Draw an edge, with or without the shape that is written on it."""
    figure = figure if labels else replace(figure, label="")
    return draw_items.draw_edge(figure, theme, detail, state)


def _nodes(sitting: Sitting, detail: Detail, names: Iterable[str]) -> dict[str, tuple]:
    hit, fitting = sitting.overlay.hover, sitting.fitting
    hovered = hit.node or (hit.end.ref.node if hit.end else "")
    figures, selected, theme = sitting.scene.nodes, sitting.selection.nodes, sitting.theme
    return {
        name: (
            figures[name],
            theme,
            detail,
            _state(name in selected, name == hovered, fitting is not None and name not in fitting),
        )
        for name in names
    }


def _edges(sitting: Sitting, detail: Detail, names: Iterable[PortRef]) -> dict[PortRef, tuple]:
    figures, selection, theme = sitting.scene.edges, sitting.selection, sitting.theme
    hovered, wiring = sitting.overlay.hover.edge, bool(sitting.overlay.dragged_edges)
    return {
        target: (
            figures[target],
            theme,
            detail,
            _state(target in selection.edges, target == hovered, wiring),
            sitting.labels,
        )
        for target in names
    }


def _remarks(sitting: Sitting, detail: Detail) -> dict[Hashable, tuple]:
    hovered, selected = sitting.overlay.hover.comment, sitting.selection.comments
    return {
        name: (comment, sitting.theme, detail, _state(name in selected, name == hovered, False))
        for name, comment in sitting.scene.comments.items()
    }


_STATES = {
    (selected, hovered, dimmed): ItemState(selected, hovered, dimmed)
    for selected in (False, True)
    for hovered in (False, True)
    for dimmed in (False, True)
}


def _state(selected: bool, hovered: bool, dimmed: bool) -> ItemState:
    return _STATES[selected, hovered, dimmed]
