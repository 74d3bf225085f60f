"""Wire: edges are drawn from ports, and the ends of edges are put elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import dist, inf
from typing import Self

from builder.canvas.card import NodeCard
from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, finish, refuse
from builder.canvas.gestures.pan import Pan
from builder.canvas.hit_test import PORT_WHILE_WIRING
from builder.canvas.intents import Ask, Cancel, Preview
from builder.canvas.overlay import DraggedEdge, HitResult, Overlay
from builder.canvas.pointer_events import LEFT, MIDDLE, Move, Press, Release
from builder.commands import edges
from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Point
from builder.search.compatibility import connection_errors
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind


@dataclass(frozen=True)
class DropTarget:
    """Where edges would end if they were let go of.

    Attributes:
        at: the point on the canvas.
        end: the port; None over none that fits.
        reason: why what lies there does not fit.
        home: it is the node where the edges begin.
    """

    at: Point = (0.0, 0.0)
    end: PortEnd | None = None
    reason: str = ""
    home: bool = False


@dataclass(frozen=True)
class ConnectDrag(Gesture):
    """Draw an edge from a port to another.

    With a button it is a drag; without one, the edge follows the pointer until the next click.

    Attributes:
        start: the document as it was.
        base: the same without the edges that were taken off a port.
        fixed: the ports where the edges begin, all of them inputs or all of them outputs.
        aim: where they would end now.
        fits: of the ports in view, why the edges may not end there.
        seen: what these were found for.
    """

    pans = True

    start: Document = field(default_factory=Document)
    base: Document = field(default_factory=Document)
    fixed: tuple[PortEnd, ...] = ()
    aim: DropTarget = DropTarget()
    fits: Mapping[PortEnd, str] = field(default_factory=dict)
    seen: tuple[object, ...] = ()

    @classmethod
    def begin(cls, end: PortEnd, context: GestureContext, button: str = LEFT) -> Step:
        """Begin at a port."""
        document = context.document
        aim = DropTarget(context.scene.at(end) or (0.0, 0.0), home=True)
        return Step(cls(button, document, document, (end,), aim)._looking(context))

    # -- events ----------------------------------------------------------------------------------

    def on_press(self, event: Press, context: GestureContext) -> Step:
        """Without a button held, the others pan the view, and give up."""
        if self.button:
            return Step(self)
        if event.button == MIDDLE or "space" in event.held:
            return Step(Pan(event.button, context.camera.to_canvas(event.pixel), self))
        return Step(self) if event.button == LEFT else self.on_escape(context)

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Follow the pointer, drawn to the ports near it."""
        looking = self._looking(context)
        return Step(replace(looking, aim=looking._aimed(event.pixel, context)))

    def on_release(self, event: Release, context: GestureContext) -> Step:
        """End where the button comes up."""
        if event.button != (self.button or LEFT):
            return Step(self)
        aim = self._looking(context)._aimed(event.pixel, context)
        if aim.home:
            return self.on_escape(context)
        if aim.end is not None:
            return self.join(aim.end)
        return refuse(aim.reason) if aim.reason else self.drop(event.pixel, aim.at)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the edges up to the pointer, and which ports they fit."""
        aim = self.aim
        dragged_edges = tuple(DraggedEdge(end, aim.at, _kind(end, context)) for end in self.fixed)
        return Overlay(
            dragged_edges=dragged_edges,
            verdicts=self.fits,
            snapped=aim.end,
            tip=aim.reason,
            busy=True,
        )

    # -- what becomes of the edges ---------------------------------------------------------------

    def join(self, end: PortEnd) -> Step:
        """Connect a port."""
        begin = self.fixed[0]
        source, target = (end.ref, begin.ref) if begin.is_input else (begin.ref, end.ref)
        return finish(_label(source, target), self.start, edges.connect, source, target)

    def drop(self, pixel: Point, at: Point) -> Step:
        """Let go over empty canvas: search for a node that takes the edge."""
        begin = self.fixed[0]
        source, target = (None, begin.ref) if begin.is_input else (begin.ref, None)
        return Step(None, (Cancel(), Ask(AddNode(at, pixel, source=source, target=target))))

    def at_home(self, hit: HitResult) -> bool:
        """Tell whether the pointer is where the gesture began."""
        node = hit.end.ref.node if hit.end else hit.node
        return hit.end not in self.fits and any(end.ref.node == node for end in self.fixed)

    # -- where they may end ----------------------------------------------------------------------

    @property
    def _to_input(self) -> bool:
        return not self.fixed[0].is_input

    def _candidates(self, figure: NodeCard) -> list[PortEnd]:
        ports = figure.inputs if self._to_input else figure.outputs
        return [port.end for port in ports]

    def _looking(self, context: GestureContext) -> Self:
        """Judge the ports in view, unless they have been judged already."""
        seen = context.camera, context.scene, context.checked
        if self.seen and self.seen[0] == seen[0] and _same(self.seen[1:], seen[1:]):
            return self
        nodes = (context.scene.nodes[name] for name in context.in_view())
        ends = [end for figure in nodes for end in self._candidates(figure)]
        return replace(self, fits=self._judged(ends, context), seen=seen)

    def _judged(self, ends: list[PortEnd], context: GestureContext) -> dict[PortEnd, str]:
        found = dict.fromkeys(ends, "")
        for begin in self.fixed:
            for end, reason in connection_errors(self.base, context.checked, begin, ends).items():
                found[end] = found[end] or reason
        return found

    def _aimed(self, pixel: Point, context: GestureContext) -> DropTarget:
        """Find the port that the pointer means: one near it, or a free one of the node under it."""
        hit = context.hit(pixel)
        at = context.camera.to_canvas(pixel)
        if self.at_home(hit):
            return DropTarget(at, home=True)
        end = hit.end if hit.end in self.fits else self._near(pixel, context)
        if end is not None:
            reason = self.fits[end]
            place = at if reason else context.scene.at(end) or at
            return DropTarget(place, None if reason else end, reason)
        figure = context.scene.nodes.get(hit.end.ref.node if hit.end else hit.node)
        return self._on_node(figure, at, context) if figure else DropTarget(at)

    def _near(self, pixel: Point, context: GestureContext) -> PortEnd | None:
        """Find the nearest port within reach, of another node; rather one that fits."""
        at, own = context.camera.to_canvas(pixel), {end.ref.node for end in self.fixed}
        best: tuple[bool, float, PortEnd | None] = (True, inf, None)
        for name in context.index.inside(*context.around(pixel, PORT_WHILE_WIRING)).nodes - own:
            for end in self._candidates(context.scene.nodes[name]):
                away = dist(at, context.scene.at(end)) * context.camera.zoom
                rank = bool(self.fits.get(end, "out of view")), away
                if away <= PORT_WHILE_WIRING and rank < best[:2]:
                    best = *rank, end
        return best[2] if best[2] in self.fits else None

    def _on_node(self, figure: NodeCard, at: Point, context: GestureContext) -> DropTarget:
        """Take the first port of a node that fits: a free one, if it is an input."""
        ends = self._candidates(figure)
        fits = self._judged(ends, context)
        fitting = [end for end in ends if not fits[end]]
        free = [end for end in fitting if not (self._to_input and figure.find(end).connected)]
        if free:
            return DropTarget(context.scene.at(free[0]) or at, free[0])
        if fitting:
            reason = f"{fitting[0].ref} has an edge; drop this one on the port to replace it"
        elif ends:
            reason = fits[ends[0]]
        else:
            reason = f"{figure.name} has no {'input' if self._to_input else 'output'}"
        return DropTarget(at, None, reason)


@dataclass(frozen=True)
class Reconnect(ConnectDrag):
    """Put the end of an edge on another input, or take the edge away.

    Attributes:
        taken: the input that it was taken off.
    """

    taken: PortRef | None = None

    @classmethod
    def take(cls, target: PortRef, context: GestureContext) -> Step:
        """Take the edge off its input."""
        source = context.document.graph.edges[target]
        carried = cls(fixed=(PortEnd(source, is_input=False),), taken=target)
        return _taken(carried, [target], context)

    def join(self, end: PortEnd) -> Step:
        """Put it on an input."""
        label = _label(self.fixed[0].ref, end.ref)
        return finish(label, self.start, edges.reconnect, self.taken, end.ref)

    def drop(self, pixel: Point, at: Point) -> Step:
        """Let go over empty canvas: take the edge away."""
        return finish(f"Disconnect {self.taken}", self.start, edges.disconnect, [self.taken])


@dataclass(frozen=True)
class MoveEdges(ConnectDrag):
    """Put all edges of an output on another output, or take them away.

    Attributes:
        taken: the output that they were taken off.
    """

    taken: PortRef | None = None

    @classmethod
    def take(cls, source: PortRef, targets: list[PortRef], context: GestureContext) -> Step:
        """Take the edges off their output."""
        fixed = tuple(PortEnd(target, is_input=True) for target in targets)
        return _taken(cls(fixed=fixed, taken=source), targets, context)

    def join(self, end: PortEnd) -> Step:
        """Put them on an output."""
        label = f"Move the edges of {self.taken.node} to {end.ref.node}"
        return finish(label, self.start, edges.move_source, self.taken, end.ref)

    def drop(self, pixel: Point, at: Point) -> Step:
        """Let go over empty canvas: take the edges away."""
        targets = [end.ref for end in self.fixed]
        return finish(f"Disconnect {self.taken}", self.start, edges.disconnect, targets)


def _taken(carried: ConnectDrag, targets: list[PortRef], context: GestureContext) -> Step:
    """Begin with edges taken off a port."""
    start = context.document
    base = edges.disconnect(start, targets)
    return Step(replace(carried, start=start, base=base)._looking(context), (Preview(base),))


def _label(source: PortRef, target: PortRef) -> str:
    return f"Connect {source.node} to {target.node}"


def _kind(end: PortEnd, context: GestureContext) -> Kind:
    figure = context.scene.nodes.get(end.ref.node)
    port = figure.find(end) if figure else None
    return port.kind if port else Kind.ANY


def _same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return all(one is other for one, other in zip(some, others, strict=True))
