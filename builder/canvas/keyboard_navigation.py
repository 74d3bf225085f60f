"""Go from node to node: along the edges, in a direction, up and down the stream."""

from collections.abc import Callable, Collection, Iterable

from builder.canvas.scene import Scene
from nodes.core.graphs.graph import Graph, Point

_WAYS: dict[str, Point] = {
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
}
ASIDE = 3.0
"""How much farther a node is that lies to the side than one straight ahead."""


def neighbour(scene: Scene, names: Collection[str], direction: str) -> str | None:
    """Find the node that an arrow key goes to.

    Left and right follow the edges, nearest first; where there is none, and for up and down, it is
    the nearest node straight ahead, or else any that lies farther that way.  From no node one comes
    to the first.

    Args:
        scene: what is shown.
        names: the selected nodes.
        direction: "left", "right", "up" or "down".
    """
    here = [name for name in names if name in scene.nodes]
    if not here:
        return min(scene.nodes, key=lambda name: (*scene.positions[name], name), default=None)
    way = _WAYS[direction]
    anchors = {name: _anchor(scene, name) for name in scene.nodes}
    first = max(here, key=lambda name: (_along(anchors[name], (0.0, 0.0), way), name))
    start = anchors[first]
    reached = _joined(scene, first, direction) - {first}
    if not reached:
        beyond = {name for name in scene.nodes if _along(anchors[name], start, way) > 0}
        reached = {name for name in beyond if _is_ahead(scene, first, name, way)} or beyond
    return min(reached, key=lambda name: (_distance(start, anchors[name], way), name), default=None)


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


def _joined(scene: Scene, name: str, direction: str) -> set[str]:
    """Find the nodes that edges lead to from a side of a node."""
    if direction == "left":
        found = {e.source.node for e in scene.edges.values() if e.target.node == name}
    elif direction == "right":
        found = {e.target.node for e in scene.edges.values() if e.source.node == name}
    else:
        found = set()
    return found & scene.nodes.keys()


def _is_ahead(scene: Scene, here: str, there: str, way: Point) -> bool:
    """Tell whether a node that lies in a direction lies more ahead than aside."""
    start, end = _anchor(scene, here), _anchor(scene, there)
    aside = abs(_along(end, start, (way[1], way[0])))
    return _along(end, start, way) >= aside or _shadows(scene, here, there, way)


def _shadows(scene: Scene, here: str, there: str, way: Point) -> bool:
    """Tell whether two nodes share a part of the strip that runs in a direction."""
    axis = 1 if way[0] else 0
    low, high = scene.positions[here][axis], scene.positions[there][axis]
    return low < high + scene.nodes[there].size[axis] and high < low + scene.nodes[here].size[axis]


def _anchor(scene: Scene, name: str) -> Point:
    """Give the middle of a node's upper side, at which the cards of one row are level."""
    x, y = scene.positions[name]
    return x + scene.nodes[name].size[0] / 2, y


def _along(end: Point, start: Point, way: Point) -> float:
    return (end[0] - start[0]) * way[0] + (end[1] - start[1]) * way[1]


def _distance(start: Point, end: Point, way: Point) -> float:
    aside = abs(_along(end, start, (way[1], way[0])))
    return abs(_along(end, start, way)) + ASIDE * aside
