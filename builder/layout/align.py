"""Aligning, distributing, straightening and snapping of nodes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product

from nodes.core.graphs.graph import Graph, Point, PortRef

GRID = 10.0
SNAP_DISTANCE = 6.0
MIN_GAP = 20.0

Size = tuple[float, float]
Rectangle = tuple[Point, Point]
"""The upper left and the lower right corner."""
PortOffsets = Mapping[tuple[str, str, bool], float]
"""The offset of a port from the top of its node, by node, port, and whether it is an input."""

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
    """Round to the nearest grid line."""
    return round(value / GRID) * GRID


def aligned(
    positions: Mapping[str, Point], sizes: Mapping[str, Size], side: str
) -> dict[str, Point]:
    """Align nodes at a side.

    Args:
        positions: the positions of the nodes.
        sizes: their sizes.
        side: "left", "right", "top" or "bottom", that of the outermost node; or "centre" or
            "middle", that of their bounding box.
    """
    axis, fraction = _SIDES[side]
    lines = {name: at[axis] + fraction * sizes[name][axis] for name, at in positions.items()}
    if not lines:
        return {}
    low, high = min(lines.values()), max(lines.values())
    line = low + fraction * (high - low)
    return {
        name: _with_coordinate(at, axis, at[axis] + line - lines[name])
        for name, at in positions.items()
    }


def distributed(
    positions: Mapping[str, Point], sizes: Mapping[str, Size], axis: str
) -> dict[str, Point]:
    """Make the gaps between nodes equal along "x" or "y".

    The first and the last node keep their positions, unless there is too little room between them.
    """
    index = _AXES[axis]
    order = sorted(positions, key=lambda name: (positions[name][index], name))
    if len(order) < 3:
        return dict(positions)
    first, last = order[0], order[-1]
    span = positions[last][index] - positions[first][index]
    filled = sum(sizes[name][index] for name in order[:-1])
    gap = max((span - filled) / (len(order) - 1), MIN_GAP)
    found, coordinate = {first: positions[first]}, positions[first][index]
    for before, name in pairwise(order):
        coordinate += sizes[before][index] + gap
        found[name] = _with_coordinate(positions[name], index, coordinate)
    return found


def straightened(
    graph: Graph, positions: Mapping[str, Point], ports: PortOffsets, names: Collection[str]
) -> dict[str, Point]:
    """Move nodes vertically so that the edges between them are straight.

    Each node follows the source of its first input, and each output aligns one node.  A single
    node follows its source even if that is not among ``names``.
    """
    found = {name: positions[name] for name in names}
    used: set[PortRef] = set()
    for name in sorted(names, key=lambda name: (positions[name], name)):
        for port, source in graph.sources[name].items():
            included = source.node in found or len(found) == 1
            measured = (name, port, True) in ports and (*source, False) in ports
            if not (included and measured and source not in used) or source.node not in positions:
                continue
            used.add(source)
            y = found.get(source.node, positions[source.node])[1] + ports[*source, False]
            found[name] = found[name][0], y - ports[name, port, True]
            break
    return found


@dataclass(frozen=True, slots=True)
class Snap:
    """The correction of a drag by snapping, and the guides that show why.

    Attributes:
        dx, dy: the offset to add to the drag.
        guides: the two ends of each guide line.
    """

    dx: float = 0.0
    dy: float = 0.0
    guides: tuple[tuple[Point, Point], ...] = ()


def snap(
    moved: Rectangle,
    others: Iterable[Rectangle],
    edges: Iterable[tuple[Point, Point]] = (),
    distance: float = SNAP_DISTANCE,
) -> Snap:
    """Snap what is moved to the sides and centres of other items, else to the grid.

    Args:
        moved: the bounding box of what is moved.
        others: the boxes of the other items; those in the viewport suffice.
        edges: the moved and the fixed end of each edge between the two; straightening an edge has
            priority over aligning boxes.
        distance: the farthest line to snap to, in canvas units.
    """
    others = list(others)
    horizontal = _nearest(moved, others, 0, distance)
    vertical = _nearest(moved, others, 1, distance)
    edge = min(edges, key=lambda ends: abs(ends[1][1] - ends[0][1]), default=None)
    if edge is not None and abs(edge[1][1] - edge[0][1]) > distance:
        edge = None
    dx = horizontal[0] if horizontal else on_grid(moved[0][0]) - moved[0][0]
    if edge is not None:
        dy = edge[1][1] - edge[0][1]
    else:
        dy = vertical[0] if vertical else on_grid(moved[0][1]) - moved[0][1]
    guides = []
    if horizontal:
        (x, top), (_, bottom) = horizontal[1]
        low, high = min(top, moved[0][1] + dy), max(bottom, moved[1][1] + dy)
        guides.append(((x, low), (x, high)))
    if edge is not None:
        guides.append(((edge[0][0] + dx, edge[1][1]), edge[1]))
    elif vertical:
        (left, y), (right, _) = vertical[1]
        low, high = min(left, moved[0][0] + dx), max(right, moved[1][0] + dx)
        guides.append(((low, y), (high, y)))
    return Snap(dx, dy, tuple(guides))


def _nearest(
    moved: Rectangle, others: list[Rectangle], axis: int, limit: float
) -> tuple[float, tuple[Point, Point]] | None:
    """Return the distance to the nearest line of another box, and the ends of that line."""
    best = None
    own_lines = _lines(moved, axis)
    for other in others:
        for (own, own_part), (line, part) in product(own_lines, _lines(other, axis)):
            # A centre aligns with centres only, as it is no visible side.
            distance = line - own
            if abs(distance) > limit or (own_part == 0.5) != (part == 0.5):
                continue
            if best is None or abs(distance) < abs(best[0]):
                start, end = (_with_coordinate(corner, axis, line) for corner in other)
                best = distance, (start, end)
    return best


def _lines(box: Rectangle, axis: int) -> list[tuple[float, float]]:
    """Return the coordinates of the sides and the centre of a box, each with its fraction."""
    low, high = box[0][axis], box[1][axis]
    return [(low, 0.0), ((low + high) / 2, 0.5), (high, 1.0)]


def _with_coordinate(point: Point, axis: int, value: float) -> Point:
    return (value, point[1]) if axis == 0 else (point[0], value)
