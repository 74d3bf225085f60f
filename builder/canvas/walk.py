"""Go from node to node: along the edges, in a direction, up and down the stream."""

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from nodes.core.graph import Graph, Point

if TYPE_CHECKING:
    from builder.canvas.scene import Scene

_WAYS: dict[str, Point] = {
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
}
ASIDE = 3.0
"""How much farther a node is that lies to the side than one straight ahead."""


def neighbour(scene: "Scene", names: Collection[str], direction: str) -> str | None:
    """Find the node that an arrow key goes to.

    Left and right follow the edges, nearest first; where there is none, and for up and down, it is
    the nearest node in that direction.  From no node one comes to the first.

    Args:
        scene: what is shown.
        names: the selected nodes.
        direction: "left", "right", "up" or "down".
    """
    here = [name for name in names if name in scene.nodes]
    if not here:
        return min(scene.nodes, key=lambda name: (*scene.positions[name], name), default=None)
    way = _WAYS[direction]
    middles = {name: _middle(scene, name) for name in scene.nodes}
    first = max(here, key=lambda name: (_along(middles[name], (0.0, 0.0), way), name))
    start = middles[first]
    joined = _joined(scene, first, direction)
    reached = joined or {name for name in scene.nodes if _is_ahead(scene, first, name, way)}
    reached -= {first}
    return min(reached, key=lambda name: (_distance(start, middles[name], way), name), default=None)


def upstream(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """Find the nodes that lead to some, and these themselves."""
    sources: dict[str, set[str]] = {}
    for target, source in graph.edges.items():
        sources.setdefault(target.node, set()).add(source.node)
    return _reached(names, lambda name: sources.get(name, ())) & graph.nodes.keys()


def downstream(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """Find the nodes that some lead to, and these themselves."""
    targets: dict[str, set[str]] = {}
    for target, source in graph.edges.items():
        targets.setdefault(source.node, set()).add(target.node)
    return _reached(names, lambda name: targets.get(name, ())) & graph.nodes.keys()


def _reached(names: Iterable[str], onward: Callable[[str], Iterable[str]]) -> frozenset[str]:
    reached, waiting = set(names), list(names)
    while waiting:
        fresh = set(onward(waiting.pop())) - reached
        reached |= fresh
        waiting += fresh
    return frozenset(reached)


def _joined(scene: "Scene", name: str, direction: str) -> set[str]:
    """Find the nodes that edges lead to from a side of a node."""
    if direction == "left":
        found = {e.source.node for e in scene.edges.values() if e.target.node == name}
    elif direction == "right":
        found = {e.target.node for e in scene.edges.values() if e.source.node == name}
    else:
        found = set()
    return found & scene.nodes.keys()


def _is_ahead(scene: "Scene", here: str, there: str, way: Point) -> bool:
    """Tell whether a node begins beyond the middle of another and lies more ahead than aside."""
    start, end = _middle(scene, here), _middle(scene, there)
    along, aside = _along(end, start, way), _along(end, start, (way[1], way[0]))
    return along > 0 and (along >= abs(aside) or _shadows(scene, here, there, way))


def _shadows(scene: "Scene", here: str, there: str, way: Point) -> bool:
    """Tell whether two nodes share a part of the strip that runs in a direction."""
    axis = 1 if way[0] else 0
    low, high = scene.positions[here][axis], scene.positions[there][axis]
    return low < high + scene.nodes[there].size[axis] and high < low + scene.nodes[here].size[axis]


def _middle(scene: "Scene", name: str) -> Point:
    (x, y), (width, height) = scene.positions[name], scene.nodes[name].size
    return x + width / 2, y + height / 2


def _along(end: Point, start: Point, way: Point) -> float:
    return (end[0] - start[0]) * way[0] + (end[1] - start[1]) * way[1]


def _distance(start: Point, end: Point, way: Point) -> float:
    aside = abs(_along(end, start, (way[1], way[0])))
    return abs(_along(end, start, way)) + ASIDE * aside
