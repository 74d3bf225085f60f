"""Positions for new nodes among those that have one, and space for them."""

from collections.abc import Iterable, Mapping

from builder.layout.arrange import arrange
from nodes.core.graphs.graph import Graph, InputNode, Point

X_STEP, Y_STEP = 240.0, 120.0
"""The distance between the positions of neighbours, with which usual nodes do not overlap."""

DEFAULT_SIZE = 200.0, 100.0
"""The size of a node that has not been measured."""


def initial_positions(graph: Graph) -> dict[str, Point]:
    """Arrange all nodes of a graph that has no positions."""
    return arrange(graph, dict.fromkeys(graph.nodes, DEFAULT_SIZE))


def place_new_nodes(
    graph: Graph, positions: Mapping[str, Point], names: Iterable[str]
) -> Mapping[str, Point]:
    """Add positions of new nodes: between their neighbours, after their producers, or aside."""
    for name in names:
        positions = _place(graph, positions, name)
    return positions


def _place(graph: Graph, positions: Mapping[str, Point], name: str) -> dict[str, Point]:
    sources = graph.sources[name].values()
    producers = [positions[source.node] for source in sources if source.node in positions]
    targets = [target.node for target, source in graph.edges.items() if source.node == name]
    consumers = [positions[target] for target in targets if target in positions]
    if producers and consumers:
        x, y = max(producers)[0] + X_STEP, (producers[0][1] + consumers[0][1]) / 2
        left = min(consumers)[0]
        if left - x > X_STEP:
            x = (max(producers)[0] + left) / 2
        return make_room(graph, {**positions, name: (x, y)}, name)
    if producers:
        position = max(producers)[0] + X_STEP, producers[0][1]
    elif consumers:
        position = min(consumers)[0] - X_STEP, consumers[0][1]
    else:
        position = _aside(graph, positions, name)
    return {**positions, name: _free_position(positions, position)}


def _aside(graph: Graph, positions: Mapping[str, Point], name: str) -> Point:
    """Return a position for a node without edges: left of all for an input, else below all."""
    if not positions:
        return 0.0, 0.0
    left = min(x for x, _ in positions.values())
    top, bottom = (pick(y for _, y in positions.values()) for pick in (min, max))
    if isinstance(graph.nodes[name], InputNode):
        return left - X_STEP, top
    return left, bottom + Y_STEP


def _free_position(positions: Mapping[str, Point], position: Point) -> Point:
    """Move a position down until no node overlaps it."""
    x, y = position
    column = sorted(other for left, other in positions.values() if abs(left - x) < 0.75 * X_STEP)
    for other in column:
        if abs(other - y) < 0.75 * Y_STEP:
            y = other + Y_STEP
    return x, y


def make_room(graph: Graph, positions: Mapping[str, Point], name: str) -> dict[str, Point]:
    """Push what is downstream of a node to the right, if a consumer of it is too close."""
    x, y = positions[name]
    consumers = [
        positions[target.node][0]
        for target, source in graph.edges.items()
        if source.node == name
        and target.node in positions
        and abs(positions[target.node][1] - y) < Y_STEP
    ]
    missing = max((x + X_STEP - left for left in consumers), default=0.0)
    if not 0 < missing <= 2 * X_STEP:
        return dict(positions)
    return push_downstream(graph, positions, name, missing)


def push_downstream(
    graph: Graph, positions: Mapping[str, Point], name: str, distance: float
) -> dict[str, Point]:
    """Move what is downstream of a node, and right of it, further to the right."""
    moved = dict(positions)
    for other in _downstream(graph, name):
        if other in positions and positions[other][0] >= positions[name][0]:
            moved[other] = positions[other][0] + distance, positions[other][1]
    return moved


def _downstream(graph: Graph, name: str) -> set[str]:
    """Return all nodes that read a node, directly or indirectly."""
    consumers: dict[str, list[str]] = {}
    for target, source in graph.edges.items():
        consumers.setdefault(source.node, []).append(target.node)
    stack, found = [name], {name}
    while stack:
        for consumer in consumers.get(stack.pop(), ()):
            if consumer not in found:
                found.add(consumer)
                stack.append(consumer)
    return found - {name}
