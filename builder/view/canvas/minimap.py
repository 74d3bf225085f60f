"""The minimap in the corner of the canvas: a click or a drag on it moves the view."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import dearpygui.dearpygui as dpg

from builder.canvas.camera import Camera
from builder.canvas.drawing import low_detail
from builder.canvas.drawing.minimap_model import centred_at, clamped, minimap_camera
from builder.canvas.scene import Scene
from builder.editor.editor import Editor
from builder.graphics.shapes import CLEAR, Box, Disc, Point, Shape
from builder.graphics.theme import faded
from builder.view.canvas.batched_series import BatchedSeries
from builder.view.canvas.draw_list import ink
from builder.view.canvas.plot_view import PlotView
from builder.view.widgets.pointer_input import pointer
from codegen.check import Severity

Tag = int | str

WIDTH, HEIGHT, INSET = 196, 132, 14
"""The size of the minimap and how far it keeps from the corner, in pixels."""
SHARE = 0.27
"""How much of the canvas it takes at most, across or down."""
LEAST = 3.0
"""How large a card is at least, in pixels."""
DOT = 3.5
"""How large the dot on a wrong card is, in pixels."""
MOST_DOTS = 200


class Minimap:
    """A small plot over the canvas.

    Args:
        editor: the editor.
        parent: what holds the canvas.
    """

    def __init__(self, editor: Editor, parent: Tag) -> None:
        self.editor = editor
        self._box = dpg.add_child_window(
            parent=parent, border=False, no_scrollbar=True, no_scroll_with_mouse=True, show=False
        )
        self._lens = PlotView(self._box)
        self._cards = BatchedSeries(self._lens.down)
        self._layer = dpg.add_draw_layer(parent=self._lens.plot)
        self._camera = Camera()
        self._graph: _Graph | None = None
        self._drawn: tuple[object, ...] = ()
        self._laid: tuple[float, ...] = ()
        self._held = self._visible = False
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(dpg.mvMouseButton_Left, callback=self._pressed)
            dpg.add_mouse_move_handler(callback=self._moved)
            dpg.add_mouse_release_handler(dpg.mvMouseButton_Left, callback=self._released)

    @property
    def over(self) -> bool:
        """Tell whether the pointer is over the minimap."""
        return dpg.is_item_hovered(self._lens.plot)

    def update(self) -> None:
        """Show the graph and the view."""
        editor = self.editor
        self._see(editor.settings.minimap and bool(editor.scene.nodes))
        if not self._visible:
            return
        self._lay()
        place = self._lens.rectangle()
        if place is None:
            return
        graph, theme = self._graph, editor.theme
        # While a gesture goes on the graph may change in every frame; nobody looks here.
        if graph is None or not (graph.scene is editor.scene or editor.overlay.busy):
            graph = self._graph = _Graph.of(editor.scene)
        if not self._held:
            self._camera = minimap_camera(graph.extent, editor.camera, place)
        looks = graph, theme, editor.camera, self._camera
        if looks == self._drawn:
            return
        if looks[:2] != self._drawn[:2] or self._camera.zoom != self._drawn[3].zoom:
            self._cards.show(low_detail.batch_cards(graph.scene, theme, LEAST / self._camera.zoom))
        self._drawn = looks
        self._lens.look(self._camera)
        dpg.delete_item(self._layer, children_only=True)
        ink(self._over(graph), self._layer)

    def _see(self, visible: bool) -> None:
        if visible != self._visible:
            self._visible = visible
            self._held = False
            dpg.configure_item(self._box, show=visible)

    def _lay(self) -> None:
        """Lie in the lower right corner of the canvas."""
        camera = self.editor.camera
        most = min(camera.width / WIDTH, camera.height / HEIGHT) * SHARE
        scale = min(self.editor.settings.scale, most)
        width, height, inset = (round(one * scale) for one in (WIDTH, HEIGHT, INSET))
        laid = camera.width, camera.height, scale
        if laid != self._laid:
            self._laid = laid
            at = [round(camera.width) - width - inset, round(camera.height) - height - inset]
            dpg.configure_item(self._box, pos=at, width=width, height=height)

    def _over(self, graph: "_Graph") -> Iterator[Shape]:
        """Draw what is wrong, what is in view, and the border."""
        theme, unit = self.editor.theme, 1 / self._camera.zoom
        for (x, y), severity in graph.wrong:
            yield Disc(x, y, DOT * unit, low_detail.badge_colour(severity, theme))
        seen, line = faded(theme.text, 0.07), faded(theme.text, 0.5)
        whole = self._camera.top_left, self._camera.bottom_right
        # A view that has gone farther than the minimap reaches is a line on its border.
        view = (
            clamped(at, *whole)
            for at in (self.editor.camera.top_left, self.editor.camera.bottom_right)
        )
        yield _box(*view, 0.0, Box(0, 0, 0, 0, seen, line, unit, 3 * unit))
        yield _box(*whole, unit / 2, Box(0, 0, 0, 0, CLEAR, theme.line, unit, 3 * unit))

    def _pressed(self) -> None:
        if self.over:
            self._held = True
            self._moved()

    def _moved(self) -> None:
        if self._held:
            editor = self.editor
            editor.camera = centred_at(editor.camera, self._camera.to_canvas(pointer()))

    def _released(self) -> None:
        self._held = False


@dataclass(frozen=True, eq=False)
class _Graph:
    """What the minimap needs to know of a scene.

    Attributes:
        scene: the scene.
        extent: where it lies: two corners.
        wrong: the middles of some of the nodes that have problems, and how bad those are.
    """

    scene: Scene
    extent: tuple[Point, Point]
    wrong: tuple[tuple[Point, Severity], ...]

    @classmethod
    def of(cls, scene: Scene) -> "_Graph":
        bad = [name for name, one in scene.nodes.items() if one.badge is not None]
        boxes = {name: scene.bounds(name) for name in bad[:MOST_DOTS]}
        wrong = (
            (((left + right) / 2, (top + bottom) / 2), scene.nodes[name].badge)
            for name, (left, top, right, bottom) in boxes.items()
        )
        return cls(scene, scene.extent(), tuple(wrong))


def _box(low: Point, high: Point, inset: float, like: Box) -> Box:
    """Draw a box between two corners."""
    (left, top), (right, bottom) = low, high
    size = right - left - 2 * inset, bottom - top - 2 * inset
    return replace(like, x=left + inset, y=top + inset, width=size[0], height=size[1])
