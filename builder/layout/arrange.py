"""Arrange a graph in columns from left to right.

Written out here, because no library serves: networkx has no such layout, and grandalf knows no
ports, so an edge from card to card is never quite straight.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from builder.layout.align import Ports, Size, on_grid
from builder.layout.coordinate_assignment import GAP, heights
from builder.layout.crossing_reduction import ordered
from builder.layout.layer_assignment import Columns, columns
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import Graph, Point

ACROSS = 60.0
"""Between two columns."""
APART = 2 * GAP
"""Between parts of the graph that nothing joins."""
WIDE = 1200.0
"""How wide rows of single nodes are at least."""
USUAL: Size = (180.0, 80.0)
NOTHING: Mapping = MappingProxyType({})


def arrange(
    graph: Graph,
    sizes: Mapping[str, Size],
    ports: Ports = NOTHING,
    *,
    names: Collection[str] | None = None,
    positions: Mapping[str, Point] = NOTHING,
) -> dict[str, Point]:
    """Find a place for each node; the nodes of a column share their left side.

    Args:
        graph: the nodes and edges; loops do no harm.
        sizes: how large each node is.
        ports: how far down a node its ports lie; the middle where it is not told.
        names: the nodes to place, around where they are now; all if it is None.
        positions: where nodes are now.
    """
    chosen = list(graph.nodes) if names is None else [n for n in graph.nodes if n in names]
    sizes = {name: sizes.get(name, USUAL) for name in chosen}
    with gc_paused():
        parts = _parts(graph, chosen)
        placed = [_placed(graph, part, sizes, ports) for part in parts if len(part) > 1]
    singles = [part[0] for part in parts if len(part) == 1]
    found = _stacked(placed, singles, sizes)
    return found if names is None else _back(found, sizes, positions)


def _parts(graph: Graph, names: Sequence[str]) -> list[list[str]]:
    """Sort the nodes by what the edges join, and keep their order."""
    joined: dict[str, list[str]] = {name: [] for name in names}
    for target, source in graph.edges.items():
        if target.node in joined and source.node in joined:
            joined[target.node].append(source.node)
            joined[source.node].append(target.node)
    part: dict[str, int] = {}
    for number, start in enumerate(names):
        waiting = [start] if start not in part else []
        while waiting:
            name = waiting.pop()
            if name not in part:
                part[name] = number
                waiting += joined[name]
    found: dict[int, list[str]] = {}
    for name in names:
        found.setdefault(part[name], []).append(name)
    return list(found.values())


def _placed(
    graph: Graph, names: Sequence[str], sizes: Mapping[str, Size], ports: Ports
) -> dict[str, Point]:
    """Arrange nodes that hang together."""
    made = columns(graph, names, sizes, ports)
    made.order = ordered(made)
    down = heights(made)
    left = _lefts(made, [sizes[name][0] for name in names])
    return {name: (left[made.column[at]], down[at]) for at, name in enumerate(names)}


def _lefts(made: Columns, widths: Sequence[float]) -> list[float]:
    """Tell where each column begins."""
    found, left = [], 0.0
    for column in made.order:
        found.append(left)
        widest = max((widths[vertex] for vertex in column if vertex < made.count), default=0.0)
        left += on_grid(widest + 4.9) + ACROSS
    return found


def _stacked(
    placed: Iterable[dict[str, Point]], singles: Sequence[str], sizes: Mapping[str, Size]
) -> dict[str, Point]:
    """Put parts below each other, and single nodes in rows below them all."""
    found: dict[str, Point] = {}
    top, wide = 0.0, WIDE
    for part in placed:
        low, high = _extent(part, sizes)
        found |= {name: (x - low[0], y - low[1] + top) for name, (x, y) in part.items()}
        top = on_grid(top + high[1] - low[1] + 4.9) + APART
        wide = max(wide, high[0] - low[0])
    return found | dict(_rows(singles, sizes, top, wide))


def _rows(
    names: Sequence[str], sizes: Mapping[str, Size], top: float, wide: float
) -> Iterator[tuple[str, Point]]:
    left = deepest = 0.0
    for name in names:
        across, down = sizes[name]
        if left and left + across > wide:
            left, top, deepest = 0.0, on_grid(top + deepest + 4.9) + GAP, 0.0
        yield name, (left, top)
        left = on_grid(left + across + 4.9) + ACROSS
        deepest = max(deepest, down)


def _extent(placed: Mapping[str, Point], sizes: Mapping[str, Size]) -> tuple[Point, Point]:
    """Find the least box around nodes."""
    low = min(x for x, _ in placed.values()), min(y for _, y in placed.values())
    right = max(x + sizes[name][0] for name, (x, _) in placed.items())
    return low, (right, max(y + sizes[name][1] for name, (_, y) in placed.items()))


def _back(
    found: Mapping[str, Point], sizes: Mapping[str, Size], positions: Mapping[str, Point]
) -> dict[str, Point]:
    """Move nodes to where their middle was before."""
    before = {name: positions[name] for name in found if name in positions}
    if not before:
        return dict(found)
    (a, b), (c, d) = _extent(before, sizes), _extent(found, sizes)
    dx = on_grid((a[0] + b[0] - c[0] - d[0]) / 2)
    dy = on_grid((a[1] + b[1] - c[1] - d[1]) / 2)
    return {name: (x + dx, y + dy) for name, (x, y) in found.items()}
