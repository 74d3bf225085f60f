"""Draw what a gesture shows over the graph; lines and texts are as large at every zoom."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from builder.canvas.camera import Camera
from builder.canvas.card import NodeCard
from builder.canvas.drawing.draw_items import NodeState, draw_edge, draw_node, draw_port
from builder.canvas.edge_routing import route
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.overlay import DraggedEdge, Overlay
from builder.canvas.scene import Scene
from builder.document.port_end import PortEnd
from builder.graphics.shapes import CLEAR, Box, Curve, Disc, Line, Point, Shape, Text
from builder.graphics.text_metrics import Style, width, wrapped
from builder.graphics.theme import Theme, faded
from builder.layout.spatial_index import Bounds

TIP = Style("regular", 15.0)
TIP_WIDTH = 340.0
TIP_PLACE = (16.0, 22.0)
"""Where a tip begins, from the pointer, in pixels."""
PAD = 9.0
WIRE = 2.4
LARGER = 1.45
"""How much larger the marks of ports are where an edge may end."""


@dataclass(frozen=True)
class DrawContext:
    """What is needed to draw over a scene.

    Attributes:
        scene: what lies below.
        camera: where it is seen from.
        theme: the colours.
        scale: how much larger than usual texts and lines are.
    """

    scene: Scene
    camera: Camera
    theme: Theme
    scale: float = 1.0

    @property
    def pixel(self) -> float:
        """How long a pixel is on the canvas."""
        return self.scale / self.camera.zoom

    def mark(self, end: PortEnd, size: float = 1.0) -> tuple[Shape, ...]:
        """Draw the mark of a port where it lies."""
        at = self.scene.at(end)
        if at is None:
            return ()
        port = self.scene.nodes[end.ref.node].find(end)
        return draw_port(port._replace(x=at[0], y=at[1]), self.theme, size)


def draw_overlay(
    overlay: Overlay, context: DrawContext, ghost: NodeCard | None = None
) -> tuple[Shape, ...]:
    """Draw all of an overlay but its tip.

    Args:
        overlay: what is shown.
        context: what it is shown over.
        ghost: the card of what is carried from the palette.
    """
    return (
        *_hover(overlay, context),
        *_lit(overlay, context),
        *_verdicts(overlay, context),
        *(
            shape
            for wire in overlay.dragged_edges
            for shape in _wire(wire, overlay.snapped, context)
        ),
        *_snapped(overlay, context),
        *_band(overlay, context),
        *_lines(overlay, context),
        *_ghost(overlay, context, ghost),
    )


def draw_tip(text: str, at: Point, context: DrawContext) -> tuple[Shape, ...]:
    """Draw a text on a card of its own beside the pointer, inside the view if it has room there.

    Args:
        text: what it says, in one or more paragraphs; the first line stands out if there are more.
        at: the pointer, in pixels of the window.
        context: what it is shown over.
    """
    lines = list(wrapped(text, TIP_WIDTH, TIP)) if text else []
    if not lines:
        return ()
    theme, camera, unit = context.theme, context.camera, context.pixel
    step = TIP.size + 4
    across = max(width(line, TIP.size, TIP.font) for line in lines) + 2 * PAD
    down = step * len(lines) + 2 * PAD - 4
    x, y = camera.to_canvas(at)
    left = min(x + TIP_PLACE[0] * unit, camera.high[0] - (across + PAD) * unit)
    top = y + TIP_PLACE[1] * unit
    if top + (down + PAD) * unit > camera.high[1]:
        top = y - (down + PAD) * unit
    card = Box(left, top, across * unit, down * unit, theme.raised, theme.line, unit, 7 * unit)
    return (
        card,
        *(
            Text(
                left + PAD * unit,
                top + (PAD + step * row) * unit,
                line,
                TIP.size * unit,
                theme.text if row == 0 else theme.quiet,
                TIP.font,
            )
            for row, line in enumerate(lines)
        ),
    )


def _hover(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    """Mark the port under the pointer; from far away, where cards are not drawn anew, the card."""
    hit, theme, unit = overlay.hover, context.theme, context.pixel
    if hit.end is not None and not overlay.dragged_edges:
        yield from _glow(hit.end, context, 0.3)
        yield from context.mark(hit.end, LARGER)
    far = detail_at(context.camera.zoom) is Detail.BOX
    if far and hit.node in context.scene.nodes:
        left, top, right, bottom = context.scene.bounds(hit.node)
        yield Box(left, top, right - left, bottom - top, CLEAR, theme.text, 1.5 * unit)
    if far and hit.edge in context.scene.edges:
        yield Curve(context.scene.edges[hit.edge].points, theme.text, 2 * unit)


def _lit(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    edge = context.scene.edges.get(overlay.lit) if overlay.lit else None
    if edge is not None:
        yield Curve(edge.points, faded(context.theme.accent, 0.3), 10 * context.pixel)
        yield from draw_edge(edge, context.theme, Detail.PLAIN, NodeState(selected=True))


def _glow(end: PortEnd, context: DrawContext, share: float) -> Iterator[Shape]:
    at = context.scene.at(end)
    if at is not None:
        port = context.scene.nodes[end.ref.node].find(end)
        yield Disc(*at, 11.0, faded(context.theme.kinds[port.kind], share))


def _verdicts(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    """Let the ports stand out that the edge may end at."""
    if not overlay.dragged_edges:
        return
    for end, reason in overlay.verdicts.items():
        if not reason:
            yield from _glow(end, context, 0.28)
            yield from context.mark(end, LARGER)


def _wire(wire: DraggedEdge, snapped: PortEnd | None, context: DrawContext) -> Iterator[Shape]:
    start = context.scene.at(wire.start)
    end = (context.scene.at(snapped) if snapped else None) or wire.at
    if start is None:
        return
    own = context.scene.bounds(wire.start.ref.node)
    other: Bounds = (*end, *end)
    if snapped and snapped.ref.node in context.scene.nodes:
        other = context.scene.bounds(snapped.ref.node)
    points = route(end, start, other, own) if wire.start.is_input else route(start, end, own, other)
    colour, unit = context.theme.kinds[wire.kind], context.pixel
    yield Curve(points, faded(colour, 0.25), 3 * WIRE * max(unit, 1.0))
    yield Curve(points, colour, WIRE * max(unit, 1.0))
    if snapped is None:
        yield Disc(*end, 4 * unit, colour)


def _snapped(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    at = context.scene.at(overlay.snapped) if overlay.snapped else None
    if at is not None:
        yield Disc(*at, 13.0, faded(context.theme.accent, 0.45))
        yield from context.mark(overlay.snapped, LARGER)


def _band(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    if overlay.marquee:
        (ax, ay), (bx, by) = overlay.marquee
        accent, unit = context.theme.accent, context.pixel
        yield Box(
            min(ax, bx), min(ay, by), abs(bx - ax), abs(by - ay), faded(accent, 0.1), accent, unit
        )


def _lines(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    theme, unit = context.theme, context.pixel
    for guide in overlay.guides:
        yield Line(guide, faded(theme.accent, 0.8), unit)
    if len(overlay.stroke) > 1:
        yield Line(overlay.stroke, theme.error, 2 * unit)


def _ghost(overlay: Overlay, context: DrawContext, figure: NodeCard | None) -> Iterator[Shape]:
    if overlay.ghost and figure:
        _, (x, y) = overlay.ghost
        shapes = draw_node(figure, context.theme, Detail.FULL, NodeState(selected=True))
        yield from (moved(shape, x, y) for shape in shapes)


def moved(shape: Shape, x: float, y: float) -> Shape:
    """Move a shape."""
    if isinstance(shape, Box | Text | Disc):
        return replace(shape, x=shape.x + x, y=shape.y + y)
    return replace(shape, points=tuple((px + x, py + y) for px, py in shape.points))
