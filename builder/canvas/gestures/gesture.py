"""What all gestures share: their base class, their context, their thresholds.

The reach of ports, edges and borders is defined in `builder.canvas.hit_test`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from math import dist
from typing import ClassVar, NamedTuple, Optional

from builder.canvas.camera import Camera
from builder.canvas.hit_test import SceneIndex
from builder.canvas.intents import Cancel, Commit, Intent, Notify
from builder.canvas.overlay import HitResult, Overlay
from builder.canvas.pointer_events import LEFT, Move, Press, Release
from builder.canvas.scene import Scene
from builder.document.document import Document
from builder.graphics.shapes import Point
from codegen.check.checked_graph import CheckedGraph

DRAG_THRESHOLD = 4.0
"""The distance from which a press becomes a drag, in pixels."""
DOUBLE_CLICK_TIME = 0.3
"""The longest time between the clicks of a double click, in seconds."""
SNAP_DISTANCE = 6.0
"""The distance within which a dragged node snaps to alignment guides, in pixels."""
AUTO_PAN_MARGIN = 24.0
"""The distance to the border of the view within which a drag pans it, in pixels."""
PAN_SPEED = 900.0
"""The speed of auto-panning at the border, in pixels per second."""


@dataclass(frozen=True)
class GestureContext:
    """What gestures read.

    Attributes:
        document: the document, with the preview of the gesture.
        scene: the scene of the document.
        index: the spatial index of the scene.
        camera: the view of the canvas.
        checked: the shapes of the active graph, if they are known.
        editable: the active graph can be edited.
        snap: dragged items snap to the grid and to alignment guides.
    """

    document: Document
    scene: Scene
    index: SceneIndex
    camera: Camera
    checked: CheckedGraph | None
    editable: bool
    snap: bool = True

    def hit(self, pixel: Point) -> HitResult:
        """Find the item at a pixel; in a read-only graph, a port counts as its node."""
        found = self.index.hit(self.camera.to_canvas(pixel), self.camera.zoom)
        if found.end is not None and not self.editable:
            return HitResult(node=found.end.ref.node)
        return found

    def in_view(self) -> Collection[str]:
        """Find the nodes that are in view."""
        return self.index.visible_nodes(self.camera.top_left, self.camera.bottom_right)

    def around(self, pixel: Point, reach: float) -> tuple[Point, Point]:
        """Return two corners, in canvas units, of the square around a pixel."""
        (x, y), distance = self.camera.to_canvas(pixel), reach / self.camera.zoom
        return (x - distance, y - distance), (x + distance, y + distance)


class Step(NamedTuple):
    """The result of an event: the next gesture, None at the end, and what it requests."""

    gesture: Optional["Gesture"]
    intents: tuple[Intent, ...] = ()


@dataclass(frozen=True)
class Gesture:
    """Base of gestures: immutable states, each of which maps an event to the next state.

    Attributes:
        button: the mouse button that is held down; empty if none is.
        auto_pans: the view pans while the pointer is at its border.
    """

    auto_pans: ClassVar[bool] = False

    button: str = LEFT

    def on_press(self, event: Press, context: GestureContext) -> Step:
        """Handle the press of another button."""
        return Step(self)

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Handle a move of the pointer."""
        return Step(self)

    def on_release(self, event: Release, context: GestureContext) -> Step:
        """Handle the release of a button."""
        if event.button != self.button:
            return Step(self)
        return self.on_end(event, context)

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Complete the gesture."""
        return Step(None)

    def on_escape(self, context: GestureContext) -> Step:
        """Cancel the gesture."""
        return Step(None, (Cancel(),))

    def overlay(self, context: GestureContext) -> Overlay:
        """Return what is shown over the scene."""
        return Overlay(busy=True)


def commit_command(
    label: str, before: Document, command: Callable[..., Document], *args: object
) -> Step:
    """End a gesture with one step of the history, if the command changes the model."""
    document = command(before, *args)
    if document.model == before.model:
        return Step(None, (Cancel(),))
    return Step(None, (Commit(label, document),))


def refuse(reason: str) -> Step:
    """End a gesture without a change, and notify the user of the reason."""
    return Step(None, (Cancel(), Notify(reason)))


def is_drag(start: Point, end: Point) -> bool:
    """Return whether a move between two pixels is a drag rather than a click."""
    return dist(start, end) >= DRAG_THRESHOLD


def auto_panned(camera: Camera, pixel: Point, elapsed: float) -> Camera:
    """Pan towards a pointer near the border of the view, faster the nearer it is."""

    def speed(at: float, low: float, length: float) -> float:
        before, behind = low + AUTO_PAN_MARGIN - at, at - (low + length - AUTO_PAN_MARGIN)
        depth = before if before > 0 else -max(behind, 0.0)
        return max(-AUTO_PAN_MARGIN, min(AUTO_PAN_MARGIN, depth)) / AUTO_PAN_MARGIN * PAN_SPEED

    dx = speed(pixel[0], camera.left, camera.width) * elapsed
    dy = speed(pixel[1], camera.top, camera.height) * elapsed
    return camera.panned(dx, dy) if dx or dy else camera


def panned_to(camera: Camera, anchor: Point, pixel: Point) -> Camera:
    """Pan so that a canvas point lies under a pixel."""
    x, y = camera.to_canvas(pixel)
    dx, dy = anchor[0] - x, anchor[1] - y
    if abs(dx) + abs(dy) < 1e-6 / camera.zoom:
        return camera
    return replace(camera, x=camera.x + dx, y=camera.y + dy)
