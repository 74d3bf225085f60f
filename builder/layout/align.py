"""Bring nodes in line: aligned, spread evenly, edges made straight, and snapped while they move."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

from nodes.core.graphs.graph import Graph, Point, PortRef

GRID = 10.0
REACH = 6.0
LEAST_GAP = 20.0

Size = tuple[float, float]
Rectangle = tuple[Point, Point]
"""The upper left and the lower right corner."""
Ports = Mapping[tuple[str, str, bool], float]
"""How far down a node a port lies, by node, port, and whether it is an input."""

_AXES = {"x": 0, "y": 1}
_SIDES = {
    "left": (0, 0.0),
    "centre": (0, 0.5),
    "right": (0, 1.0),
    "top": (1, 0.0),
    "middle": (1, 0.5),
    "bottom": (1, 1.0),
}


def on_grid(value: float) -> float:
    """Give the nearest line of the grid."""
    return round(value / GRID) * GRID


def aligned(
    positions: Mapping[str, Point], sizes: Mapping[str, Size], side: str
) -> dict[str, Point]:
    """Move nodes so that they share a side.

    Args:
        positions: where the nodes lie.
        sizes: how large they are.
        side: "left", "right", "top" or "bottom", the outermost of which all go to; or "centre" or
            "middle", on the average of which they line up from left to right, or top to bottom.
    """
    axis, part = _SIDES[side]
    lines = {name: at[axis] + part * sizes[name][axis] for name, at in positions.items()}
    if not lines:
        return {}
    least, most = min(lines.values()), max(lines.values())
    line = least + part * (most - least)
    return {name: _moved(at, axis, at[axis] + line - lines[name]) for name, at in positions.items()}


def distributed(
    positions: Mapping[str, Point], sizes: Mapping[str, Size], axis: str
) -> dict[str, Point]:
    """Make the gaps between nodes equal along "x" or "y".

    The first and the last stay, unless there is too little room between them.
    """
    along = _AXES[axis]
    order = sorted(positions, key=lambda name: (positions[name][along], name))
    if len(order) < 3:
        return dict(positions)
    first, last = order[0], order[-1]
    span = positions[last][along] - positions[first][along]
    filled = sum(sizes[name][along] for name in order[:-1])
    gap = max((span - filled) / (len(order) - 1), LEAST_GAP)
    found, at = {first: positions[first]}, positions[first][along]
    for before, name in pairwise(order):
        at += sizes[before][along] + gap
        found[name] = _moved(positions[name], along, at)
    return found


def straightened(
    graph: Graph, positions: Mapping[str, Point], ports: Ports, names: Collection[str]
) -> dict[str, Point]:
    """Move nodes up or down so that the edges between them run straight.

    Each node follows the first of its inputs, and each output draws one node.  A node by itself
    follows its source.
    """
    found = {name: positions[name] for name in names}
    drawn: set[PortRef] = set()
    for name in sorted(names, key=lambda name: (positions[name], name)):
        for port, source in graph.arriving[name].items():
            near = source.node in found or len(found) == 1
            known = (name, port, True) in ports and (*source, False) in ports
            if not (near and known and source not in drawn) or source.node not in positions:
                continue
            drawn.add(source)
            level = found.get(source.node, positions[source.node])[1] + ports[*source, False]
            found[name] = found[name][0], level - ports[name, port, True]
            break
    return found


@dataclass(frozen=True, slots=True)
class Snap:
    """Where a drag is drawn to: how far from the pointer, and the lines that show why."""

    dx: float = 0.0
    dy: float = 0.0
    guides: tuple[tuple[Point, Point], ...] = ()


def snap(
    moved: Rectangle,
    others: Iterable[Rectangle],
    levels: Iterable[tuple[Point, Point]] = (),
    reach: float = REACH,
) -> Snap:
    """Draw what is moved to the lines of what stands near it, else to the grid.

    Args:
        moved: around all that is moved.
        others: around each thing that stands; those in view are enough.
        levels: for each edge between the two, its moved end and its standing end; the edge is made
            straight before anything else is lined up.
        reach: how far a line draws, in canvas units.
    """
    others = list(others)
    across = _nearest(moved, others, 0, reach)
    level = min(levels, key=lambda ends: abs(ends[1][1] - ends[0][1]), default=None)
    if level is not None and abs(level[1][1] - level[0][1]) <= reach:
        down = level[1][1] - level[0][1], level
    else:
        down = _nearest(moved, others, 1, reach)
    dx = across[0] if across else on_grid(moved[0][0]) - moved[0][0]
    dy = down[0] if down else on_grid(moved[0][1]) - moved[0][1]
    guides = []
    if across:
        (x, top), (_, bottom) = across[1]
        low, high = min(top, moved[0][1] + dy), max(bottom, moved[1][1] + dy)
        guides.append(((x, low), (x, high)))
    if down and level is not None and down[1] is level:
        guides.append(((level[0][0] + dx, level[1][1]), level[1]))
    elif down:
        (left, y), (right, _) = down[1]
        low, high = min(left, moved[0][0] + dx), max(right, moved[1][0] + dx)
        guides.append(((low, y), (high, y)))
    return Snap(dx, dy, tuple(guides))


def _nearest(
    moved: Rectangle, others: list[Rectangle], axis: int, reach: float
) -> tuple[float, tuple[Point, Point]] | None:
    """Find the nearest line of another thing: how far it is, and the line along that thing."""
    best = None
    own = _lines(moved, axis)
    for other in others:
        for (mine, part), (line, theirs) in product(own, _lines(other, axis)):
            # A middle lines up with a middle only: it is no edge that one sees.
            away = line - mine
            if abs(away) > reach or (part == 0.5) != (theirs == 0.5):
                continue
            if best is None or abs(away) < abs(best[0]):
                best = away, (_moved(other[0], axis, line), _moved(other[1], axis, line))
    return best


def _lines(box: Rectangle, axis: int) -> list[tuple[float, float]]:
    low, high = box[0][axis], box[1][axis]
    return [(low, 0.0), ((low + high) / 2, 0.5), (high, 1.0)]


def _moved(at: Point, axis: int, value: float) -> Point:
    return (value, at[1]) if axis == 0 else (at[0], value)
