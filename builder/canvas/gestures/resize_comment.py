"""Resize a frame or comment by its lower right corner."""

from dataclasses import dataclass, field, replace

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, commit_command
from builder.canvas.intents import Preview
from builder.canvas.pointer_events import Modifiers, Move, Release
from builder.commands import comments
from builder.document.document import Document
from builder.graphics.shapes import Point
from builder.layout.align import on_grid


@dataclass(frozen=True)
class ResizeComment(Gesture):
    """Resize a frame or comment.

    Attributes:
        before: the document before the gesture.
        name: the comment.
        anchor: the canvas point where the drag began.
        size: the current size; None before the first move.
    """

    auto_pans = True

    before: Document = field(default_factory=Document)
    name: str = ""
    anchor: Point = (0.0, 0.0)
    size: Point | None = None

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Follow the pointer, on the grid unless Ctrl is down."""
        size = self._size_at(event.pixel, event.modifiers, context)
        if size == self.size:
            return Step(self)
        resized = comments.resize(self.before, self.name, *size)
        return Step(replace(self, size=size), (Preview(resized),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Commit the size."""
        size = self._size_at(event.pixel, event.modifiers, context)
        kind = "frame" if self.before.comments[self.name].frame else "comment"
        return commit_command(f"Resize {kind}", self.before, comments.resize, self.name, *size)

    def _size_at(self, pixel: Point, modifiers: Modifiers, context: GestureContext) -> Point:
        comment = self.before.comments[self.name]
        x, y = context.camera.to_canvas(pixel)
        width, height = comment.width + x - self.anchor[0], comment.height + y - self.anchor[1]
        if context.snap and "ctrl" not in modifiers:
            return on_grid(width), on_grid(height)
        return width, height
