"""Draw cards, edges and comments as shapes, for the window and for pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import dist

from builder.canvas import comment_box
from builder.canvas.card import (
    BAR,
    HEADER,
    INSET,
    LINE,
    PILL,
    ROW,
    TEXT,
    CardPort,
    NodeCard,
)
from builder.canvas.drawing.port_marker import marker
from builder.canvas.edge_path import PAD, EdgePath
from builder.canvas.level_of_detail import Detail
from builder.graphics.shapes import (
    CLEAR,
    Box,
    Colour,
    Curve,
    Disc,
    Line,
    Point,
    Polygon,
    Shape,
    Text,
)
from builder.graphics.text_metrics import (
    BODY,
    PARAMETER,
    PORT,
    SHAPE,
    SUBTITLE,
    TITLE,
    Style,
    printable,
    shortened,
    width,
)
from builder.graphics.theme import Theme, faded, mixed
from codegen.check import Severity
from nodes.core.graphs.graph import Comment

RADIUS = 9.0
"""The corner radius of a card."""
MIN_TITLE, MAX_TITLE = 24.0, 30.0
"""The size of a title at the plain level of detail."""
DASH, GAP = 7.0, 5.0
DIMMED, INACTIVE = 0.62, 0.45
"""How far items fade into the canvas: those that do not match, those that compute nothing."""


@dataclass(frozen=True, slots=True)
class ItemState:
    """The interaction state of an item; an item is dimmed if others are emphasized."""

    selected: bool = False
    hovered: bool = False
    dimmed: bool = False


DEFAULT_STATE = ItemState()


# -- cards ---------------------------------------------------------------------------------------


def draw_node(
    card: NodeCard, theme: Theme, detail: Detail = Detail.FULL, state: ItemState = DEFAULT_STATE
) -> tuple[Shape, ...]:
    """Draw a card, its upper left corner at the origin."""
    if detail is Detail.BOX:
        shapes = tuple(_box_card(card, theme, state))
    else:
        shapes = (
            *_underlay(card, theme, detail, state),
            *_card_body(card, theme, detail, state),
            *(_card_text(card, theme) if detail is Detail.FULL else _plain_card(card, theme)),
            *(shape for port in card.ports for shape in draw_port(port, theme)),
            *_badge(card, theme),
        )
    share = DIMMED if state.dimmed else INACTIVE if card.waiting or card.bypassed else 0.0
    return fade_shapes(shapes, theme.canvas, share) if share else shapes


def draw_port(port: CardPort, theme: Theme, size: float = 1.0) -> tuple[Shape, ...]:
    """Draw the marker of a port, in coordinates of the card."""
    colour = theme.error if port.bad else theme.kinds[port.kind]
    if port.optional and not port.connected and not port.bad:
        colour = mixed(colour, theme.card, 0.35)
    return marker(port.kind, (port.x, port.y), colour, theme.card, port.connected, size)


def _outline(card: NodeCard, theme: Theme, state: ItemState) -> tuple[Colour, float]:
    if card.badge is Severity.ERROR or card.unknown:
        return theme.error, 2.0
    if state.selected:
        return theme.accent, 2.0
    if card.badge is Severity.WARNING:
        return theme.warning, 1.5
    return (mixed(theme.line, theme.text, 0.4) if state.hovered else theme.line), 1.0


def _box_card(card: NodeCard, theme: Theme, state: ItemState) -> Iterator[Shape]:
    card_width, card_height = card.size
    colour = mixed(theme.card, theme.categories[card.category], 0.6)
    line, thickness = _outline(card, theme, state)
    marked = card.badge in (Severity.ERROR, Severity.WARNING) or state.selected or card.unknown
    line = line if marked else mixed(colour, theme.canvas, 0.3)
    yield Box(0, 0, card_width, card_height, colour, line, 4 * thickness, RADIUS)


def _underlay(card: NodeCard, theme: Theme, detail: Detail, state: ItemState) -> Iterator[Shape]:
    """Draw what lies under a card: repetitions, the shadow, the selection glow."""
    card_width, card_height = card.size
    if card.copies and not card.shared:
        for copy_offset in (8, 4):
            ground = mixed(theme.card, theme.canvas, 0.25 + copy_offset / 20)
            yield Box(
                copy_offset, -copy_offset, card_width, card_height, ground, theme.line, 1.0, RADIUS
            )
    if theme.shadow[3] and detail is Detail.FULL and not card.bypassed:
        for spread, offset, share in ((5.0, 5.0, 0.25), (3.0, 3.5, 0.4), (1.0, 2.0, 0.6)):
            colour = faded(theme.shadow, share)
            yield Box(
                -spread,
                offset - spread,
                card_width + 2 * spread,
                card_height + 2 * spread,
                colour,
                radius=RADIUS + spread,
            )
    if state.selected:
        glow = faded(theme.accent, 0.3)
        yield Box(-3, -3, card_width + 6, card_height + 6, CLEAR, glow, 4.0, RADIUS + 3)


def _card_body(card: NodeCard, theme: Theme, detail: Detail, state: ItemState) -> Iterator[Shape]:
    card_width, card_height = card.size
    ground = mixed(theme.card, theme.error, 0.1) if card.unknown else theme.card
    line, thickness = _outline(card, theme, state)
    width_factor = 1 if detail is Detail.FULL else 2
    if card.bypassed:
        yield Box(0, 0, card_width, card_height, ground, radius=RADIUS)
        yield from dashed(
            _rounded(card_width, card_height), mixed(line, theme.quiet, 0.6), 1.5 * width_factor
        )
    else:
        yield Box(0, 0, card_width, card_height, ground, line, thickness * width_factor, RADIUS)


def _card_text(card: NodeCard, theme: Theme) -> Iterator[Shape]:
    """Draw the heading, the port labels and the parameters."""
    card_width, _ = card.size
    category_colour = theme.error if card.unknown else theme.categories[card.category]
    yield Box(BAR, 11, 4, 28, category_colour, radius=2)
    yield _text(card.title, TEXT, 9, TITLE, theme.text)
    yield _text(card.subtitle, TEXT, 27, SUBTITLE, theme.quiet)
    if card.enterable:
        x = TEXT + width(card.subtitle, SUBTITLE.size, SUBTITLE.font) + 6
        yield Line(((x, 31), (x + 3.5, 34.5), (x, 38)), theme.quiet, 1.4)
    if card.copies:
        yield from _pill(
            card.copies.replace("x ", "\N{MULTIPLICATION SIGN}"), card_width - INSET + 2, theme
        )
    for port in card.ports:
        yield _port_label(port, card_width, theme)
    if card.lines:
        top = HEADER + ROW * max(len(card.inputs), len(card.outputs)) + 2
        yield Line(((INSET, top), (card_width - INSET, top)), faded(theme.line, 0.6))
        rest = card.size[1] - top - LINE * len(card.lines)
        for row, line in enumerate(card.lines):
            yield from _parameter(line, top + rest / 2 + LINE * row, theme)
    if card.bypassed:
        yield from _bypass_line(card, theme)


def _plain_card(card: NodeCard, theme: Theme) -> Iterator[Shape]:
    """Draw only the title, as large as the card allows."""
    card_width, card_height = card.size
    category_colour = theme.error if card.unknown else theme.categories[card.category]
    yield Box(0, 0, 8, card_height, category_colour, radius=4)
    available_width, text = card_width - 2 * TEXT, printable(card.name)
    size = min(
        MAX_TITLE, TITLE.size * available_width / max(1.0, width(text, TITLE.size, TITLE.font))
    )
    style = Style(TITLE.font, max(MIN_TITLE, size))
    title = shortened(text, available_width, style.size, style.font)
    yield _text(title, TEXT, (card_height - style.size) / 2, style, theme.text)


def _pill(text: str, right: float, theme: Theme) -> Iterator[Shape]:
    """Draw a text on a right-aligned pill."""
    length = width(text, SUBTITLE.size, SUBTITLE.font)
    left = right - length - 2 * PILL
    yield Box(left, 14, length + 2 * PILL, 21, theme.raised, radius=10.5)
    yield _text(text, left + PILL, 14 + (21 - SUBTITLE.size) / 2, SUBTITLE, theme.text)


def _port_label(port: CardPort, card_width: float, theme: Theme) -> Shape:
    """Draw the label of a port beside its marker."""
    unused = port.optional and not port.connected
    colour = theme.error if port.bad else theme.faint if unused else theme.quiet
    x = INSET if port.end.is_input else card_width - INSET - width(port.label, PORT.size, PORT.font)
    return _text(port.label, x, port.y - PORT.size / 2, PORT, colour)


def _parameter(line: str, y: float, theme: Theme) -> Iterator[Shape]:
    name, space, value = line.partition(" ")
    yield _text(name, INSET, y, PARAMETER, theme.faint)
    if value:
        x = INSET + width(name + space, PARAMETER.size, PARAMETER.font)
        yield _text(value, x, y, PARAMETER, theme.quiet)


def _bypass_line(card: NodeCard, theme: Theme) -> Iterator[Shape]:
    """Draw a dashed line between the first input and output of a bypassed node."""
    if not (card.inputs and card.outputs):
        return
    start, end = card.inputs[0], card.outputs[0]
    left = INSET + width(start.label, PORT.size, PORT.font) + 6
    right = end.x - INSET - width(end.label, PORT.size, PORT.font) - 6
    if left < right:
        yield from dashed(((left, start.y), (right, end.y)), theme.kinds[start.kind], 1.5)


def _badge(card: NodeCard, theme: Theme) -> Iterator[Shape]:
    if card.badge is None:
        return
    x, y = card.size[0] - 5, 5.0
    if card.badge is Severity.HINT:
        yield Disc(x, y, 5.5, theme.card)
        yield Disc(x, y, 4.0, theme.hint)
        return
    colour = theme.error if card.badge is Severity.ERROR else theme.warning
    yield Disc(x, y, 11.0, theme.canvas)
    yield Disc(x, y, 9.5, colour)
    yield Box(x - 1.2, y - 5.4, 2.4, 6.8, theme.card, radius=1.2)
    yield Disc(x, y + 4.2, 1.5, theme.card)


# -- edges ---------------------------------------------------------------------------------------


def draw_edge(
    edge: EdgePath, theme: Theme, detail: Detail = Detail.FULL, state: ItemState = DEFAULT_STATE
) -> tuple[Shape, ...]:
    """Draw an edge and its shape label, in canvas units."""
    colour = mixed(theme.error if edge.bad else theme.kinds[edge.kind], theme.canvas, 0.12)
    # A thin line would vanish at small zooms.
    thickness = {Detail.FULL: 2.0, Detail.PLAIN: 3.0, Detail.BOX: 6.0}[detail]
    shapes: list[Shape] = []
    if state.selected:
        shapes.append(Curve(edge.points, faded(theme.accent, 0.35), thickness * 3.5))
    width_factor = 1.3 if state.hovered or state.selected else 1.0
    shapes.append(Curve(edge.points, colour, thickness * width_factor))
    if detail is Detail.FULL:
        shapes += _label(edge, theme, state)
    share = DIMMED if state.dimmed else INACTIVE if edge.waiting else 0.0
    return fade_shapes(shapes, theme.canvas, share) if share else tuple(shapes)


def _label(edge: EdgePath, theme: Theme, state: ItemState) -> Iterator[Shape]:
    if edge.label_box is None:
        return
    left, top, right, bottom = edge.label_box
    emphasized = state.hovered or state.selected
    colour = theme.error if edge.bad else theme.text if emphasized else theme.quiet
    ground = theme.raised if emphasized else theme.canvas
    yield Box(left, top, right - left, bottom - top, ground, radius=(bottom - top) / 2)
    middle = (top + bottom - SHAPE.size) / 2
    yield _text(edge.label, left + PAD, middle, SHAPE, colour)


# -- comments ------------------------------------------------------------------------------------


def draw_comment(
    comment: Comment, theme: Theme, detail: Detail = Detail.FULL, state: ItemState = DEFAULT_STATE
) -> tuple[Shape, ...]:
    """Draw a frame or a comment, in canvas units; both lie under edges and cards."""
    shapes = (_frame if comment.frame else _comment)(comment, theme, detail, state)
    return fade_shapes(shapes, theme.canvas, DIMMED) if state.dimmed else tuple(shapes)


def _frame(comment: Comment, theme: Theme, detail: Detail, state: ItemState) -> Iterator[Shape]:
    line = theme.accent if state.selected else mixed(theme.line, theme.quiet, 0.25 * state.hovered)
    ground = faded(theme.quiet, 0.07)
    box = comment.x, comment.y, comment.width, comment.height
    yield Box(*box, ground, line, 2.0 if state.selected else 1.0, RADIUS + 3)
    if detail is not Detail.BOX:
        x, y = comment.x + comment_box.INSET, comment.y + (comment_box.HEADING - TITLE.size) / 2
        yield _text(comment_box.heading(comment), x, y, TITLE, theme.quiet)
    yield from _resize_handle(comment, theme, state)


def _comment(comment: Comment, theme: Theme, detail: Detail, state: ItemState) -> Iterator[Shape]:
    line = theme.accent if state.selected else mixed(theme.line, theme.quiet, 0.25 * state.hovered)
    ground = mixed(theme.canvas, theme.warning, 0.08)
    box = comment.x, comment.y, comment.width, comment.height
    yield Box(*box, ground, line, 2.0 if state.selected else 1.0, RADIUS - 3)
    if detail is not Detail.BOX:
        for (x, y), text in comment_box.lines(comment):
            yield _text(text, comment.x + x, comment.y + y, BODY, theme.text)
    yield from _resize_handle(comment, theme, state)


def _resize_handle(comment: Comment, theme: Theme, state: ItemState) -> Iterator[Shape]:
    """Draw the resize handle of a selected or hovered comment."""
    if state.selected or state.hovered:
        x, y = comment.x + comment.width - 5, comment.y + comment.height - 5
        for size in (5.0, 9.0):
            yield Line(((x - size, y), (x, y - size)), theme.quiet, 1.4)


# -- shapes --------------------------------------------------------------------------------------


def fade_shapes(shapes: Iterable[Shape], canvas: Colour, share: float) -> tuple[Shape, ...]:
    """Mix the colours of shapes with the canvas, and keep their opacity."""

    def fade(colour: Colour) -> Colour:
        return (*mixed(colour, canvas, share)[:3], colour[3])

    return tuple(
        replace(shape, fill=fade(shape.fill), line=fade(shape.line))
        if isinstance(shape, Box | Disc | Polygon)
        else replace(shape, colour=fade(shape.colour))
        for shape in shapes
    )


def dashed(path: Iterable[Point], colour: Colour, thickness: float) -> Iterator[Line]:
    """Draw a dashed polyline."""
    points = list(path)
    left, is_dash, dash = DASH, True, [points[0]]
    for start, end in pairwise(points):
        at, length = start, dist(start, end)
        while length >= left > 0:
            share = left / length
            at = at[0] + (end[0] - at[0]) * share, at[1] + (end[1] - at[1]) * share
            length -= left
            if is_dash:
                yield Line((*dash, at), colour, thickness)
            is_dash = not is_dash
            left, dash = (DASH if is_dash else GAP), [at]
        left -= length
        dash.append(end)
    if is_dash and len(dash) > 1:
        yield Line(tuple(dash), colour, thickness)


def _rounded(card_width: float, card_height: float) -> Iterator[Point]:
    """Return the outline of a card, with each rounded corner as three points."""
    near = 0.29 * RADIUS
    for right, low in ((False, False), (True, False), (True, True), (False, True)):
        x, y = (card_width if right else 0.0), (card_height if low else 0.0)
        inward, downward = (-1 if right else 1), (-1 if low else 1)
        corner = [(x + inward * RADIUS, y), (x + inward * near, y + downward * near)]
        corner.append((x, y + downward * RADIUS))
        # Clockwise, every second corner is traversed in reverse.
        yield from reversed(corner) if right == low else corner
    yield 0.0, RADIUS


def _text(text: str, x: float, y: float, style: Style, colour: Colour) -> Text:
    return Text(x, y, text, style.size, colour, style.font)
