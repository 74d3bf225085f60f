"""The way of an edge: a plain curve where nothing lies between, else around what does."""

from collections.abc import Iterable
from operator import itemgetter

from builder.canvas.card import NARROWEST
from builder.graphics.shapes import Point
from builder.layout.spatial_index import Bounds

BEND = 90.0
"""How far an edge that goes back swings out."""
TURN = 30.0
"""How far to the right of its source a target has to lie, for the edge not to go back."""
BELOW = 30.0
"""How far under two cards side by side an edge goes back."""
CLEAR = 20.0
"""How far a level edge keeps from the cards it passes."""
NEAR = 6.0
"""How near a curve may come to a card."""
SEARCHED = 300.0
"""How far above and below its ports a way is looked for."""
HALVINGS = 20


def region(start: Point, end: Point) -> Bounds | None:
    """Tell where cards may be in the way of an edge; None where there is no room for any."""
    if end[0] - start[0] < NARROWEST:
        return None
    low, high = sorted((start[1], end[1]))
    return start[0], low - SEARCHED, end[0], high + SEARCHED


def route(
    start: Point, end: Point, one: Bounds, other: Bounds, between: Iterable[Bounds] = ()
) -> tuple[Point, ...]:
    """Draw the way from port to port, as cubic Bezier curves one after the other.

    Args:
        start: the output port.
        end: the input port.
        one: the card of one of the two.
        other: the card of the other.
        between: the cards in the edge's `region`.
    """
    if end[0] - start[0] < TURN:
        return _back(start, end, one, other)
    passed = [box for box in between if start[0] <= box[0] and box[2] <= end[0]]
    if any(_hits(start, end, box) for box in passed):
        level = _level(start[1], end[1], passed)
        if level is not None:
            return _along(start, end, level, passed)
    return _bow(start, end)


def bezier(curve: tuple[Point, ...], along: float) -> Point:
    """Find the point of a cubic Bezier curve at a share of its parameter, from 0 to 1."""
    back = 1 - along
    weights = back**3, 3 * back**2 * along, 3 * back * along**2, along**3
    return (
        sum(weight * x for weight, (x, _) in zip(weights, curve, strict=True)),
        sum(weight * y for weight, (_, y) in zip(weights, curve, strict=True)),
    )


def _bow(start: Point, end: Point) -> tuple[Point, ...]:
    """Swing from one level to another."""
    across = end[0] - start[0]
    reach = max(across / 2, min(40.0, across))
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def _hits(start: Point, end: Point, box: Bounds) -> bool:
    """Tell whether the plain curve comes too near to a card; it only rises, or only falls."""
    heights = sorted(_height(start, end, x) for x in (box[0], box[2]))
    return heights[0] < box[3] + NEAR and heights[1] > box[1] - NEAR


def _height(start: Point, end: Point, x: float) -> float:
    """Tell how far down the plain curve is at some place along."""
    low, high, curve = 0.0, 1.0, _bow(start, end)
    if start[1] == end[1]:
        return start[1]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if bezier(curve, middle)[0] < x else (low, middle)
    return bezier(curve, low)[1]


def _level(start: float, end: float, passed: list[Bounds]) -> float | None:
    """Find the level on which an edge passes all cards with the least detour."""
    taken: list[tuple[float, float]] = []
    for box in sorted(passed, key=itemgetter(1)):
        top, bottom = box[1] - CLEAR, box[3] + CLEAR
        if taken and top < taken[-1][1]:
            taken[-1] = taken[-1][0], max(bottom, taken[-1][1])
        else:
            taken.append((top, bottom))
    least, most = min(start, end) - SEARCHED, max(start, end) + SEARCHED
    levels = [start, end, *(side for pair in taken for side in pair)]
    free = [
        level
        for level in levels
        if least <= level <= most and not any(top < level < bottom for top, bottom in taken)
    ]
    return min(free, key=lambda level: abs(level - start) + abs(level - end), default=None)


def _along(start: Point, end: Point, level: float, passed: list[Bounds]) -> tuple[Point, ...]:
    """Go to a level, along it past the cards that are in the way, and on from there."""
    low, high = sorted((start[1], end[1]))
    low, high = min(low, level) - CLEAR, max(high, level) + CLEAR
    inside = [box for box in passed if box[1] < high and box[3] > low]
    left, right = min(box[0] for box in inside), max(box[2] for box in inside)
    third = (right - left) / 3
    return (
        *_bow(start, (left, level)),
        (left + third, level),
        (right - third, level),
        *_bow((right, level), end),
    )


def _back(start: Point, end: Point, one: Bounds, other: Bounds) -> tuple[Point, ...]:
    """Go out to the right, back between the cards or below both, and in from the left."""
    upper, lower = sorted((one, other), key=itemgetter(1))
    gap = lower[1] - upper[3]
    level = (upper[3] + lower[1]) / 2 if gap >= CLEAR else max(one[3], other[3]) + BELOW
    right, left = max(start[0], end[0] - 40), min(end[0], start[0] + 40)
    out, back = (right - 30, level), (left + 30, level)
    if out[0] < back[0]:
        out = back = ((right + left) / 2, level)
    third = (out[0] - back[0]) / 3
    return (
        start,
        (start[0] + BEND, start[1]),
        (out[0] + BEND, level),
        out,
        (out[0] - third, level),
        (back[0] + third, level),
        back,
        (back[0] - BEND, level),
        (end[0] - BEND, end[1]),
        end,
    )
