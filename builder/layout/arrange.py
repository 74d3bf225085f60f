"""Automatic layout of a graph in layers from left to right, after Sugiyama.

Written here, as no library fits: networkx has no such layout, and grandalf knows no ports, without
which an edge between two cards is never quite straight.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from builder.layout.align import PortOffsets, Size, on_grid
from builder.layout.coordinate_assignment import NODE_GAP, assign_coordinates
from builder.layout.crossing_reduction import reduce_crossings
from builder.layout.layer_assignment import LayeredGraph, assign_layers
from nodes.core.gc_pause import gc_paused
from nodes.core.graphs.graph import Graph, Point

LAYER_GAP = 60.0
"""Between two layers."""
COMPONENT_GAP = 2 * NODE_GAP
"""Between two connected components."""
MIN_ROW_WIDTH = 1200.0
"""The least width of a row of isolated nodes."""
DEFAULT_SIZE: Size = (180.0, 80.0)
"""The size of a node of which none is given."""
_ROUND_UP = 4.9  # added before rounding to the grid of 10
_NO_PORTS: PortOffsets = MappingProxyType({})
_NO_POSITIONS: Mapping[str, Point] = MappingProxyType({})


def arrange(
    graph: Graph,
    sizes: Mapping[str, Size],
    ports: PortOffsets = _NO_PORTS,
    *,
    names: Collection[str] | None = None,
    positions: Mapping[str, Point] = _NO_POSITIONS,
) -> dict[str, Point]:
    """Return a position for each node.

    The nodes of a layer share their left side; those that no edge ends at, their right side.

    Args:
        graph: the nodes and edges; it may have cycles.
        sizes: the size of each node.
        ports: the offset of ports from the top of their node; the middle if it is not given.
        names: the nodes to arrange, around their present centre; all if it is None.
        positions: the present positions.
    """
    selected = list(graph.nodes) if names is None else [n for n in graph.nodes if n in names]
    sizes = {name: sizes.get(name, DEFAULT_SIZE) for name in selected}
    with gc_paused():
        components = _components(graph, selected)
        arranged = [_arranged(graph, part, sizes, ports) for part in components if len(part) > 1]
    isolated = [part[0] for part in components if len(part) == 1]
    found = _stack(arranged, isolated, sizes)
    return found if names is None else _recentre(found, sizes, positions)


def _components(graph: Graph, names: Sequence[str]) -> list[list[str]]:
    """Return the connected components; their nodes keep their order."""
    neighbours: dict[str, list[str]] = {name: [] for name in names}
    for target, source in graph.edges.items():
        if target.node in neighbours and source.node in neighbours:
            neighbours[target.node].append(source.node)
            neighbours[source.node].append(target.node)
    component: dict[str, int] = {}
    for number, root in enumerate(names):
        stack = [root] if root not in component else []
        while stack:
            name = stack.pop()
            if name not in component:
                component[name] = number
                stack += neighbours[name]
    found: dict[int, list[str]] = {}
    for name in names:
        found.setdefault(component[name], []).append(name)
    return list(found.values())


def _arranged(
    graph: Graph, names: Sequence[str], sizes: Mapping[str, Size], ports: PortOffsets
) -> dict[str, Point]:
    """Arrange a connected component."""
    layered = assign_layers(graph, names, sizes, ports)
    layered.layers = reduce_crossings(layered)
    y = assign_coordinates(layered)
    widths = [sizes[name][0] for name in names]
    sides = _layer_sides(layered, widths)
    fed = {target.node for target in graph.edges}
    found: dict[str, Point] = {}
    for vertex, name in enumerate(names):
        left, right = sides[layered.layer[vertex]]
        # An edge that rises from a narrow card would cross a wide one above it.
        is_fed = name in fed or left == 0.0
        found[name] = left if is_fed else on_grid(right - widths[vertex]), y[vertex]
    return found


def _layer_sides(layered: LayeredGraph, widths: Sequence[float]) -> list[tuple[float, float]]:
    """Return the left and the right side of each layer."""
    found, left = [], 0.0
    for layer in layered.layers:
        nodes = (vertex for vertex in layer if not layered.is_dummy(vertex))
        right = left + on_grid(max((widths[vertex] for vertex in nodes), default=0.0) + _ROUND_UP)
        found.append((left, right))
        left = right + LAYER_GAP
    return found


def _stack(
    components: Iterable[dict[str, Point]], isolated: Sequence[str], sizes: Mapping[str, Size]
) -> dict[str, Point]:
    """Put components below each other, and isolated nodes in rows below them all."""
    found: dict[str, Point] = {}
    top, width = 0.0, MIN_ROW_WIDTH
    for component in components:
        low, high = _extent(component, sizes)
        found |= {name: (x - low[0], y - low[1] + top) for name, (x, y) in component.items()}
        top = on_grid(top + high[1] - low[1] + _ROUND_UP) + COMPONENT_GAP
        width = max(width, high[0] - low[0])
    return found | dict(_rows(isolated, sizes, top, width))


def _rows(
    names: Sequence[str], sizes: Mapping[str, Size], top: float, row_width: float
) -> Iterator[tuple[str, Point]]:
    left = row_height = 0.0
    for name in names:
        width, height = sizes[name]
        if left and left + width > row_width:
            top = on_grid(top + row_height + _ROUND_UP) + NODE_GAP
            left = row_height = 0.0
        yield name, (left, top)
        left = on_grid(left + width + _ROUND_UP) + LAYER_GAP
        row_height = max(row_height, height)


def _extent(positions: Mapping[str, Point], sizes: Mapping[str, Size]) -> tuple[Point, Point]:
    """Return the bounding box of nodes."""
    low = min(x for x, _ in positions.values()), min(y for _, y in positions.values())
    right = max(x + sizes[name][0] for name, (x, _) in positions.items())
    return low, (right, max(y + sizes[name][1] for name, (_, y) in positions.items()))


def _recentre(
    found: Mapping[str, Point], sizes: Mapping[str, Size], positions: Mapping[str, Point]
) -> dict[str, Point]:
    """Move nodes so that the centre of their bounding box is where it was."""
    before = {name: positions[name] for name in found if name in positions}
    if not before:
        return dict(found)
    (a, b), (c, d) = _extent(before, sizes), _extent(found, sizes)
    dx = on_grid((a[0] + b[0] - c[0] - d[0]) / 2)
    dy = on_grid((a[1] + b[1] - c[1] - d[1]) / 2)
    return {name: (x + dx, y + dy) for name, (x, y) in found.items()}
