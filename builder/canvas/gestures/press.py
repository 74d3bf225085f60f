"""The idle state, and the press of a button until it becomes a click or a drag."""

from dataclasses import dataclass, field

from builder.canvas.gestures.connect import ConnectDrag, MoveEdges, Reconnect
from builder.canvas.gestures.cut_edges import CutTool
from builder.canvas.gestures.gesture import (
    DOUBLE_CLICK_TIME,
    Gesture,
    GestureContext,
    Step,
    commit_command,
    is_drag,
    refuse,
)
from builder.canvas.gestures.marquee import Marquee
from builder.canvas.gestures.move_nodes import MoveNodes
from builder.canvas.gestures.pan import Pan
from builder.canvas.gestures.resize_comment import ResizeComment
from builder.canvas.intents import Intent, OpenDialog, OpenGraph, Select
from builder.canvas.overlay import NO_HIT, HitResult, Overlay
from builder.canvas.pointer_events import LEFT, MIDDLE, RIGHT, Move, Press, Release
from builder.canvas.selection_sets import hit_selection, symmetric_difference, union
from builder.commands import edges
from builder.dialogs.dialog import AddNode, Menu, Rename
from builder.document.document import EMPTY_SELECTION, READ_ONLY
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from nodes.core.graphs.graph import PortRef


