"""Edge routing: a direct curve if no card is in the way, else around the cards."""

from collections.abc import Iterable
from operator import itemgetter

from builder.canvas.card import MIN_WIDTH
from builder.graphics.shapes import Point
from builder.layout.spatial_index import Bounds, SpatialIndex, is_large

BEND = 90.0
"""The reach of the curves at both ends of a backward edge."""
TURN = 30.0
"""An edge is backward if its target is less than this to the right of its source."""
BELOW = 30.0
"""Between two cards side by side and a backward edge below them."""
CLEARANCE = 20.0
"""Between the level part of a detour and the cards it passes."""
MIN_DISTANCE = 6.0
"""The least distance between a direct curve and a card."""
MAX_DETOUR = 300.0
"""The farthest that a detour may lie above or below both ports."""
HALVINGS = 20
MOST_OBSTACLES = 100
"""The most cards between two ports that an edge is led around."""
MOST_SEARCHED = 1000
"""The most cards that are searched for the obstacles of a very long edge."""


def obstacle_region(start: Point, end: Point) -> Bounds | None:
    """Find the area where cards may be obstacles of an edge; None if no card fits between."""
    if end[0] - start[0] < MIN_WIDTH:
        return None
    low, high = sorted((start[1], end[1]))
    return start[0], low - MAX_DETOUR, end[0], high + MAX_DETOUR


def obstacles(area: Bounds | None, cards: SpatialIndex[str]) -> list[Bounds]:
    """Find the cards in the `obstacle_region` of an edge; none if they are too many to avoid."""
    if area is None or (is_large(area) and len(cards.boxes) > MOST_SEARCHED):
        return []
    names = cards.touching(area)
    return [cards.boxes[name] for name in names] if len(names) <= MOST_OBSTACLES else []


def route(
    start: Point,
    end: Point,
    first_card: Bounds,
    second_card: Bounds,
    between: Iterable[Bounds] = (),
) -> tuple[Point, ...]:
    """Route an edge from port to port, as a chain of cubic Bezier curves.

    Args:
        start: the output port.
        end: the input port.
        first_card: the card of one port.
        second_card: the card of the other port.
        between: the cards in the `obstacle_region` of the edge.
    """
    if end[0] - start[0] < TURN:
        return _backward(start, end, first_card, second_card)
    cards = [box for box in between if start[0] <= box[0] and box[2] <= end[0]]
    if any(_hits(start, end, box) for box in cards):
        level = _level(start[1], end[1], cards)
        if level is not None:
            return _detour(start, end, level, cards)
    return _direct(start, end)


def bezier(curve: tuple[Point, ...], t: float) -> Point:
    """Evaluate a cubic Bezier curve at a parameter from 0 to 1."""
    s = 1 - t
    weights = s**3, 3 * s**2 * t, 3 * s * t**2, t**3
    return (
        sum(weight * x for weight, (x, _) in zip(weights, curve, strict=True)),
        sum(weight * y for weight, (_, y) in zip(weights, curve, strict=True)),
    )


def _direct(start: Point, end: Point) -> tuple[Point, ...]:
    """Draw one curve, horizontal at both ends."""
    across = end[0] - start[0]
    reach = max(across / 2, min(40.0, across))
    return start, (start[0] + reach, start[1]), (end[0] - reach, end[1]), end


def _hits(start: Point, end: Point, box: Bounds) -> bool:
    """Return whether the direct curve, which is monotonic, comes too close to a card."""
    low, high = sorted((start[1], end[1]))
    if box[3] + MIN_DISTANCE <= low or high <= box[1] - MIN_DISTANCE:
        return False
    heights = sorted(_height(start, end, x) for x in (box[0], box[2]))
    return heights[0] < box[3] + MIN_DISTANCE and heights[1] > box[1] - MIN_DISTANCE


def _height(start: Point, end: Point, x: float) -> float:
    """Return the y of the direct curve at an x, by bisection."""
    low, high, curve = 0.0, 1.0, _direct(start, end)
    if start[1] == end[1]:
        return start[1]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if bezier(curve, middle)[0] < x else (low, middle)
    return bezier(curve, low)[1]


def _level(start: float, end: float, obstacles: list[Bounds]) -> float | None:
    """Find the y at which an edge passes all cards with the shortest detour."""
    taken: list[tuple[float, float]] = []
    for box in sorted(obstacles, key=itemgetter(1)):
        top, bottom = box[1] - CLEARANCE, box[3] + CLEARANCE
        if taken and top < taken[-1][1]:
            taken[-1] = taken[-1][0], max(bottom, taken[-1][1])
        else:
            taken.append((top, bottom))
    least, most = min(start, end) - MAX_DETOUR, max(start, end) + MAX_DETOUR
    levels = [start, end, *(side for pair in taken for side in pair)]
    free = [
        level
        for level in levels
        if least <= level <= most and not any(top < level < bottom for top, bottom in taken)
    ]
    return min(free, key=lambda level: abs(level - start) + abs(level - end), default=None)


def _detour(start: Point, end: Point, level: float, obstacles: list[Bounds]) -> tuple[Point, ...]:
    """Curve to a level, follow it past the cards in the way, and curve to the end."""
    low, high = sorted((start[1], end[1]))
    low, high = min(low, level) - CLEARANCE, max(high, level) + CLEARANCE
    inside = [box for box in obstacles if box[1] < high and box[3] > low]
    left, right = min(box[0] for box in inside), max(box[2] for box in inside)
    third = (right - left) / 3
    return (
        *_direct(start, (left, level)),
        (left + third, level),
        (right - third, level),
        *_direct((right, level), end),
    )


def _backward(
    start: Point, end: Point, first_card: Bounds, second_card: Bounds
) -> tuple[Point, ...]:
    """Leave to the right, return between the cards or below both, and enter from the left."""
    upper, lower = sorted((first_card, second_card), key=itemgetter(1))
    gap = lower[1] - upper[3]
    level = (
        (upper[3] + lower[1]) / 2
        if gap >= CLEARANCE
        else max(first_card[3], second_card[3]) + BELOW
    )
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
