"""The state machine of mouse gestures.

    event -> gesture -> the next gesture, what it requests, what it shows meanwhile

Each gesture has a file in `builder.canvas.gestures`: an immutable state that maps every event to
the next state.  `builder.canvas.gestures.press` decides which gesture a press starts.
"""

from dataclasses import replace

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, auto_panned, refuse
from builder.canvas.gestures.palette_drag import PaletteDrag, drag_from_palette
from builder.canvas.gestures.press import Idle
from builder.canvas.intents import Cancel, Intent, Preview, SetCamera
from builder.canvas.overlay import NO_HIT, NO_OVERLAY, Overlay
from builder.canvas.pointer_events import Escape, Event, Move, PaletteMove, Press, Release
from builder.document.document import Document, Refused

MAX_TICK = 0.05
"""The longest time that a tick pans for, in seconds: after a pause the view does not jump."""


class GestureMachine:
    """Holds the gesture in progress.

    Attributes:
        overlay: what it shows over the scene.
    """

    def __init__(self) -> None:
        self.overlay: Overlay = NO_OVERLAY
        self._gesture: Gesture = Idle()
        self._pointer: Move | None = None
        self._ticked = 0.0
        self._expected = Document()
        self._hover_context: GestureContext | None = None

    def handle(self, event: Event, context: GestureContext) -> list[Intent]:
        """Dispatch an event to the gesture; return what the gesture requests."""
        if not isinstance(event, Escape):
            time = self._ticked if isinstance(event, PaletteMove) else event.time
            self._pointer = Move(event.pixel, time, event.modifiers)
        gesture = self._gesture
        if isinstance(gesture, PaletteDrag) and not gesture.continues(event):
            self._apply(Step(None), context)
        elif self._outdated(context):
            return self._apply(Step(None, (Cancel(),)), context)
        elif not isinstance(gesture, Idle | PaletteDrag) and _missed_release(event, gesture):
            return self._apply(gesture.on_escape(context), context)
        return self._apply(self._dispatch(event, context), context)

    def tick(self, now: float, context: GestureContext) -> list[Intent]:
        """Pan the view while a drag is at its border, unless the drag has snapped to a port."""
        elapsed, self._ticked = min(now - self._ticked, MAX_TICK), now
        gesture = self._gesture
        if isinstance(gesture, Idle):
            self._update_hover(context)
            return []
        if self._outdated(context):
            return self._apply(Step(None, (Cancel(),)), context)
        pans = gesture.auto_pans and gesture.button and not self.overlay.snapped
        if not pans or elapsed <= 0 or self._pointer is None:
            return []
        camera = auto_panned(context.camera, self._pointer.pixel, elapsed)
        if camera is context.camera:
            return []
        context = replace(context, camera=camera)
        step = self._dispatch(self._pointer, context)
        return [SetCamera(camera), *self._apply(step, context)]

    # -- one event -------------------------------------------------------------------------------

    def _dispatch(self, event: Event, context: GestureContext) -> Step:
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
                    return drag_from_palette(event, context)
                case Escape():
                    return gesture.on_escape(context)
        except Refused as refused:
            return refuse(str(refused))

    def _apply(self, step: Step, context: GestureContext) -> list[Intent]:
        """Switch to the next gesture."""
        self._gesture = step.gesture or Idle()
        previews = [intent.document for intent in step.intents if isinstance(intent, Preview)]
        self._expected = (context.document, *previews)[-1]
        if isinstance(self._gesture, Idle):
            self._hover_context = None
            self._update_hover(context)
        else:
            self._update_overlay(context)
        return list(step.intents)

    # -- changes between events ------------------------------------------------------------------

    def _outdated(self, context: GestureContext) -> bool:
        """Return whether the document was changed by anything but the gesture in progress."""
        if isinstance(self._gesture, Idle):
            return False
        now, expected = context.document, self._expected
        return now.model is not expected.model or now.path != expected.path

    def _update_hover(self, context: GestureContext) -> None:
        """Find the item under the pointer, if the scene or the camera changed."""
        last, self._hover_context = self._hover_context, context
        if last and last.scene is context.scene and last.camera == context.camera:
            return
        if isinstance(self._gesture, Idle):
            hit = context.hit(self._pointer.pixel) if self._pointer else NO_HIT
            self._gesture = replace(self._gesture, hover=hit)
        self._update_overlay(context)

    def _update_overlay(self, context: GestureContext) -> None:
        """Update the overlay; an equal one stays the same object."""
        overlay = self._gesture.overlay(context)
        if overlay != self.overlay:
            self.overlay = overlay


def _missed_release(event: Event, gesture: Gesture) -> bool:
    """Return whether an event can only follow a release that was not received."""
    if isinstance(event, Press):
        return event.button == gesture.button
    return isinstance(event, PaletteMove)


__all__ = ["GestureContext", "GestureMachine"]
