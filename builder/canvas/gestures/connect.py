"""Connect ports: drag edges from a port, or drag the ends of edges to another port."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import dist, inf
from typing import Self

from builder.canvas.card import NodeCard
from builder.canvas.gestures.gesture import (
    Gesture,
    GestureContext,
    Step,
    commit_command,
    refuse,
)
from builder.canvas.gestures.pan import Pan
from builder.canvas.hit_test import PORT_WHILE_CONNECTING
from builder.canvas.intents import Cancel, OpenDialog, Preview
from builder.canvas.overlay import DraggedEdge, HitResult, Overlay
from builder.canvas.pointer_events import LEFT, MIDDLE, Move, Press, Release
from builder.commands import edges
from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.search.compatibility import connection_errors as find_verdicts
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind

ORIGIN: Point = (0.0, 0.0)


@dataclass(frozen=True)
class DropTarget:
    """Where the dragged edges would be connected on release.

    Attributes:
        at: the canvas point.
        end: the port; None if there is no port that fits.
        reason: why the item there does not fit.
        on_origin: it is the node where the edges begin.
    """

    at: Point = ORIGIN
    end: PortEnd | None = None
    reason: str = ""
    on_origin: bool = False


@dataclass(frozen=True)
class ConnectDrag(Gesture):
    """Drag an edge from one port to another.

    Without a button, the edge follows the pointer until the next click.

    Attributes:
        before: the document before the gesture.
        base: the same, without the edges that were detached.
        fixed_ends: the ports where the edges begin, all of them inputs or all of them outputs.
        target: where the edges would be connected now.
        connection_errors: for each port in view, "" if the edges fit, else why they do not.
        judged_for: the camera, scene and shapes that the verdicts hold for.
    """

    auto_pans = True

    before: Document = field(default_factory=Document)
    base: Document = field(default_factory=Document)
    fixed_ends: tuple[PortEnd, ...] = ()
    target: DropTarget = DropTarget()
    connection_errors: Mapping[PortEnd, str] = field(default_factory=dict)
    judged_for: tuple[object, ...] = ()

    @classmethod
    def begin(cls, end: PortEnd, context: GestureContext, button: str = LEFT) -> Step:
        """Start an edge at a port."""
        document = context.document
        target = DropTarget(context.scene.at(end) or ORIGIN, on_origin=True)
        return Step(cls(button, document, document, (end,), target)._with_verdicts(context))

    # -- events ----------------------------------------------------------------------------------

    def on_press(self, event: Press, context: GestureContext) -> Step:
        """If no button is down, let the middle button pan, and the right button cancel."""
        if self.button:
            return Step(self)
        if event.button == MIDDLE or "space" in event.modifiers:
            return Step(Pan(event.button, context.camera.to_canvas(event.pixel), self))
        return Step(self) if event.button == LEFT else self.on_escape(context)

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Follow the pointer, and snap to ports near it."""
        judged = self._with_verdicts(context)
        return Step(replace(judged, target=judged._target_at(event.pixel, context)))

    def on_release(self, event: Release, context: GestureContext) -> Step:
        """Connect to the drop target."""
        if event.button != (self.button or LEFT):
            return Step(self)
        target = self._with_verdicts(context)._target_at(event.pixel, context)
        if target.on_origin:
            return self.on_escape(context)
        if target.end is not None:
            return self.connect_to(target.end)
        if target.reason:
            return refuse(target.reason)
        return self.drop_on_canvas(event.pixel, target.at)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the edges up to the pointer, and the ports they fit."""
        target = self.target
        return Overlay(
            dragged_edges=tuple(
                DraggedEdge(end, target.at, _kind(end, context)) for end in self.fixed_ends
            ),
            connection_errors=self.connection_errors,
            snapped=target.end,
            tooltip=target.reason,
            busy=True,
        )

    # -- completion ------------------------------------------------------------------------------

    def connect_to(self, end: PortEnd) -> Step:
        """Connect the edges to a port."""
        begin = self.fixed_ends[0]
        source, target = (end.ref, begin.ref) if begin.is_input else (begin.ref, end.ref)
        return commit_command(_label(source, target), self.before, edges.connect, source, target)

    def drop_on_canvas(self, pixel: Point, at: Point) -> Step:
        """Search for a node to connect to the dropped edge."""
        begin = self.fixed_ends[0]
        source, target = (None, begin.ref) if begin.is_input else (begin.ref, None)
        return Step(None, (Cancel(), OpenDialog(AddNode(at, pixel, source=source, target=target))))

    def is_on_origin(self, hit: HitResult) -> bool:
        """Return whether the pointer is on a node where the edges begin."""
        node = hit.end.ref.node if hit.end else hit.node
        return hit.end not in self.connection_errors and any(
            end.ref.node == node for end in self.fixed_ends
        )

    # -- drop targets ----------------------------------------------------------------------------

    @property
    def _to_input(self) -> bool:
        return not self.fixed_ends[0].is_input

    def _candidates(self, card: NodeCard) -> list[PortEnd]:
        ports = card.inputs if self._to_input else card.outputs
        return [port.end for port in ports]

    def _with_verdicts(self, context: GestureContext) -> Self:
        """Judge the ports in view, unless that was done already."""
        judged_for = context.camera, context.scene, context.checked
        if self.judged_for and self.judged_for[0] == judged_for[0]:
            same = zip(self.judged_for[1:], judged_for[1:], strict=True)
            if all(before is now for before, now in same):
                return self
        cards = (context.scene.nodes[name] for name in context.in_view())
        ends = [end for card in cards for end in self._candidates(card)]
        return replace(self, connection_errors=self._judge(ends, context), judged_for=judged_for)

    def _judge(self, ends: list[PortEnd], context: GestureContext) -> dict[PortEnd, str]:
        reasons = dict.fromkeys(ends, "")
        for begin in self.fixed_ends:
            for end, reason in find_verdicts(self.base, context.checked, begin, ends).items():
                reasons[end] = reasons[end] or reason
        return reasons

    def _target_at(self, pixel: Point, context: GestureContext) -> DropTarget:
        """Find the port near the pointer, or a free port of the node under it."""
        hit = context.hit(pixel)
        at = context.camera.to_canvas(pixel)
        if self.is_on_origin(hit):
            return DropTarget(at, on_origin=True)
        end = hit.end if hit.end in self.connection_errors else self._nearest_port(pixel, context)
        if end is not None:
            reason = self.connection_errors[end]
            position = at if reason else context.scene.at(end) or at
            return DropTarget(position, None if reason else end, reason)
        card = context.scene.nodes.get(hit.end.ref.node if hit.end else hit.node)
        return self._target_on_node(card, at, context) if card else DropTarget(at)

    def _nearest_port(self, pixel: Point, context: GestureContext) -> PortEnd | None:
        """Find the nearest port of another node within reach; ports that fit come first."""
        at, own = context.camera.to_canvas(pixel), {end.ref.node for end in self.fixed_ends}
        best: tuple[bool, float] = (True, inf)
        nearest: PortEnd | None = None
        area = context.around(pixel, PORT_WHILE_CONNECTING)
        for name in context.index.select_in_box(*area).nodes - own:
            for end in self._candidates(context.scene.nodes[name]):
                away = dist(at, context.scene.at(end) or at) * context.camera.zoom
                rank = bool(self.connection_errors.get(end, "out of view")), away
                if away <= PORT_WHILE_CONNECTING and rank < best:
                    best, nearest = rank, end
        return nearest if nearest in self.connection_errors else None

    def _target_on_node(self, card: NodeCard, at: Point, context: GestureContext) -> DropTarget:
        """Find the first port of a node that fits; an input must be free."""
        ends = self._candidates(card)
        connection_errors = self._judge(ends, context)
        fitting = [end for end in ends if not connection_errors[end]]
        taken = {port.end for port in card.inputs if port.connected} if self._to_input else set()
        free = [end for end in fitting if end not in taken]
        if free:
            return DropTarget(context.scene.at(free[0]) or at, free[0])
        if fitting:
            reason = f"{fitting[0].ref} is connected; drop the edge on the port to replace its edge"
        elif ends:
            reason = connection_errors[ends[0]]
        else:
            reason = f"{card.name} has no {'input' if self._to_input else 'output'}"
        return DropTarget(at, None, reason)


@dataclass(frozen=True, kw_only=True)
class Reconnect(ConnectDrag):
    """Drag the end of an edge to another input, or remove the edge.

    Attributes:
        detached_from: the input that the edge was detached from.
    """

    detached_from: PortRef

    @classmethod
    def detach(cls, target: PortRef, context: GestureContext) -> Step:
        """Detach the edge from its input."""
        source = context.document.graph.edges[target]
        drag = cls(fixed_ends=(PortEnd(source, is_input=False),), detached_from=target)
        return _begin_detached(drag, [target], context)

    def connect_to(self, end: PortEnd) -> Step:
        """Connect the edge to an input."""
        label = _label(self.fixed_ends[0].ref, end.ref)
        return commit_command(label, self.before, edges.reconnect, self.detached_from, end.ref)

    def drop_on_canvas(self, pixel: Point, at: Point) -> Step:
        """Remove the edge."""
        label = f"Disconnect {self.detached_from}"
        return commit_command(label, self.before, edges.disconnect, [self.detached_from])


@dataclass(frozen=True, kw_only=True)
class MoveEdges(ConnectDrag):
    """Drag all edges of an output to another output, or remove them.

    Attributes:
        detached_from: the output that the edges were detached from.
    """

    detached_from: PortRef

    @classmethod
    def detach(cls, source: PortRef, targets: list[PortRef], context: GestureContext) -> Step:
        """Detach the edges from their output."""
        fixed_ends = tuple(PortEnd(target, is_input=True) for target in targets)
        return _begin_detached(cls(fixed_ends=fixed_ends, detached_from=source), targets, context)

    def connect_to(self, end: PortEnd) -> Step:
        """Connect the edges to an output."""
        label = f"Move the edges of {self.detached_from.node} to {end.ref.node}"
        return commit_command(label, self.before, edges.move_source, self.detached_from, end.ref)

    def drop_on_canvas(self, pixel: Point, at: Point) -> Step:
        """Remove the edges."""
        label, targets = f"Disconnect {self.detached_from}", [end.ref for end in self.fixed_ends]
        return commit_command(label, self.before, edges.disconnect, targets)


def _begin_detached(drag: ConnectDrag, targets: list[PortRef], context: GestureContext) -> Step:
    """Start a drag with edges that are detached from a port."""
    base = edges.disconnect(context.document, targets)
    drag = replace(drag, before=context.document, base=base)
    return Step(drag._with_verdicts(context), (Preview(base),))


def _label(source: PortRef, target: PortRef) -> str:
    return f"Connect {source.node} to {target.node}"


def _kind(end: PortEnd, context: GestureContext) -> Kind:
    found = context.scene.find_port(end)
    return found[0].kind if found else Kind.ANY
