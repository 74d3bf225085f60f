"""The minimap in the corner of the canvas: a click or a drag on it moves the view."""

import dearpygui.dearpygui as dpg

from builder.canvas import far
from builder.canvas.camera import Camera
from builder.canvas.overview import centred, overview
from builder.canvas.shapes import CLEAR, Box, Disc, Shape
from builder.canvas.theme import faded
from builder.editor import Editor
from builder.view.ink import ink
from builder.view.lens import Lens
from builder.view.mouse import pointer
from builder.view.series import Series

Tag = int | str

WIDTH, HEIGHT, INSET = 196, 132, 14
"""The size of the minimap and how far it keeps from the corner, in pixels."""
LEAST = 3.0
"""How large a card is at least, in pixels."""
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
        self._lens = Lens(self._box)
        self._cards = Series(self._lens.down)
        self._layer = dpg.add_draw_layer(parent=self._lens.plot)
        self._camera: Camera | None = None
        self._drawn: tuple[object, ...] = ()
        self._laid: tuple[float, ...] = ()
        self._held = False
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
        shown = editor.settings.minimap and bool(editor.scene.nodes)
        dpg.configure_item(self._box, show=shown)
        if not shown:
            self._held = False
            return
        self._lay()
        place = self._lens.rectangle()
        if place is None or (editor.overlay.busy and self._camera is not None):
            # While a gesture goes on the graph may change in every frame; nobody looks here.
            return
        camera = editor.camera if not self._held else None
        if camera is not None or self._camera is None:
            self._camera = overview(editor.scene, editor.camera, place)
        self._lens.look(self._camera)
        self._draw()

    def _lay(self) -> None:
        """Lie in the lower right corner of the canvas."""
        camera, scale = self.editor.camera, self.editor.settings.scale
        width, height, inset = (round(one * scale) for one in (WIDTH, HEIGHT, INSET))
        laid = camera.width, camera.height, scale
        if laid != self._laid:
            self._laid = laid
            at = [round(camera.width) - width - inset, round(camera.height) - height - inset]
            dpg.configure_item(self._box, pos=at, width=width, height=height)

    def _draw(self) -> None:
        editor, camera = self.editor, self._camera
        scene, theme = editor.scene, editor.theme
        looks = scene, theme, editor.camera, camera
        if looks == self._drawn:
            return
        before, self._drawn = self._drawn[:2], looks
        if before != (scene, theme):
            self._cards.show(far.patches(scene, theme, LEAST / camera.zoom))
        dpg.delete_item(self._layer, children_only=True)
        ink(self._over(), self._layer)

    def _over(self) -> list[Shape]:
        """Draw what is wrong, and the view."""
        editor, camera = self.editor, self._camera
        scene, theme, unit = editor.scene, editor.theme, 1 / camera.zoom
        (left, top), (right, bottom) = editor.camera.low, editor.camera.high
        wrong = [name for name, one in scene.nodes.items() if one.badge is not None]
        shapes: list[Shape] = []
        for name in wrong[:MOST_DOTS]:
            x, y, beyond, low = scene.bounds(name)
            colour = far.badge_colour(scene.nodes[name].badge, theme)
            shapes.append(Disc((x + beyond) / 2, (y + low) / 2, 3.5 * unit, colour))
        view = right - left, bottom - top
        shapes.append(
            Box(left, top, *view, faded(theme.text, 0.07), faded(theme.text, 0.5), unit, 2 * unit)
        )
        (left, top), (right, bottom) = camera.low, camera.high
        half = unit / 2
        border = left + half, top + half, right - left - unit, bottom - top - unit
        shapes.append(Box(*border, CLEAR, theme.line, unit, 3 * unit))
        return shapes

    def _pressed(self) -> None:
        if self.over:
            self._held = True
            self._moved()

    def _moved(self) -> None:
        if self._held and self._camera is not None:
            editor = self.editor
            editor.camera = centred(editor.camera, self._camera.to_canvas(pointer()))

    def _released(self) -> None:
        self._held = False
