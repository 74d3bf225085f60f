"""What the mouse is doing: passes every event to the gesture at hand.

    event -> gesture -> the next gesture, what it wants done, what to show meanwhile

Each gesture has a file of its own in `builder.canvas.gestures`: a value that answers every event
with its successor.  What a press may become is told in `builder.canvas.gestures.press`.
"""

from dataclasses import replace

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, at_border, refuse
from builder.canvas.gestures.palette_drag import PaletteDrag, carry
from builder.canvas.gestures.press import Idle
from builder.canvas.intents import Cancel, Intent, Look, Preview
from builder.canvas.overlay import QUIET, Overlay
from builder.canvas.pointer_events import Escape, Event, Move, PaletteMove, Press, Release
from builder.document.document import Document, Refused

LONGEST_TICK = 0.05
"""For how many seconds at most the view pans at once, so that a halt makes no leap."""


class Gestures:
    """Holds the gesture at hand.

    Attributes:
        overlay: what it shows over the graph.
    """

    def __init__(self) -> None:
        self.overlay: Overlay = QUIET
        self._gesture: Gesture = Idle()
        self._pointer: Move | None = None
        self._ticked = 0.0
        self._expected = Document()
        self._seen: GestureContext | None = None

    def handle(self, event: Event, context: GestureContext) -> list[Intent]:
        """Answer an event with what is to be done."""
        if not isinstance(event, Escape):
            time = getattr(event, "time", self._ticked)
            self._pointer = Move(event.pixel, time, event.held)
        gesture = self._gesture
        if isinstance(gesture, PaletteDrag) and not gesture.concerns(event):
            self._take(Step(None), context)
        elif self._outdated(context):
            return self._take(Step(None, (Cancel(),)), context)
        elif not isinstance(gesture, Idle | PaletteDrag) and _shows_end(event, gesture):
            return self._take(gesture.on_escape(context), context)
        return self._take(self._answer(event, context), context)

    def tick(self, now: float, context: GestureContext) -> list[Intent]:
        """Let time pass: at the border of the view a drag pans on, until it has found its port."""
        elapsed, self._ticked = min(now - self._ticked, LONGEST_TICK), now
        gesture = self._gesture
        if isinstance(gesture, Idle):
            self._look_again(context)
            return []
        if self._outdated(context):
            return self._take(Step(None, (Cancel(),)), context)
        if not (gesture.pans and gesture.button) or elapsed <= 0 or self.overlay.snapped:
            return []
        camera = at_border(context.camera, self._pointer.pixel, elapsed)
        if camera is context.camera:
            return []
        context = replace(context, camera=camera)
        return [Look(camera), *self._take(self._answer(self._pointer, context), context)]

    # -- one event -------------------------------------------------------------------------------

    def _answer(self, event: Event, context: GestureContext) -> Step:
        gesture = self._gesture
        try:
            match event:
                case Press():
                    return gesture.on_press(event, context)
                case Move():
                    return gesture.on_move(event, context)
                case Release():
                    return gesture.on_release(event, context)
                case PaletteMove():
                    return carry(event, context)
                case Escape():
                    return gesture.on_escape(context)
        except Refused as refused:
            return refuse(str(refused))

    def _take(self, step: Step, context: GestureContext) -> list[Intent]:
        """Go on to the next gesture."""
        self._gesture = step.gesture or Idle()
        shown = [one.document for one in step.intents if isinstance(one, Preview)]
        self._expected = (context.document, *shown)[-1]
        if isinstance(self._gesture, Idle):
            self._seen = None
            self._look_again(context)
        else:
            self._show(context)
        return list(step.intents)

    # -- what may change meanwhile ---------------------------------------------------------------

    def _outdated(self, context: GestureContext) -> bool:
        """Tell whether the document was changed by anything but the gesture."""
        if isinstance(self._gesture, Idle):
            return False
        now, expected = context.document, self._expected
        return now.model is not expected.model or now.path != expected.path

    def _look_again(self, context: GestureContext) -> None:
        """Tell what the pointer is over, if that may have changed."""
        seen, self._seen = self._seen, context
        if seen and seen.scene is context.scene and seen.camera == context.camera:
            return
        hit = context.hit(self._pointer.pixel) if self._pointer else QUIET.hover
        self._gesture = replace(self._gesture, hover=hit)
        self._show(context)

    def _show(self, context: GestureContext) -> None:
        """Show what the gesture tells; what has not changed stays the same object."""
        overlay = self._gesture.overlay(context)
        if overlay != self.overlay:
            self.overlay = overlay


def _shows_end(event: Event, gesture: Gesture) -> bool:
    """Tell whether an event shows that the release of a gesture was lost."""
    if isinstance(event, Press):
        return event.button == gesture.button
    return isinstance(event, PaletteMove)


__all__ = ["GestureContext", "Gestures"]
