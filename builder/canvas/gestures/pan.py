"""Pan: drag the canvas under the view."""

from dataclasses import dataclass

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, panned_to
from builder.canvas.intents import SetCamera
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.graphics.shapes import Point


@dataclass(frozen=True)
class Pan(Gesture):
    """Pan the view.

    Attributes:
        anchor: the canvas point that stays under the pointer.
        resumed: the gesture that continues afterwards.
    """

    anchor: Point = (0.0, 0.0)
    resumed: Gesture | None = None

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Keep the anchor under the pointer, even if the view was zoomed meanwhile."""
        camera = panned_to(context.camera, self.anchor, event.pixel)
        return Step(self, () if camera is context.camera else (SetCamera(camera),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Resume the interrupted gesture."""
        return Step(self.resumed, self.on_move(Move(event.pixel, event.time), context).intents)

    def on_escape(self, context: GestureContext) -> Step:
        """Cancel the pan and the interrupted gesture."""
        return self.resumed.on_escape(context) if self.resumed else super().on_escape(context)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the overlay of the interrupted gesture."""
        return self.resumed.overlay(context) if self.resumed else super().overlay(context)
