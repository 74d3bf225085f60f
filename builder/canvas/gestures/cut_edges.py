"""Cut: a stroke over the canvas removes every edge that it crosses."""

from dataclasses import dataclass, replace
from itertools import pairwise

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, finish
from builder.canvas.intents import Cancel
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.commands import edges
from builder.graphics.shapes import Point
from nodes.core.graphs.graph import PortRef


@dataclass(frozen=True)
class CutTool(Gesture):
    """Remove the edges that a stroke crosses.

    Attributes:
        stroke: its points on the canvas.
        crossed: the edges it has crossed so far, by their targets.
    """

    stroke: tuple[Point, ...] = ()
    crossed: frozenset[PortRef] = frozenset()

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Go on with the stroke."""
        last, at = self.stroke[-1], context.camera.to_canvas(event.pixel)
        if at == last:
            return Step(self)
        low = min(last[0], at[0]), min(last[1], at[1])
        high = max(last[0], at[0]), max(last[1], at[1])
        found = {
            target
            for target in context.index.edges_visible(low, high)
            if any(cross((last, at), piece) for piece in pairwise(context.scene.edges[target].path))
        }
        return Step(replace(self, stroke=(*self.stroke, at), crossed=self.crossed | found))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Remove what was crossed."""
        cut = self.on_move(Move(event.pixel, event.time), context).gesture
        targets = sorted(cut.crossed)
        if not targets:
            return Step(None, (Cancel(),))
        label = f"Cut {len(targets)} edges" if len(targets) > 1 else f"Disconnect {targets[0]}"
        return finish(label, context.document, edges.disconnect, targets)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the stroke."""
        return Overlay(stroke=self.stroke, busy=True)


def cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Tell whether two straight pieces meet; those along one line do not."""

    def side(line: tuple[Point, Point], point: Point) -> float:
        (ax, ay), (bx, by) = line
        return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)

    apart = side(one, other[0]) * side(one, other[1])
    across = side(other, one[0]) * side(other, one[1])
    return apart <= 0 and across <= 0 and (apart, across) != (0, 0)
