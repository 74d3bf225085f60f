"""What all gestures share: what they see, what they answer, and from where on they count.

How near to a port, an edge or a border is near enough, `builder.canvas.hit_test` says.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from math import dist
from typing import ClassVar, NamedTuple, Optional

from builder.canvas.camera import Camera
from builder.canvas.hit_test import Index
from builder.canvas.intents import Cancel, Commit, Intent, Tell
from builder.canvas.overlay import HitResult, Overlay
from builder.canvas.pointer_events import LEFT, Move, Press, Release
from builder.canvas.scene import Scene
from builder.document.document import Document, Selection
from builder.graphics.shapes import Point
from codegen.check.inference import CheckedGraph

DRAG = 4.0
"""How far the pointer goes before a press is a drag, in pixels."""
TWICE = 0.3
"""How soon a second click makes a double click, in seconds."""
LINE_UP = 6.0
"""How near to its neighbours' lines a moved node is drawn to them, in pixels."""
BORDER = 24.0
"""How near to the border of the view a drag makes it pan, in pixels."""
PAN_SPEED = 900.0
"""How fast it pans at the border itself, in pixels a second."""


@dataclass(frozen=True)
class GestureContext:
    """What a gesture sees.

    Attributes:
        document: the document, a preview included.
        scene: what is drawn of it.
        index: what lies where in the scene.
        camera: where it is looked at from.
        checked: the flows of the graph that is shown, where they are known.
        editable: the graph that is shown is the user's own.
        snap: what is moved is drawn to the grid and to its neighbours.
    """

    document: Document
    scene: Scene
    index: Index
    camera: Camera
    checked: CheckedGraph | None
    editable: bool
    snap: bool = True

    def hit(self, pixel: Point) -> HitResult:
        """Tell what lies under a pixel; what cannot be wired has no ports to take hold of."""
        found = self.index.hit(self.camera.to_canvas(pixel), self.camera.zoom)
        if found.end is not None and not self.editable:
            return HitResult(node=found.end.ref.node)
        return found

    def in_view(self) -> Collection[str]:
        """Name the nodes that are in view."""
        return self.index.visible(self.camera.low, self.camera.high)

    def around(self, pixel: Point, reach: float) -> tuple[Point, Point]:
        """Give the corners of the square around a pixel, on the canvas."""
        (x, y), far = self.camera.to_canvas(pixel), reach / self.camera.zoom
        return (x - far, y - far), (x + far, y + far)


class Step(NamedTuple):
    """What comes of an event: the gesture from now on, None where it has ended, and its wishes."""

    gesture: Optional["Gesture"]
    intents: tuple[Intent, ...] = ()


@dataclass(frozen=True)
class Gesture:
    """Base of the gestures: values, each of which answers an event with the next.

    Attributes:
        button: the button that is held down for it; empty if none is.
        pans: the view moves on while the pointer is at its border.
    """

    pans: ClassVar[bool] = False

    button: str = LEFT

    def on_press(self, event: Press, context: GestureContext) -> Step:
        """Answer another button than the one that is held."""
        return Step(self)

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Follow the pointer."""
        return Step(self)

    def on_release(self, event: Release, context: GestureContext) -> Step:
        """Answer a button that comes up."""
        if event.button != self.button:
            return Step(self)
        return self.on_end(event, context)

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Do what the gesture was made for."""
        return Step(None)

    def on_escape(self, context: GestureContext) -> Step:
        """Leave all as it was."""
        return Step(None, (Cancel(),))

    def overlay(self, context: GestureContext) -> Overlay:
        """Tell what to show over the graph."""
        return Overlay(busy=True)


def finish(label: str, before: Document, command: Callable[..., Document], *args: object) -> Step:
    """End with one step of the history, if the command changes anything."""
    document = command(before, *args)
    if document.model == before.model:
        return Step(None, (Cancel(),))
    return Step(None, (Commit(label, document),))


def refuse(reason: str) -> Step:
    """End without having changed anything, and say why."""
    return Step(None, (Cancel(), Tell(reason)))


def far(one: Point, other: Point) -> bool:
    """Tell whether two pixels are so far apart that what lies between them is a drag."""
    return dist(one, other) >= DRAG


def picked(hit: HitResult) -> Selection:
    """Select just what was hit."""
    return Selection(
        frozenset({hit.node} - {""}),
        frozenset({hit.edge} - {None}),
        frozenset({hit.comment} - {""}),
    )


def joined(one: Selection, other: Selection) -> Selection:
    """Select what either selects."""
    return Selection(
        one.nodes | other.nodes, one.edges | other.edges, one.comments | other.comments
    )


def toggled(one: Selection, other: Selection) -> Selection:
    """Select what just one of both selects."""
    return Selection(
        one.nodes ^ other.nodes, one.edges ^ other.edges, one.comments ^ other.comments
    )


def told(selection: Selection) -> str:
    """Name what is selected for a label: "lstm", "3 nodes", "4 things"."""
    found = [*selection.nodes, *map(str, selection.edges), *selection.comments]
    if len(found) == 1:
        return found[0]
    return f"{len(found)} {'nodes' if len(found) == len(selection.nodes) else 'things'}"


def at_border(camera: Camera, pixel: Point, elapsed: float) -> Camera:
    """Pan towards a pointer at the border of the view, the faster the nearer it is."""

    def push(at: float, low: float, length: float) -> float:
        before, behind = low + BORDER - at, at - (low + length - BORDER)
        depth = before if before > 0 else -max(behind, 0.0)
        return max(-BORDER, min(BORDER, depth)) / BORDER * PAN_SPEED * elapsed

    dx = push(pixel[0], camera.left, camera.width)
    dy = push(pixel[1], camera.top, camera.height)
    return camera.panned(dx, dy) if dx or dy else camera


def holding(camera: Camera, anchor: Point, pixel: Point) -> Camera:
    """Move the canvas so that a point of it lies under a pixel."""
    x, y = camera.to_canvas(pixel)
    dx, dy = anchor[0] - x, anchor[1] - y
    if abs(dx) + abs(dy) < 1e-6 / camera.zoom:
        return camera
    return replace(camera, x=camera.x + dx, y=camera.y + dy)
