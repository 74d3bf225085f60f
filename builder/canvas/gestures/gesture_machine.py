"""What the mouse is doing: passes every event to the gesture at hand.

    event -> gesture -> the next gesture, what it wants done, what to show meanwhile

Each gesture has a file of its own in `builder.canvas.gestures`: a value that answers every event
with its successor.  What a press may become is told in `builder.canvas.gestures.press`.
"""

from dataclasses import replace

from builder.canvas.gestures.gesture import Gesture, Sight, Step, at_border, refuse
from builder.canvas.gestures.palette_drag import CarryNode, carry
from builder.canvas.gestures.press import Idle
from builder.canvas.intents import Cancel, Intent, Look, Preview
from builder.canvas.overlay import QUIET, Overlay
from builder.canvas.pointer_events import Carry, Escape, Event, Move, Press, Release
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
        self._seen: Sight | None = None

    def handle(self, event: Event, sight: Sight) -> list[Intent]:
        """Answer an event with what is to be done."""
        if not isinstance(event, Escape):
            time = getattr(event, "time", self._ticked)
            self._pointer = Move(event.pixel, time, event.held)
        gesture = self._gesture
        if isinstance(gesture, CarryNode) and not gesture.concerns(event):
            self._take(Step(None), sight)
        elif self._outdated(sight):
            return self._take(Step(None, (Cancel(),)), sight)
        elif not isinstance(gesture, Idle | CarryNode) and _shows_end(event, gesture):
            return self._take(gesture.on_escape(sight), sight)
        return self._take(self._answer(event, sight), sight)

    def tick(self, now: float, sight: Sight) -> list[Intent]:
        """Let time pass: at the border of the view a drag pans on, until it has found its port."""
        elapsed, self._ticked = min(now - self._ticked, LONGEST_TICK), now
        gesture = self._gesture
        if isinstance(gesture, Idle):
            self._look_again(sight)
            return []
        if self._outdated(sight):
            return self._take(Step(None, (Cancel(),)), sight)
        if not (gesture.pans and gesture.button) or elapsed <= 0 or self.overlay.snapped:
            return []
        camera = at_border(sight.camera, self._pointer.pixel, elapsed)
        if camera is sight.camera:
            return []
        sight = replace(sight, camera=camera)
        return [Look(camera), *self._take(self._answer(self._pointer, sight), sight)]

    # -- one event -------------------------------------------------------------------------------

    def _answer(self, event: Event, sight: Sight) -> Step:
        gesture = self._gesture
        try:
            match event:
                case Press():
                    return gesture.on_press(event, sight)
                case Move():
                    return gesture.on_move(event, sight)
                case Release():
                    return gesture.on_release(event, sight)
                case Carry():
                    return carry(event, sight)
                case Escape():
                    return gesture.on_escape(sight)
        except Refused as refused:
            return refuse(str(refused))

    def _take(self, step: Step, sight: Sight) -> list[Intent]:
        """Go on to the next gesture."""
        self._gesture = step.gesture or Idle()
        shown = [one.document for one in step.intents if isinstance(one, Preview)]
        self._expected = (sight.document, *shown)[-1]
        if isinstance(self._gesture, Idle):
            self._seen = None
            self._look_again(sight)
        else:
            self._show(sight)
        return list(step.intents)

    # -- what may change meanwhile ---------------------------------------------------------------

    def _outdated(self, sight: Sight) -> bool:
        """Tell whether the document was changed by anything but the gesture."""
        if isinstance(self._gesture, Idle):
            return False
        now, expected = sight.document, self._expected
        return now.model is not expected.model or now.place != expected.place

    def _look_again(self, sight: Sight) -> None:
        """Tell what the pointer is over, if that may have changed."""
        seen, self._seen = self._seen, sight
        if seen and seen.scene is sight.scene and seen.camera == sight.camera:
            return
        hit = sight.hit(self._pointer.pixel) if self._pointer else QUIET.hover
        self._gesture = replace(self._gesture, hover=hit)
        self._show(sight)

    def _show(self, sight: Sight) -> None:
        """Show what the gesture tells; what has not changed stays the same object."""
        overlay = self._gesture.overlay(sight)
        if overlay != self.overlay:
            self.overlay = overlay


def _shows_end(event: Event, gesture: Gesture) -> bool:
    """Tell whether an event shows that the release of a gesture was lost."""
    if isinstance(event, Press):
        return event.button == gesture.button
    return isinstance(event, Carry)


__all__ = ["Gestures", "Sight"]
