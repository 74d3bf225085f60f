"""The cut tool: remove every edge that a stroke crosses."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from builder.canvas.gestures.gesture import Gesture, GestureContext, Step, commit_command
from builder.canvas.intents import Cancel
from builder.canvas.overlay import Overlay
from builder.canvas.pointer_events import Move, Release
from builder.canvas.segments import intersect
from builder.commands import edges
from builder.graphics.shapes import Point
from nodes.core.graphs.graph import PortRef


@dataclass(frozen=True)
class CutTool(Gesture):
    """Draw a stroke that removes edges.

    Attributes:
        stroke: its points on the canvas.
        crossed: the targets of the edges crossed so far.
    """

    stroke: tuple[Point, ...] = ()
    crossed: frozenset[PortRef] = frozenset()

    def on_move(self, event: Move, context: GestureContext) -> Step:
        """Extend the stroke."""
        return Step(self._extended(event.pixel, context))

    def on_end(self, event: Release, context: GestureContext) -> Step:
        """Remove the crossed edges."""
        targets = sorted(self._extended(event.pixel, context).crossed)
        if not targets:
            return Step(None, (Cancel(),))
        label = f"Cut {len(targets)} edges" if len(targets) > 1 else f"Disconnect {targets[0]}"
        return commit_command(label, context.document, edges.disconnect, targets)

    def overlay(self, context: GestureContext) -> Overlay:
        """Show the stroke."""
        return Overlay(stroke=self.stroke, busy=True)

    def _extended(self, pixel: Point, context: GestureContext) -> Self:
        last, at = self.stroke[-1], context.camera.to_canvas(pixel)
        if at == last:
            return self
        low = min(last[0], at[0]), min(last[1], at[1])
        high = max(last[0], at[0]), max(last[1], at[1])
        crossed = {
            target
            for target in context.index.visible_edges(low, high)
            if any(
                intersect((last, at), segment)
                for segment in pairwise(context.scene.edges[target].path)
            )
        }
        return replace(self, stroke=(*self.stroke, at), crossed=self.crossed | crossed)
