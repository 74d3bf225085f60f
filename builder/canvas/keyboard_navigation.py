"""Keyboard navigation between nodes: to a neighbour, upstream, downstream."""

from collections.abc import Callable, Collection, Iterable

from builder.canvas.scene import Scene
from nodes.core.graphs.graph import Graph, Point

_DIRECTIONS: dict[str, Point] = {
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
}
SIDEWAYS_WEIGHT = 3.0
"""The weight of the sideways distance of a neighbour, relative to the distance ahead."""


def neighbour(scene: Scene, names: Collection[str], direction: str) -> str | None:
    """Find the node that an arrow key selects.

    Left and right follow the edges, to the nearest node.  If there are no edges, and for up and
    down, it is the nearest node straight ahead, else the nearest node in the direction.  If no node
    is selected, it is the first node from the left.

    Args:
        scene: the scene.
        names: the selected nodes.
        direction: "left", "right", "up" or "down".
    """
    selected = [name for name in names if name in scene.nodes]
    if not selected:
        return min(scene.nodes, key=lambda name: (*scene.positions[name], name), default=None)
    toward = _DIRECTIONS[direction]
    anchors = {name: _anchor(scene, name) for name in scene.nodes}
    first = max(selected, key=lambda name: (_along(anchors[name], (0.0, 0.0), toward), name))
    start = anchors[first]
    reached = _connected(scene, first, direction) - {first}
    if not reached:
        ahead = {name for name in scene.nodes if _along(anchors[name], start, toward) > 0}
        reached = {name for name in ahead if _is_ahead(scene, first, name, toward)} or ahead
    return min(
        reached, key=lambda name: (_distance(start, anchors[name], toward), name), default=None
    )


def upstream(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """Find the nodes that lead to some nodes, these included."""
    sources: dict[str, set[str]] = {}
    for target, source in graph.edges.items():
        sources.setdefault(target.node, set()).add(source.node)
    return _reachable(names, lambda name: sources.get(name, ())) & graph.nodes.keys()


def downstream(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """Find the nodes that some nodes lead to, these included."""
    targets: dict[str, set[str]] = {}
    for target, source in graph.edges.items():
        targets.setdefault(source.node, set()).add(target.node)
    return _reachable(names, lambda name: targets.get(name, ())) & graph.nodes.keys()


def _reachable(names: Iterable[str], adjacent: Callable[[str], Iterable[str]]) -> frozenset[str]:
    reached, stack = set(names), list(names)
    while stack:
        new = set(adjacent(stack.pop())) - reached
        reached |= new
        stack += new
    return frozenset(reached)


def _connected(scene: Scene, name: str, direction: str) -> set[str]:
    """Find the nodes connected to the left or right side of a node."""
    if direction == "left":
        found = {e.source.node for e in scene.edges.values() if e.target.node == name}
    elif direction == "right":
        found = {e.target.node for e in scene.edges.values() if e.source.node == name}
    else:
        found = set()
    return found & scene.nodes.keys()


def _is_ahead(scene: Scene, name: str, other: str, toward: Point) -> bool:
    """Return whether a node lies more ahead than sideways."""
    start, end = _anchor(scene, name), _anchor(scene, other)
    sideways = abs(_along(end, start, (toward[1], toward[0])))
    return _along(end, start, toward) >= sideways or _overlaps(scene, name, other, toward)


def _overlaps(scene: Scene, name: str, other: str, toward: Point) -> bool:
    """Return whether two nodes overlap when projected along a direction."""
    axis = 1 if toward[0] else 0
    low, high = scene.positions[name][axis], scene.positions[other][axis]
    return low < high + scene.nodes[other].size[axis] and high < low + scene.nodes[name].size[axis]


def _anchor(scene: Scene, name: str) -> Point:
    """Return the middle of a card's upper side; the cards of a row have equal tops."""
    x, y = scene.positions[name]
    return x + scene.nodes[name].size[0] / 2, y


def _along(end: Point, start: Point, toward: Point) -> float:
    return (end[0] - start[0]) * toward[0] + (end[1] - start[1]) * toward[1]


def _distance(start: Point, end: Point, toward: Point) -> float:
    sideways = abs(_along(end, start, (toward[1], toward[0])))
    return abs(_along(end, start, toward)) + SIDEWAYS_WEIGHT * sideways
