"""Band: a box is drawn over the canvas, and what lies in it is selected."""

from dataclasses import dataclass, replace

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, joined, toggled
from builder.canvas.intents import Cancel, Choose
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.document.document import EMPTY_SELECTION, Selection
from builder.graphics.shapes import Point


@dataclass(frozen=True)
class Marquee(Gesture):
    """Select nodes partly in a box, and edges wholly in it, while the box is drawn.

    Attributes:
        anchor, at: its corners on the canvas, where it began and where the pointer is.
        before: what was selected before.
        mode: "shift" adds to that, "ctrl" toggles, "" begins anew.
    """

    pans = True

    anchor: Point = (0.0, 0.0)
    at: Point = (0.0, 0.0)
    before: Selection = EMPTY_SELECTION
    mode: str = ""

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Select what the box holds now."""
        at = context.camera.to_canvas(event.pixel)
        low = min(at[0], self.anchor[0]), min(at[1], self.anchor[1])
        high = max(at[0], self.anchor[0]), max(at[1], self.anchor[1])
        found = context.index.inside(low, high)
        if self.mode:
            found = (joined if self.mode == "shift" else toggled)(self.before, found)
        same = found == context.document.selection
        return Step(replace(self, at=at), () if same else (Choose(found),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Keep the selection."""
        return Step(None, self.on_move(Move(event.pixel, event.time), context).intents)

    def on_escape(self, context: GestureContext) -> Step:
        """Select what was selected before."""
        return Step(None, (Cancel(), Choose(self.before)))

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the box."""
        return Overlay(marquee=(self.anchor, self.at), busy=True)
