"""Marquee selection: drag a box over the items to select."""

from dataclasses import dataclass, replace

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step
from builder.canvas.intents import Cancel, Select
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.canvas.selection_sets import symmetric_difference, union
from builder.document.document import EMPTY_SELECTION, Selection
from builder.graphics.shapes import Point


@dataclass(frozen=True)
class Marquee(Gesture):
    """Select the nodes that a box touches and the edges inside it.

    Attributes:
        anchor, at: two corners on the canvas: the start, and the pointer.
        before: the selection before the gesture.
        mode: "shift" adds to that selection, "ctrl" toggles, "" replaces it.
    """

    auto_pans = True

    anchor: Point = (0.0, 0.0)
    at: Point = (0.0, 0.0)
    before: Selection = EMPTY_SELECTION
    mode: str = ""

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Select the items in the box."""
        at = context.camera.to_canvas(event.pixel)
        low = min(at[0], self.anchor[0]), min(at[1], self.anchor[1])
        high = max(at[0], self.anchor[0]), max(at[1], self.anchor[1])
        selection = context.index.select_in_box(low, high)
        if self.mode:
            combine = union if self.mode == "shift" else symmetric_difference
            selection = combine(self.before, selection)
        unchanged = selection == context.document.selection
        return Step(replace(self, at=at), () if unchanged else (Select(selection),))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Keep the selection."""
        return Step(None, self.on_move(Move(event.pixel, event.time), context).intents)

    def on_escape(self, context: GestureContext) -> Step:
        """Restore the selection."""
        return Step(None, (Cancel(), Select(self.before)))

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the box."""
        return Overlay(marquee=(self.anchor, self.at), busy=True)
