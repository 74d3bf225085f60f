"""Turns what the mouse does in the window into events of the canvas.

Handlers are called for every press and release, however short a click is; between them the pointer
is looked at once a frame.
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
from builder.view.widgets.key_input import held_keys

Tag = int | str

_BUTTONS = {
    dpg.mvMouseButton_Left: LEFT,
    dpg.mvMouseButton_Right: RIGHT,
    dpg.mvMouseButton_Middle: MIDDLE,
}
AWAY: Point = (-1e6, -1e6)
"""Where the pointer is, for the canvas, while it is over something else."""
NOTCH = 1.1
"""How much one notch of the wheel zooms."""


class Mouse:
    """Passes the mouse on to the editor while the pointer is over the canvas, or holds on to it.

    Args:
        editor: the editor.
        plot: what is the canvas.
    """

    def __init__(self, editor: Editor, plot: Tag) -> None:
        self.editor, self.plot = editor, plot
        self._down: set[str] = set()
        self._last: Move | None = None
        with dpg.handler_registry():
            dpg.add_mouse_move_handler(callback=self._moved)
            dpg.add_mouse_click_handler(callback=self._pressed)
            dpg.add_mouse_release_handler(callback=self._released)
            dpg.add_mouse_wheel_handler(callback=self._turned)
        dpg.configure_item(plot, payload_type="node", drop_callback=self._dropped)

    @property
    def over(self) -> bool:
        """Tell whether the pointer is over the canvas, with nothing in between."""
        return dpg.is_item_hovered(self.plot)

    def update(self) -> None:
        """Tell of keys that are pressed or let go while the pointer rests."""
        self._moved()

    def _moved(self) -> None:
        pixel = pointer() if self.over or self._holds() else AWAY
        self._send(Move(pixel, time.monotonic(), held_keys()))

    def _send(self, move: Move) -> None:
        if self._last is None or replace(self._last, time=move.time) != move:
            self._last = move
            self.editor.handle_pointer(move)

    def _pressed(self, _sender: object, number: int) -> None:
        button = _BUTTONS.get(number)
        if button and self.over:
            self._moved()
            self._down.add(button)
            self.editor.handle_pointer(Press(button, pointer(), time.monotonic(), held_keys()))

    def _released(self, _sender: object, number: int) -> None:
        button = _BUTTONS.get(number)
        if button in self._down:
            self._moved()
            self._down.discard(button)
            self.editor.handle_pointer(Release(button, pointer(), time.monotonic(), held_keys()))

    def _turned(self, _sender: object, notches: int) -> None:
        if self.over:
            self.editor.camera = self.editor.camera.zoomed(NOTCH**notches, pointer())

    def _dropped(self, _sender: object, type_: str) -> None:
        self.editor.handle_pointer(
            PaletteMove(type_, pointer(), dropped=True, modifiers=held_keys())
        )

    def _holds(self) -> bool:
        """Tell whether a gesture goes on, wherever the pointer goes."""
        return bool(self._down) or (self.editor.overlay.busy and self.editor.dialog is None)


def pointer() -> Point:
    """Tell where the pointer is, in pixels of the window."""
    x, y = dpg.get_mouse_pos(local=False)
    return x, y


def carry(editor: Editor, type_: str) -> None:
    """Tell the editor, in every frame, that something from the palette is being carried.

    Args:
        editor: the editor.
        type_: a node type, or ``block:`` and the name of a block.
    """
    camera, (x, y) = editor.camera, pointer()
    if 0 <= x - camera.left < camera.width and 0 <= y - camera.top < camera.height:
        editor.handle_pointer(PaletteMove(type_, (x, y), modifiers=held_keys()))
    elif editor.overlay.busy:
        editor.handle_pointer(Escape())
