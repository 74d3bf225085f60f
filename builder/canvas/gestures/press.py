"""Press: between gestures, and from a press to the click or the drag that it becomes."""

from dataclasses import dataclass, field

from builder.canvas.gestures.connect import ConnectDrag, MoveEdges, Reconnect
from builder.canvas.gestures.cut_edges import CutTool
from builder.canvas.gestures.gesture import (
    TWICE,
    Gesture,
    GestureContext,
    Step,
    far,
    finish,
    joined,
    picked,
    refuse,
    toggled,
)
from builder.canvas.gestures.marquee import Marquee
from builder.canvas.gestures.move_nodes import MoveNodes
from builder.canvas.gestures.pan import Pan
from builder.canvas.gestures.resize_comment import ResizeComment
from builder.canvas.intents import Ask, Choose, Visit
from builder.canvas.overlay import EMPTY, HitResult, Overlay
from builder.canvas.pointer_events import LEFT, MIDDLE, RIGHT, Move, Press, Release
from builder.commands import edges
from builder.dialogs.dialog import AddNode, Menu, Rename
from builder.document.document import EMPTY_SELECTION, READ_ONLY
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from nodes.core.graphs.graph import PortRef


@dataclass(frozen=True)
class Idle(Gesture):
    """Nothing is going on; what the pointer is over is told.

    Attributes:
        hover: what that is.
        clicked: the press of the click before, which another may make a double click.
    """

    button: str = ""
    hover: HitResult = EMPTY
    clicked: Press | None = None

    def on_press(self, event: Press, context: GestureContext) -> Step:
        """Begin; what a press on a node may mean, its selection, is done at once."""
        anchor = context.camera.to_canvas(event.pixel)
        if event.button == MIDDLE or (event.button == LEFT and "space" in event.held):
            return Step(Pan(event.button, anchor))
        if event.button == LEFT and "y" in event.held and context.editable:
            return Step(CutTool(LEFT, (anchor,)))
        hit, chosen = context.hit(event.pixel), context.document.selection
        one = picked(hit)
        was = joined(chosen, one) == chosen
        pressed = Pressed(event.button, event, anchor, hit, was, self._makes_two(event))
        if was or hit.edge or event.button != LEFT:
            return Step(pressed)
        adds = event.held & {"shift", "ctrl"}
        return Step(pressed, (Choose(joined(chosen, one) if adds else one),))

    def on_escape(self, context: GestureContext) -> Step:
        """Stay."""
        return Step(self)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show what the pointer is over."""
        return Overlay(hover=self.hover)

    def _makes_two(self, event: Press) -> bool:
        """Tell whether a press is the second of a double click."""
        last = self.clicked
        if last is None or last.button != event.button or last.held or event.held:
            return False
        return event.time - last.time <= TWICE and not far(last.pixel, event.pixel)


@dataclass(frozen=True)
class Pressed(Gesture):
    """A button is down: it becomes a click if it comes up here, else a drag.

    Attributes:
        press: how it began.
        anchor: where on the canvas.
        hit: what was there.
        was: that was selected already.
        again: it follows a click so closely that both are one double click.
    """

    press: Press = field(default_factory=lambda: Press(LEFT, (0.0, 0.0), 0.0))
    anchor: Point = (0.0, 0.0)
    hit: HitResult = EMPTY
    was: bool = False
    again: bool = False

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Become a drag once the pointer is far enough."""
        if not far(self.press.pixel, event.pixel):
            return Step(self)
        begun = self._drag(context)
        if begun.gesture is None:
            return begun
        gone = begun.gesture.on_move(event, context)
        return Step(gone.gesture, begun.intents + gone.intents)

    def on_release(self, event: Release, context: GestureContext) -> Step:
        """Become a click, or a drag that was too fast to be seen."""
        if event.button != self.button:
            return Step(self)
        if far(self.press.pixel, event.pixel):
            begun = self.on_move(Move(event.pixel, event.time, event.held), context)
            if begun.gesture is None:
                return begun
            ended = begun.gesture.on_release(event, context)
            return Step(ended.gesture, begun.intents + ended.intents)
        if self.button == RIGHT:
            return self._right_click(context)
        step = self._double_click(context) if self.again else self._click(context)
        return step._replace(
            gesture=step.gesture or Idle(clicked=None if self.again else self.press)
        )

    def overlay(self, context: GestureContext) -> Overlay:
        """Show what was pressed."""
        return Overlay(hover=self.hit, busy=True)

    # -- drags -----------------------------------------------------------------------------------

    def _drag(self, context: GestureContext) -> Step:
        held, hit = self.press.held, self.hit
        if self.button == RIGHT:
            cuts = "ctrl" in held and context.editable
            return Step(CutTool(RIGHT, (self.anchor,)) if cuts else Pan(RIGHT, self.anchor))
        if hit.node or hit.comment:
            return self._drag_thing(context)
        if context.editable and (hit.end or hit.near_end or (hit.edge and "shift" in held)):
            return self._drag_edge(context)
        mode = "shift" if "shift" in held else "ctrl" if "ctrl" in held else ""
        return Step(Marquee(LEFT, self.anchor, self.anchor, context.document.selection, mode))

    def _drag_thing(self, context: GestureContext) -> Step:
        if not context.editable:
            return refuse(READ_ONLY)
        if self.hit.corner:
            return Step(ResizeComment(LEFT, context.document, self.hit.comment, self.anchor))
        if "alt" in self.press.held:
            return MoveNodes.copies(self.anchor, context)
        return MoveNodes.begin(self.anchor, context)

    def _drag_edge(self, context: GestureContext) -> Step:
        hit, held = self.hit, self.press.held
        if hit.edge and "shift" in held:
            return ConnectDrag.begin(
                PortEnd(context.document.graph.edges[hit.edge], False), context
            )
        if hit.edge:
            return Reconnect.take(hit.edge, context)
        targets = edges_of(hit.end, context)
        if targets and hit.end.is_input:
            return Reconnect.take(hit.end.ref, context)
        if targets and "ctrl" in held:
            return MoveEdges.take(hit.end.ref, targets, context)
        return ConnectDrag.begin(hit.end, context)

    # -- clicks ----------------------------------------------------------------------------------

    def _click(self, context: GestureContext) -> Step:
        hit, held = self.hit, self.press.held
        chosen, one = context.document.selection, picked(hit)
        if hit.end:
            return self._click_port(hit.end, context)
        if not hit:
            cleared = chosen if held & {"shift", "ctrl"} else EMPTY_SELECTION
        elif "ctrl" in held:
            # A node that was not selected became so when it was pressed.
            cleared = toggled(chosen, one) if self.was or hit.edge else chosen
        elif "shift" in held:
            cleared = joined(chosen, one)
        else:
            cleared = one
        return Step(None, () if cleared == chosen else (Choose(cleared),))

    def _click_port(self, end: PortEnd, context: GestureContext) -> Step:
        if "alt" not in self.press.held:
            return ConnectDrag.begin(end, context, button="")
        targets = edges_of(end, context)
        if not targets:
            return Step(None)
        return finish(f"Disconnect {end.ref}", context.document, edges.disconnect, targets)

    def _double_click(self, context: GestureContext) -> Step:
        hit, pixel = self.hit, self.press.pixel
        figure = context.scene.nodes.get(hit.node)
        if hit.end:
            return self._click(context)
        if hit.comment:
            return self._ask(Rename(pixel, comment=hit.comment), context)
        if figure and hit.title and context.editable:
            corner = context.camera.to_window(context.scene.positions[hit.node])
            return self._ask(Rename(corner, node=hit.node), context)
        if figure and figure.enterable:
            return Step(None, (Visit((*context.document.path, hit.node)),))
        if figure:
            return self._click(context)
        return self._ask(AddNode(self.anchor, pixel, edge=hit.edge), context)

    def _ask(self, dialog: AddNode | Rename, context: GestureContext) -> Step:
        return Step(None, (Ask(dialog),)) if context.editable else refuse(READ_ONLY)

    def _right_click(self, context: GestureContext) -> Step:
        """Open the menu of what is here, and select that, so that what the menu does is for it."""
        hit, intents = self.hit, []
        if not hit:
            return self._ask(AddNode(self.anchor, self.press.pixel), context)
        if not hit.end and not self.was:
            intents.append(Choose(picked(hit)))
        menu = Menu(self.press.pixel, self.anchor, hit.node, hit.edge, hit.end, hit.comment)
        return Step(None, (*intents, Ask(menu)))


def edges_of(end: PortEnd, context: GestureContext) -> list[PortRef]:
    """List the targets of the edges at a port."""
    every = context.document.graph.edges
    if end.is_input:
        return [end.ref] if end.ref in every else []
    return [target for target, source in every.items() if source == end.ref]
