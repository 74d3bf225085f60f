"""The minimap in the corner of the canvas: a click or a drag on it moves the viewport."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import dearpygui.dearpygui as dpg

from builder.canvas.camera import Camera
from builder.canvas.drawing import low_detail
from builder.canvas.drawing.minimap_model import centred_at, clamped, minimap_camera
from builder.canvas.scene import Scene
from builder.editor.editor import Editor
from builder.graphics.shapes import CLEAR, Box, Disc, Point, Shape
from builder.graphics.theme import Theme, faded
from builder.view.canvas.batched_series import BatchedSeries
from builder.view.canvas.draw_list import draw_shapes
from builder.view.canvas.plot_view import PlotView
from builder.view.widgets.pointer_input import pointer_position
from builder.view.widgets.tag import Tag
from codegen.check import Severity

WIDTH, HEIGHT, INSET = 196, 132, 14
"""The size of the minimap and its distance from the corner, in pixels at scale 1."""
MAX_SHARE = 0.27
"""The largest share of the canvas that it takes, in width or height."""
MIN_CARD = 3.0
"""The smallest side of a card, in pixels."""
MARKER_RADIUS = 3.5
"""The radius of the marker on a card with problems, in pixels."""
MAX_MARKERS = 200


class Minimap:
    """A small plot over the canvas.

    Args:
        editor: the editor.
        parent: the container of the canvas.
    """

    def __init__(self, editor: Editor, parent: Tag) -> None:
        self.editor = editor
        self._window = dpg.add_child_window(
            parent=parent, border=False, no_scrollbar=True, no_scroll_with_mouse=True, show=False
        )
        self._plot_view = PlotView(self._window)
        self._cards = BatchedSeries(self._plot_view.y_axis)
        self._layer = dpg.add_draw_layer(parent=self._plot_view.plot)
        self._camera = Camera()
        self._summary: _SceneSummary | None = None
        self._drawn: tuple[_SceneSummary, Theme, Camera, Camera] | None = None
        self._laid_out: tuple[float, ...] = ()
        self._dragging = self._visible = False
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(dpg.mvMouseButton_Left, callback=self._pressed)
            dpg.add_mouse_move_handler(callback=self._moved)
            dpg.add_mouse_release_handler(dpg.mvMouseButton_Left, callback=self._released)

    @property
    def hovered(self) -> bool:
        """Whether the pointer is over the minimap."""
        return dpg.is_item_hovered(self._plot_view.plot)

    def update(self) -> None:
        """Draw the graph and the outline of the viewport."""
        editor = self.editor
        self._set_visible(editor.settings.minimap and bool(editor.scene.nodes))
        if not self._visible:
            return
        self._lay_out()
        rectangle = self._plot_view.rectangle()
        if rectangle is None:
            return
        # A gesture may change the scene in every frame; the minimap waits until it ends.
        if self._summary is None or not (
            self._summary.scene is editor.scene or editor.overlay.busy
        ):
            self._summary = _SceneSummary.of(editor.scene)
        if not self._dragging:
            self._camera = minimap_camera(self._summary.extent, editor.camera, rectangle)
        self._draw(self._summary)

    def _draw(self, summary: "_SceneSummary") -> None:
        theme, before = self.editor.theme, self._drawn
        drawn = summary, theme, self.editor.camera, self._camera
        if drawn == before:
            return
        self._drawn = drawn
        if before is None or drawn[:2] != before[:2] or before[3].zoom != self._camera.zoom:
            min_size = MIN_CARD / self._camera.zoom
            self._cards.show(low_detail.batch_cards(summary.scene, theme, min_size))
        self._plot_view.follow(self._camera)
        dpg.delete_item(self._layer, children_only=True)
        draw_shapes(self._markers(summary), self._layer)

    def _set_visible(self, visible: bool) -> None:
        if visible != self._visible:
            self._visible = visible
            self._dragging = False
            dpg.configure_item(self._window, show=visible)

    def _lay_out(self) -> None:
        """Place the minimap in the lower right corner of the canvas."""
        camera = self.editor.camera
        max_scale = min(camera.width / WIDTH, camera.height / HEIGHT) * MAX_SHARE
        scale = min(self.editor.settings.scale, max_scale)
        width, height, inset = (round(length * scale) for length in (WIDTH, HEIGHT, INSET))
        laid_out = camera.width, camera.height, scale
        if laid_out != self._laid_out:
            self._laid_out = laid_out
            position = [
                round(camera.width) - width - inset,
                round(camera.height) - height - inset,
            ]
            dpg.configure_item(self._window, pos=position, width=width, height=height)

    def _markers(self, summary: "_SceneSummary") -> Iterator[Shape]:
        """Draw the problem markers, the outline of the viewport, and the border."""
        theme, pixel = self.editor.theme, 1 / self._camera.zoom
        for (x, y), severity in summary.problems:
            yield Disc(x, y, MARKER_RADIUS * pixel, low_detail.badge_colour(severity, theme))
        fill, line = faded(theme.text, 0.07), faded(theme.text, 0.5)
        low, high = self._camera.top_left, self._camera.bottom_right
        # A viewport beyond the range of the minimap becomes a line on its border.
        camera = self.editor.camera
        view_low, view_high = (
            clamped(camera.top_left, low, high),
            clamped(camera.bottom_right, low, high),
        )
        yield _box(view_low, view_high, 0.0, Box(0, 0, 0, 0, fill, line, pixel, 3 * pixel))
        yield _box(low, high, pixel / 2, Box(0, 0, 0, 0, CLEAR, theme.line, pixel, 3 * pixel))

    def _pressed(self) -> None:
        if self.hovered:
            self._dragging = True
            self._moved()

    def _moved(self) -> None:
        if self._dragging:
            editor = self.editor
            editor.camera = centred_at(editor.camera, self._camera.to_canvas(pointer_position()))

    def _released(self) -> None:
        self._dragging = False


@dataclass(frozen=True, eq=False)
class _SceneSummary:
    """What the minimap draws of a scene.

    Attributes:
        scene: the scene.
        extent: two corners of its bounding box.
        problems: the centres of at most `MAX_MARKERS` nodes with problems, and their severity.
    """

    scene: Scene
    extent: tuple[Point, Point]
    problems: tuple[tuple[Point, Severity], ...]

    @classmethod
    def of(cls, scene: Scene) -> "_SceneSummary":
        badges = [
            (name, card.badge) for name, card in scene.nodes.items() if card.badge is not None
        ]
        problems = tuple(
            (_centre(scene.bounds(name)), badge) for name, badge in badges[:MAX_MARKERS]
        )
        return cls(scene, scene.extent() or ((0.0, 0.0), (0.0, 0.0)), problems)


def _centre(bounds: tuple[float, float, float, float]) -> Point:
    left, top, right, bottom = bounds
    return (left + right) / 2, (top + bottom) / 2


def _box(low: Point, high: Point, inset: float, style: Box) -> Box:
    """Make a box between two corners, in the colours and line width of another."""
    (left, top), (right, bottom) = low, high
    width, height = right - left - 2 * inset, bottom - top - 2 * inset
    return replace(style, x=left + inset, y=top + inset, width=width, height=height)