@dataclass(frozen=True)
class Idle(Gesture):
    """No gesture is in progress.

    Attributes:
        hover: the item under the pointer.
        clicked: the press of the last click, which may be the first of a double click.
    """

    button: str = ""
    hover: HitResult = NO_HIT
    clicked: Press | None = None

    def on_press(self, event: Press, context: GestureContext) -> Step:
        """Start a gesture; an item is selected on press, before its drag."""
        anchor = context.camera.to_canvas(event.pixel)
        if event.button == MIDDLE or (event.button == LEFT and "space" in event.modifiers):
            return Step(Pan(event.button, anchor))
        if event.button == LEFT and "y" in event.modifiers and context.editable:
            return Step(CutTool(LEFT, (anchor,)))
        hit, selection = context.hit(event.pixel), context.document.selection
        item = hit_selection(hit)
        was_selected = union(selection, item) == selection
        double = self._is_double_click(event)
        pressed = Pressed(event.button, event, anchor, hit, was_selected, double)
        if was_selected or hit.edge or event.button != LEFT:
            return Step(pressed)
        adds = event.modifiers & {"shift", "ctrl"}
        return Step(pressed, (Select(union(selection, item) if adds else item),))

    def on_escape(self, context: GestureContext) -> Step:
        """Do nothing."""
        return Step(self)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the item under the pointer."""
        return Overlay(hover=self.hover)

    def _is_double_click(self, event: Press) -> bool:
        """Return whether a press is the second of a double click."""
        last = self.clicked
        if last is None or last.button != event.button or last.modifiers or event.modifiers:
            return False
        return event.time - last.time <= DOUBLE_CLICK_TIME and not is_drag(last.pixel, event.pixel)


@dataclass(frozen=True)
class Pressed(Gesture):
    """A button is down, and the pointer has not moved far enough for a drag.

    Attributes:
        press: the press.
        anchor: the canvas point of the press.
        hit: the item there.
        was_selected: the item was selected before the press.
        is_double_click: the press is the second of a double click.
    """

    press: Press = field(default_factory=lambda: Press(LEFT, (0.0, 0.0), 0.0))
    anchor: Point = (0.0, 0.0)
    hit: HitResult = NO_HIT
    was_selected: bool = False
    is_double_click: bool = False

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Start a drag beyond the drag threshold."""
        if not is_drag(self.press.pixel, event.pixel):
            return Step(self)
        begun = self._drag(context)
        if begun.gesture is None:
            return begun
        moved = begun.gesture.on_move(event, context)
        return Step(moved.gesture, begun.intents + moved.intents)

    def on_release(self, event: Release, context: GestureContext) -> Step:
        """Complete a click, or a drag without any move in between."""
        if event.button != self.button:
            return Step(self)
        if is_drag(self.press.pixel, event.pixel):
            begun = self.on_move(Move(event.pixel, event.time, event.modifiers), context)
            if begun.gesture is None:
                return begun
            ended = begun.gesture.on_release(event, context)
            return Step(ended.gesture, begun.intents + ended.intents)
        if self.button == RIGHT:
            return self._right_click(context)
        step = self._double_click(context) if self.is_double_click else self._click(context)
        idle = Idle(clicked=None if self.is_double_click else self.press)
        return step._replace(gesture=step.gesture or idle)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the pressed item."""
        return Overlay(hover=self.hit, busy=True)

    # -- drags -----------------------------------------------------------------------------------

    def _drag(self, context: GestureContext) -> Step:
        modifiers, hit = self.press.modifiers, self.hit
        if self.button == RIGHT:
            cuts = "ctrl" in modifiers and context.editable
            return Step(CutTool(RIGHT, (self.anchor,)) if cuts else Pan(RIGHT, self.anchor))
        if hit.node or hit.comment:
            return self._drag_item(context)
        if context.editable and hit.end:
            return self._drag_port(hit.end, context)
        if context.editable and hit.edge and (hit.near_end or "shift" in modifiers):
            return self._drag_edge(hit.edge, context)
        mode = "shift" if "shift" in modifiers else "ctrl" if "ctrl" in modifiers else ""
        return Step(Marquee(LEFT, self.anchor, self.anchor, context.document.selection, mode))

    def _drag_item(self, context: GestureContext) -> Step:
        if not context.editable:
            return refuse(READ_ONLY)
        if self.hit.corner:
            return Step(ResizeComment(LEFT, context.document, self.hit.comment, self.anchor))
        if "alt" in self.press.modifiers:
            return MoveNodes.copies(self.anchor, context)
        return MoveNodes.begin(self.anchor, context)

    def _drag_port(self, end: PortEnd, context: GestureContext) -> Step:
        targets = edges_of(end, context)
        if targets and end.is_input:
            return Reconnect.detach(end.ref, context)
        if targets and "ctrl" in self.press.modifiers:
            return MoveEdges.detach(end.ref, targets, context)
        return ConnectDrag.begin(end, context)

    def _drag_edge(self, target: PortRef, context: GestureContext) -> Step:
        if "shift" in self.press.modifiers:
            source = context.document.graph.edges[target]
            return ConnectDrag.begin(PortEnd(source, False), context)
        return Reconnect.detach(target, context)

    # -- clicks ----------------------------------------------------------------------------------

    def _click(self, context: GestureContext) -> Step:
        hit, modifiers = self.hit, self.press.modifiers
        before, item = context.document.selection, hit_selection(hit)
        if hit.end:
            return self._click_port(hit.end, context)
        if not hit:
            selection = before if modifiers & {"shift", "ctrl"} else EMPTY_SELECTION
        elif "ctrl" in modifiers:
            # An item that was not selected was selected on press.
            toggles = self.was_selected or hit.edge
            selection = symmetric_difference(before, item) if toggles else before
        elif "shift" in modifiers:
            selection = union(before, item)
        else:
            selection = item
        return Step(None, () if selection == before else (Select(selection),))

    def _click_port(self, end: PortEnd, context: GestureContext) -> Step:
        if "alt" not in self.press.modifiers:
            return ConnectDrag.begin(end, context, button="")
        targets = edges_of(end, context)
        if not targets:
            return Step(None)
        return commit_command(f"Disconnect {end.ref}", context.document, edges.disconnect, targets)

    def _double_click(self, context: GestureContext) -> Step:
        hit, pixel = self.hit, self.press.pixel
        card = context.scene.nodes.get(hit.node)
        if hit.end:
            return self._click(context)
        if hit.comment:
            return self._open_dialog(Rename(pixel, comment=hit.comment), context)
        if card and hit.title and context.editable:
            corner = context.camera.to_window(context.scene.positions[hit.node])
            return self._open_dialog(Rename(corner, node=hit.node), context)
        if card and card.enterable:
            return Step(None, (OpenGraph((*context.document.path, hit.node)),))
        if card:
            return self._click(context)
        return self._open_dialog(AddNode(self.anchor, pixel, edge=hit.edge), context)

    def _open_dialog(self, dialog: AddNode | Rename, context: GestureContext) -> Step:
        return Step(None, (OpenDialog(dialog),)) if context.editable else refuse(READ_ONLY)

    def _right_click(self, context: GestureContext) -> Step:
        """Open the context menu of the item, and select the item that the menu acts on."""
        hit = self.hit
        if not hit:
            return self._open_dialog(AddNode(self.anchor, self.press.pixel), context)
        selects = not hit.end and not self.was_selected
        intents: tuple[Intent, ...] = (Select(hit_selection(hit)),) if selects else ()
        menu = Menu(self.press.pixel, self.anchor, hit.node, hit.edge, hit.end, hit.comment)
        return Step(None, (*intents, OpenDialog(menu)))


def edges_of(end: PortEnd, context: GestureContext) -> list[PortRef]:
    """List the targets of the edges at a port."""
    every = context.document.graph.edges
    if end.is_input:
        return [end.ref] if end.ref in every else []
    return [target for target, source in every.items() if source == end.ref]
