"""Turns mouse input of the window into pointer events of the canvas.

Handlers report every press and release, however short a click is; between them the pointer
position is polled once per frame.
"""

import time
from dataclasses import replace

import dearpygui.dearpygui as dpg

from builder.canvas.pointer_events import (
    LEFT,
    MIDDLE,
    RIGHT,
    Escape,
    Move,
    PaletteMove,
    Press,
    Release,
)
from builder.editor.editor import Editor
from builder.graphics.shapes import Point
from builder.view.widgets.key_input import held_modifiers
from builder.view.widgets.tag import Tag

_BUTTONS = {
    dpg.mvMouseButton_Left: LEFT,
    dpg.mvMouseButton_Right: RIGHT,
    dpg.mvMouseButton_Middle: MIDDLE,
}
OUTSIDE: Point = (-1e6, -1e6)
"""The pointer position that the canvas gets while the pointer is over something else."""
WHEEL_ZOOM = 1.1
"""The zoom factor of one notch of the mouse wheel."""
NODE_PAYLOAD = "node"
"""The drag and drop payload type of a node type of the palette."""


class PointerInput:
    """Forwards mouse input to the editor while the canvas is hovered or has captured the mouse.

    Args:
        editor: the editor.
        plot: the plot that shows the canvas.
    """

    def __init__(self, editor: Editor, plot: Tag) -> None:
        self.editor, self.plot = editor, plot
        self._down: set[str] = set()
        self._last: Move | None = None
        with dpg.handler_registry():
            dpg.add_mouse_move_handler(callback=self._moved)
            dpg.add_mouse_click_handler(callback=self._pressed)
            dpg.add_mouse_release_handler(callback=self._released)
            dpg.add_mouse_wheel_handler(callback=self._wheel_turned)
        dpg.configure_item(plot, payload_type=NODE_PAYLOAD, drop_callback=self._dropped)

    @property
    def hovered(self) -> bool:
        """Whether the pointer is over the canvas and nothing covers it there."""
        return dpg.is_item_hovered(self.plot)

    def update(self) -> None:
        """Report modifiers that changed while the pointer did not move."""
        self._moved()

    def _moved(self) -> None:
        pixel = pointer_position() if self.hovered or self._has_capture() else OUTSIDE
        self._send(Move(pixel, time.monotonic(), held_modifiers()))

    def _send(self, move: Move) -> None:
        if self._last is None or replace(self._last, time=move.time) != move:
            self._last = move
            self.editor.handle_pointer(move)

    def _pressed(self, _sender: object, code: int) -> None:
        button = _BUTTONS.get(code)
        if button and self.hovered:
            self._moved()
            self._down.add(button)
            self.editor.handle_pointer(
                Press(button, pointer_position(), time.monotonic(), held_modifiers())
            )

    def _released(self, _sender: object, code: int) -> None:
        button = _BUTTONS.get(code)
        if button in self._down:
            self._moved()
            self._down.discard(button)
            self.editor.handle_pointer(
                Release(button, pointer_position(), time.monotonic(), held_modifiers())
            )

    def _wheel_turned(self, _sender: object, notches: int) -> None:
        if self.hovered:
            camera = self.editor.camera
            self.editor.camera = camera.zoomed(WHEEL_ZOOM**notches, pointer_position())

    def _dropped(self, _sender: object, type_: str) -> None:
        self.editor.handle_pointer(
            PaletteMove(type_, pointer_position(), dropped=True, modifiers=held_modifiers())
        )

    def _has_capture(self) -> bool:
        """Whether a gesture is active, which receives the pointer wherever it goes."""
        return bool(self._down) or (self.editor.overlay.busy and self.editor.dialog is None)


def pointer_position() -> Point:
    """Return the position of the pointer, in pixels of the window."""
    x, y = dpg.get_mouse_pos(local=False)
    return x, y


def drag_from_palette(editor: Editor, type_: str) -> None:
    """Report to the editor, in every frame, that an entry of the palette is being dragged.

    Args:
        editor: the editor.
        type_: a node type, or ``block:`` and the name of a block.
    """
    camera, (x, y) = editor.camera, pointer_position()
    if 0 <= x - camera.left < camera.width and 0 <= y - camera.top < camera.height:
        editor.handle_pointer(PaletteMove(type_, (x, y), modifiers=held_modifiers()))
    elif editor.overlay.busy:
        editor.handle_pointer(Escape())
