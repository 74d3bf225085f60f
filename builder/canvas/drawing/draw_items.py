"""Draw cards, edges and remarks as plain shapes; the window and pictures show the same ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import dist

from builder.canvas import comment_box as comments
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
"""How round the corners of a card are."""
SMALLEST_TITLE, LARGEST_TITLE = 24.0, 30.0
"""How high a title is, seen from afar."""
DASH, GAP = 7.0, 5.0
DIMMED, IDLE = 0.62, 0.45
"""How much of the canvas shows through what is not looked at, and what nothing goes through."""


@dataclass(frozen=True, slots=True)
class NodeState:
    """How something is looked at."""

    selected: bool = False
    hovered: bool = False
    dimmed: bool = False


CALM = NodeState()


# -- cards ---------------------------------------------------------------------------------------


def draw_node(
    figure: NodeCard, theme: Theme, detail: Detail = Detail.FULL, state: NodeState = CALM
) -> tuple[Shape, ...]:
    """Draw a card, its upper left corner at the origin."""
    if detail is Detail.BOX:
        shapes = _patch(figure, theme, state)
    else:
        shapes = (
            *_below(figure, theme, detail, state),
            *_card(figure, theme, detail, state),
            *(_inside(figure, theme) if detail is Detail.FULL else _from_afar(figure, theme)),
            *(shape for port in figure.ports for shape in draw_port(port, theme)),
            *_badge(figure, theme),
        )
    share = DIMMED if state.dimmed else IDLE if figure.waiting or figure.bypassed else 0.0
    return veiled(shapes, theme.canvas, share) if share else tuple(shapes)


def draw_port(port: CardPort, theme: Theme, size: float = 1.0) -> tuple[Shape, ...]:
    """Draw the mark of a port where it is on its card."""
    colour = theme.error if port.bad else theme.kinds[port.kind]
    if port.optional and not port.connected and not port.bad:
        colour = mixed(colour, theme.card, 0.35)
    return marker(port.kind, (port.x, port.y), colour, theme.card, port.connected, size)


def _outline(figure: NodeCard, theme: Theme, state: NodeState) -> tuple[Colour, float]:
    if figure.badge is Severity.ERROR or figure.unknown:
        return theme.error, 2.0
    if state.selected:
        return theme.accent, 2.0
    if figure.badge is Severity.WARNING:
        return theme.warning, 1.5
    return (mixed(theme.line, theme.text, 0.4) if state.hovered else theme.line), 1.0


def _patch(figure: NodeCard, theme: Theme, state: NodeState) -> Iterator[Shape]:
    across, down = figure.size
    colour = mixed(theme.card, theme.families[figure.category], 0.6)
    line, thickness = _outline(figure, theme, state)
    marked = figure.badge in (Severity.ERROR, Severity.WARNING) or state.selected or figure.unknown
    line = line if marked else mixed(colour, theme.canvas, 0.3)
    yield Box(0, 0, across, down, colour, line, 4 * thickness, RADIUS)


def _below(figure: NodeCard, theme: Theme, detail: Detail, state: NodeState) -> Iterator[Shape]:
    """Draw what lies under a card: its shadow, the glow of a selection, the copies behind it."""
    across, down = figure.size
    if figure.copies and not figure.shared:
        for step in (8, 4):
            ground = mixed(theme.card, theme.canvas, 0.25 + step / 20)
            yield Box(step, -step, across, down, ground, theme.line, 1.0, RADIUS)
    if theme.shadow[3] and detail is Detail.FULL and not figure.bypassed:
        for grown, lower, share in ((5.0, 5.0, 0.25), (3.0, 3.5, 0.4), (1.0, 2.0, 0.6)):
            colour = faded(theme.shadow, share)
            yield Box(
                -grown,
                lower - grown,
                across + 2 * grown,
                down + 2 * grown,
                colour,
                radius=RADIUS + grown,
            )
    if state.selected:
        glow = faded(theme.accent, 0.3)
        yield Box(-3, -3, across + 6, down + 6, CLEAR, glow, 4.0, RADIUS + 3)


def _card(figure: NodeCard, theme: Theme, detail: Detail, state: NodeState) -> Iterator[Shape]:
    across, down = figure.size
    ground = mixed(theme.card, theme.error, 0.1) if figure.unknown else theme.card
    line, thickness = _outline(figure, theme, state)
    larger = 1 if detail is Detail.FULL else 2
    if figure.bypassed:
        yield Box(0, 0, across, down, ground, radius=RADIUS)
        yield from dashed(_rounded(across, down), mixed(line, theme.quiet, 0.6), 1.5 * larger)
    else:
        yield Box(0, 0, across, down, ground, line, thickness * larger, RADIUS)


def _inside(figure: NodeCard, theme: Theme) -> Iterator[Shape]:
    """Draw the heading, the names of the ports and the parameters."""
    across, _ = figure.size
    family = theme.error if figure.unknown else theme.families[figure.category]
    yield Box(BAR, 11, 4, 28, family, radius=2)
    yield _text(figure.title, TEXT, 9, TITLE, theme.text)
    yield _text(figure.subtitle, TEXT, 27, SUBTITLE, theme.quiet)
    if figure.enterable:
        x = TEXT + width(figure.subtitle, SUBTITLE.size, SUBTITLE.font) + 6
        yield Line(((x, 31), (x + 3.5, 34.5), (x, 38)), theme.quiet, 1.4)
    if figure.copies:
        yield from _pill(
            figure.copies.replace("x ", "\N{MULTIPLICATION SIGN}"), across - INSET + 2, theme
        )
    for port in figure.ports:
        yield _name(port, across, theme)
    if figure.lines:
        top = HEADER + ROW * max(len(figure.inputs), len(figure.outputs)) + 2
        yield Line(((INSET, top), (across - INSET, top)), faded(theme.line, 0.6))
        rest = figure.size[1] - top - LINE * len(figure.lines)
        for row, line in enumerate(figure.lines):
            yield from _parameter(line, top + rest / 2 + LINE * row, theme)
    if figure.bypassed:
        yield from _passage(figure, theme)


def _from_afar(figure: NodeCard, theme: Theme) -> Iterator[Shape]:
    """Draw the title alone, as large as the card allows."""
    across, down = figure.size
    family = theme.error if figure.unknown else theme.families[figure.category]
    yield Box(0, 0, 8, down, family, radius=4)
    room, text = across - 2 * TEXT, printable(figure.name)
    size = min(LARGEST_TITLE, TITLE.size * room / max(1.0, width(text, TITLE.size, TITLE.font)))
    style = Style(TITLE.font, max(SMALLEST_TITLE, size))
    title = shortened(text, room, style.size, style.font)
    yield _text(title, TEXT, (down - style.size) / 2, style, theme.text)


def _pill(text: str, right: float, theme: Theme) -> Iterator[Shape]:
    """Draw a short text on a pill that ends on the right."""
    long = width(text, SUBTITLE.size, SUBTITLE.font)
    left = right - long - 2 * PILL
    yield Box(left, 14, long + 2 * PILL, 21, theme.raised, radius=10.5)
    yield _text(text, left + PILL, 14 + (21 - SUBTITLE.size) / 2, SUBTITLE, theme.text)


def _name(port: CardPort, across: float, theme: Theme) -> Shape:
    """Write the name of a port beside it."""
    idle = port.optional and not port.connected
    colour = theme.error if port.bad else theme.faint if idle else theme.quiet
    x = INSET if port.end.is_input else across - INSET - width(port.label, PORT.size, PORT.font)
    return _text(port.label, x, port.y - PORT.size / 2, PORT, colour)


def _parameter(line: str, y: float, theme: Theme) -> Iterator[Shape]:
    name, space, value = line.partition(" ")
    yield _text(name, INSET, y, PARAMETER, theme.faint)
    if value:
        x = INSET + width(name + space, PARAMETER.size, PARAMETER.font)
        yield _text(value, x, y, PARAMETER, theme.quiet)


def _passage(figure: NodeCard, theme: Theme) -> Iterator[Shape]:
    """Draw the way of what passes a bypassed node, between the names of its ports."""
    if not (figure.inputs and figure.outputs):
        return
    start, end = figure.inputs[0], figure.outputs[0]
    left = INSET + width(start.label, PORT.size, PORT.font) + 6
    right = end.x - INSET - width(end.label, PORT.size, PORT.font) - 6
    if left < right:
        yield from dashed(((left, start.y), (right, end.y)), theme.kinds[start.kind], 1.5)


def _badge(figure: NodeCard, theme: Theme) -> Iterator[Shape]:
    if figure.badge is None:
        return
    x, y = figure.size[0] - 5, 5.0
    if figure.badge is Severity.HINT:
        yield Disc(x, y, 5.5, theme.card)
        yield Disc(x, y, 4.0, theme.hint)
        return
    colour = theme.error if figure.badge is Severity.ERROR else theme.warning
    yield Disc(x, y, 11.0, theme.canvas)
    yield Disc(x, y, 9.5, colour)
    yield Box(x - 1.2, y - 5.4, 2.4, 6.8, theme.card, radius=1.2)
    yield Disc(x, y + 4.2, 1.5, theme.card)


# -- edges ---------------------------------------------------------------------------------------


def draw_edge(
    figure: EdgePath, theme: Theme, detail: Detail = Detail.FULL, state: NodeState = CALM
) -> tuple[Shape, ...]:
    """Draw an edge where it lies, and its shape on a pill."""
    colour = mixed(theme.error if figure.bad else theme.kinds[figure.kind], theme.canvas, 0.12)
    # Seen from afar, a line has to be thicker to be seen at all.
    thickness = {Detail.FULL: 2.0, Detail.PLAIN: 3.0, Detail.BOX: 6.0}[detail]
    shapes: list[Shape] = []
    if state.selected:
        shapes.append(Curve(figure.points, faded(theme.accent, 0.35), thickness * 3.5))
    larger = 1.3 if state.hovered or state.selected else 1.0
    shapes.append(Curve(figure.points, colour, thickness * larger))
    if detail is Detail.FULL:
        shapes += _label(figure, theme, state)
    share = DIMMED if state.dimmed else IDLE if figure.waiting else 0.0
    return veiled(shapes, theme.canvas, share) if share else tuple(shapes)


def _label(figure: EdgePath, theme: Theme, state: NodeState) -> Iterator[Shape]:
    if figure.label_box is None:
        return
    left, top, right, bottom = figure.label_box
    lit = state.hovered or state.selected
    colour = theme.error if figure.bad else theme.text if lit else theme.quiet
    ground = theme.raised if lit else theme.canvas
    yield Box(left, top, right - left, bottom - top, ground, radius=(bottom - top) / 2)
    middle = (top + bottom - SHAPE.size) / 2
    yield _text(figure.label, left + PAD, middle, SHAPE, colour)


# -- remarks -------------------------------------------------------------------------------------


def draw_comment(
    comment: Comment, theme: Theme, detail: Detail = Detail.FULL, state: NodeState = CALM
) -> tuple[Shape, ...]:
    """Draw a frame or a comment where it lies; both belong under edges and cards."""
    shapes = (_frame if comment.frame else _comment)(comment, theme, detail, state)
    return veiled(shapes, theme.canvas, DIMMED) if state.dimmed else tuple(shapes)


def _frame(comment: Comment, theme: Theme, detail: Detail, state: NodeState) -> Iterator[Shape]:
    line = theme.accent if state.selected else mixed(theme.line, theme.quiet, 0.25 * state.hovered)
    ground = faded(theme.quiet, 0.07)
    box = comment.x, comment.y, comment.width, comment.height
    yield Box(*box, ground, line, 2.0 if state.selected else 1.0, RADIUS + 3)
    if detail is not Detail.BOX:
        x, y = comment.x + comments.INSET, comment.y + (comments.HEADING - TITLE.size) / 2
        yield _text(comments.heading(comment), x, y, TITLE, theme.quiet)
    yield from _corner(comment, theme, state)


def _comment(comment: Comment, theme: Theme, detail: Detail, state: NodeState) -> Iterator[Shape]:
    line = theme.accent if state.selected else mixed(theme.line, theme.quiet, 0.25 * state.hovered)
    ground = mixed(theme.canvas, theme.warning, 0.08)
    box = comment.x, comment.y, comment.width, comment.height
    yield Box(*box, ground, line, 2.0 if state.selected else 1.0, RADIUS - 3)
    if detail is not Detail.BOX:
        for (x, y), text in comments.lines(comment):
            yield _text(text, comment.x + x, comment.y + y, BODY, theme.text)
    yield from _corner(comment, theme, state)


def _corner(comment: Comment, theme: Theme, state: NodeState) -> Iterator[Shape]:
    """Show where a remark is made larger."""
    if state.selected or state.hovered:
        x, y = comment.x + comment.width - 5, comment.y + comment.height - 5
        for reach in (5.0, 9.0):
            yield Line(((x - reach, y), (x, y - reach)), theme.quiet, 1.4)


# -- shapes --------------------------------------------------------------------------------------


def veiled(shapes: Iterable[Shape], canvas: Colour, share: float) -> tuple[Shape, ...]:
    """Let shapes fade into the canvas, without showing what lies under them."""

    def veil(colour: Colour) -> Colour:
        return (*mixed(colour, canvas, share)[:3], colour[3])

    return tuple(
        replace(shape, fill=veil(shape.fill), line=veil(shape.line))
        if isinstance(shape, Box | Disc | Polygon)
        else replace(shape, colour=veil(shape.colour))
        for shape in shapes
    )


def dashed(path: Iterable[Point], colour: Colour, thickness: float) -> Iterator[Line]:
    """Draw a line through points in dashes."""
    points = list(path)
    left, inked, dash = DASH, True, [points[0]]
    for one, other in pairwise(points):
        at, length = one, dist(one, other)
        while length >= left > 0:
            share = left / length
            at = at[0] + (other[0] - at[0]) * share, at[1] + (other[1] - at[1]) * share
            length -= left
            if inked:
                yield Line((*dash, at), colour, thickness)
            inked = not inked
            left, dash = (DASH if inked else GAP), [at]
        left -= length
        dash.append(other)
    if inked and len(dash) > 1:
        yield Line(tuple(dash), colour, thickness)


def _rounded(across: float, down: float) -> Iterator[Point]:
    """Go around a card, its corners rounded by three straight pieces each."""
    near, half = 0.29 * RADIUS, RADIUS
    for right, low in ((False, False), (True, False), (True, True), (False, True)):
        x, y = (across if right else 0.0), (down if low else 0.0)
        inward, downward = (-1 if right else 1), (-1 if low else 1)
        along = [(x + inward * half, y), (x + inward * near, y + downward * near)]
        along.append((x, y + downward * half))
        # Clockwise, a corner is entered from the side that the last one left by.
        yield from reversed(along) if right == low else along
    yield 0.0, half


def _text(text: str, x: float, y: float, style: Style, colour: Colour) -> Text:
    return Text(x, y, text, style.size, colour, style.font)
