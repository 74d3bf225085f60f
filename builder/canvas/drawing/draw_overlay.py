"""Draw the overlay of a gesture; lines and texts have the same size at every zoom."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from builder.canvas.camera import Camera
from builder.canvas.card import NodeCard
from builder.canvas.drawing.draw_items import ItemState, draw_edge, draw_node, draw_port
from builder.canvas.edge_routing import route
from builder.canvas.level_of_detail import Detail, detail_at
from builder.canvas.overlay import DraggedEdge, Overlay
from builder.canvas.scene import Scene
from builder.document.port_end import PortEnd
from builder.graphics.shapes import CLEAR, Box, Curve, Disc, Line, Point, Shape, Text
from builder.graphics.text_metrics import Style, width, wrapped
from builder.graphics.theme import Theme, faded
from builder.layout.spatial_index import Bounds

TOOLTIP = Style("regular", 15.0)
TOOLTIP_WIDTH = 340.0
TOOLTIP_OFFSET = (16.0, 22.0)
"""From the pointer to the tooltip, in pixels."""
PAD = 9.0
EDGE_WIDTH = 2.4
PORT_SCALE = 1.45
"""The scale of the markers of ports that an edge may connect to."""


@dataclass(frozen=True)
class DrawContext:
    """What the drawing of an overlay depends on.

    Attributes:
        scene: the scene below.
        camera: the view of the canvas.
        theme: the colours.
        scale: the scale of the interface.
    """

    scene: Scene
    camera: Camera
    theme: Theme
    scale: float = 1.0

    @property
    def pixel(self) -> float:
        """The size of a pixel of the interface, in canvas units."""
        return self.scale / self.camera.zoom

    def port_marker(self, end: PortEnd, size: float = 1.0) -> tuple[Shape, ...]:
        """Draw the marker of a port, in canvas units."""
        found = self.scene.find_port(end)
        if found is None:
            return ()
        port, (x, y) = found
        return draw_port(port._replace(x=x, y=y), self.theme, size)


def draw_overlay(
    overlay: Overlay, context: DrawContext, ghost: NodeCard | None = None
) -> tuple[Shape, ...]:
    """Draw an overlay, except for its tooltip.

    Args:
        overlay: the overlay.
        context: the scene below.
        ghost: the card of the palette item being dragged.
    """
    return (
        *_hover(overlay, context),
        *_highlighted_edge(overlay, context),
        *_verdicts(overlay, context),
        *(
            shape
            for dragged in overlay.dragged_edges
            for shape in _dragged_edge(dragged, overlay.snapped, context)
        ),
        *_snapped(overlay, context),
        *_marquee(overlay, context),
        *_lines(overlay, context),
        *_ghost(overlay, context, ghost),
    )


def draw_tooltip(text: str, at: Point, context: DrawContext) -> tuple[Shape, ...]:
    """Draw a tooltip beside the pointer, inside the view if there is room.

    Args:
        text: one or more paragraphs; the first line is emphasized.
        at: the position of the pointer, in pixels of the window.
        context: the scene below.
    """
    lines = list(wrapped(text, TOOLTIP_WIDTH, TOOLTIP)) if text else []
    if not lines:
        return ()
    theme, camera, unit = context.theme, context.camera, context.pixel
    line_height = TOOLTIP.size + 4
    card_width = max(width(line, TOOLTIP.size, TOOLTIP.font) for line in lines) + 2 * PAD
    card_height = line_height * len(lines) + 2 * PAD - 4
    x, y = camera.to_canvas(at)
    left = min(x + TOOLTIP_OFFSET[0] * unit, camera.bottom_right[0] - (card_width + PAD) * unit)
    top = y + TOOLTIP_OFFSET[1] * unit
    if top + (card_height + PAD) * unit > camera.bottom_right[1]:
        top = y - (card_height + PAD) * unit
    card = Box(
        left, top, card_width * unit, card_height * unit, theme.raised, theme.line, unit, 7 * unit
    )
    return (
        card,
        *(
            Text(
                left + PAD * unit,
                top + (PAD + line_height * row) * unit,
                line,
                TOOLTIP.size * unit,
                theme.text if row == 0 else theme.quiet,
                TOOLTIP.font,
            )
            for row, line in enumerate(lines)
        ),
    )


def _hover(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    """Emphasize the port under the pointer; at the lowest level of detail, the card or edge."""
    hit, theme, unit = overlay.hover, context.theme, context.pixel
    if hit.end is not None and not overlay.dragged_edges:
        yield from _glow(hit.end, context, 0.3)
        yield from context.port_marker(hit.end, PORT_SCALE)
    boxes_only = detail_at(context.camera.zoom) is Detail.BOX
    if boxes_only and hit.node in context.scene.nodes:
        left, top, right, bottom = context.scene.bounds(hit.node)
        yield Box(left, top, right - left, bottom - top, CLEAR, theme.text, 1.5 * unit)
    edge = context.scene.edges.get(hit.edge) if hit.edge else None
    if boxes_only and edge is not None:
        yield Curve(edge.points, theme.text, 2 * unit)


def _highlighted_edge(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    edge = context.scene.edges.get(overlay.highlighted_edge) if overlay.highlighted_edge else None
    if edge is not None:
        yield Curve(edge.points, faded(context.theme.accent, 0.3), 10 * context.pixel)
        yield from draw_edge(edge, context.theme, Detail.PLAIN, ItemState(selected=True))


def _glow(end: PortEnd, context: DrawContext, share: float) -> Iterator[Shape]:
    found = context.scene.find_port(end)
    if found is not None:
        port, at = found
        yield Disc(*at, 11.0, faded(context.theme.kinds[port.kind], share))


def _verdicts(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    """Emphasize the ports that the edge may connect to."""
    if not overlay.dragged_edges:
        return
    for end, reason in overlay.connection_errors.items():
        if not reason:
            yield from _glow(end, context, 0.28)
            yield from context.port_marker(end, PORT_SCALE)


def _dragged_edge(
    dragged: DraggedEdge, snapped: PortEnd | None, context: DrawContext
) -> Iterator[Shape]:
    start = context.scene.at(dragged.start)
    end = (context.scene.at(snapped) if snapped else None) or dragged.at
    if start is None:
        return
    own = context.scene.bounds(dragged.start.ref.node)
    other: Bounds = (*end, *end)
    if snapped and snapped.ref.node in context.scene.nodes:
        other = context.scene.bounds(snapped.ref.node)
    points = (
        route(end, start, other, own) if dragged.start.is_input else route(start, end, own, other)
    )
    colour, unit = context.theme.kinds[dragged.kind], context.pixel
    yield Curve(points, faded(colour, 0.25), 3 * EDGE_WIDTH * max(unit, 1.0))
    yield Curve(points, colour, EDGE_WIDTH * max(unit, 1.0))
    if snapped is None:
        yield Disc(*end, 4 * unit, colour)


def _snapped(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
    end = overlay.snapped
    at = context.scene.at(end) if end else None
    if end is not None and at is not None:
        yield Disc(*at, 13.0, faded(context.theme.accent, 0.45))
        yield from context.port_marker(end, PORT_SCALE)


def _marquee(overlay: Overlay, context: DrawContext) -> Iterator[Shape]:
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


def _ghost(overlay: Overlay, context: DrawContext, card: NodeCard | None) -> Iterator[Shape]:
    if overlay.ghost and card:
        _, (x, y) = overlay.ghost
        shapes = draw_node(card, context.theme, Detail.FULL, ItemState(selected=True))
        yield from (translated(shape, x, y) for shape in shapes)


def translated(shape: Shape, x: float, y: float) -> Shape:
    """Translate a shape."""
    if isinstance(shape, Box | Text | Disc):
        return replace(shape, x=shape.x + x, y=shape.y + y)
    return replace(shape, points=tuple((px + x, py + y) for px, py in shape.points))
