"""Pan: the canvas follows the hand."""

from dataclasses import dataclass

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, holding
from builder.canvas.intents import Look
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.graphics.shapes import Point


@dataclass(frozen=True)
class Pan(Gesture):
    """Move the canvas under the view.

    Attributes:
        anchor: the canvas point that stays under the pointer.
        back: the gesture that goes on afterwards.
    """

    anchor: Point = (0.0, 0.0)
    back: Gesture | None = None

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Keep the point that was taken hold of under the pointer, zoomed meanwhile or not."""
        camera = holding(context.camera, self.anchor, event.pixel)
        return Step(self, () if camera is context.camera else (Look(camera),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Let go."""
        return Step(self.back, self.on_move(Move(event.pixel, event.time), context).intents)

    def on_escape(self, context: GestureContext) -> Step:
        """Let go, and give up what was to go on."""
        return self.back.on_escape(context) if self.back else super().on_escape(context)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show what was there before."""
        return self.back.overlay(context) if self.back else super().overlay(context)
