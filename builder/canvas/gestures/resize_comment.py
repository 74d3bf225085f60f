"""Resize: the corner of a frame or comment follows the pointer."""

from dataclasses import dataclass, field, replace

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, finish
from builder.canvas.intents import Preview
from builder.canvas.pointer_events import Move, Release
from builder.commands import comments
from builder.document.document import Document
from builder.graphics.shapes import Point
from builder.layout.align import on_grid


@dataclass(frozen=True)
class ResizeComment(Gesture):
    """Make a frame or comment larger or smaller.

    Attributes:
        start: the document as it was.
        name: the remark.
        anchor: the canvas point that was taken hold of.
        size: how large it is now.
    """

    pans = True

    start: Document = field(default_factory=Document)
    name: str = ""
    anchor: Point = (0.0, 0.0)
    size: Point | None = None

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Follow the pointer, on the grid unless Ctrl is held."""
        comment = self.start.comments[self.name]
        x, y = context.camera.to_canvas(event.pixel)
        size = comment.width + x - self.anchor[0], comment.height + y - self.anchor[1]
        if context.snap and "ctrl" not in event.held:
            size = on_grid(size[0]), on_grid(size[1])
        if size == self.size:
            return Step(self)
        resized = comments.resize(self.start, self.name, *size)
        return Step(replace(self, size=size), (Preview(resized),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Keep the size."""
        resized = self.on_move(Move(event.pixel, event.time, event.held), context).gesture
        kind = "frame" if self.start.comments[self.name].frame else "comment"
        return finish(f"Resize {kind}", self.start, comments.resize, self.name, *resized.size)
