"""Where a new node lies among the others, and room for it."""

from collections.abc import Iterable, Mapping

from builder.layout.arrange import arrange
from nodes.core.graphs.graph import Graph, InputNode, Point

ACROSS, DOWN = 240.0, 120.0
"""From one node to the next, so that nodes of the usual size keep apart."""

USUAL = 200.0, 100.0
"""How large a node is where nothing more is known."""


def initial_positions(graph: Graph) -> dict[str, Point]:
    """Find a place for every node of a graph that was never drawn."""
    return arrange(graph, dict.fromkeys(graph.nodes, USUAL))


def place_new_nodes(
    graph: Graph, positions: Mapping[str, Point], fresh: Iterable[str]
) -> Mapping[str, Point]:
    """Give new nodes a place: between their neighbours, behind what feeds them, or aside."""
    for name in fresh:
        positions = _placed(graph, positions, name)
    return positions


def _placed(graph: Graph, positions: Mapping[str, Point], name: str) -> dict[str, Point]:
    before = [positions[r.node] for r in graph.arriving[name].values() if r.node in positions]
    readers = [t.node for t, s in graph.edges.items() if s.node == name]
    after = [positions[reader] for reader in readers if reader in positions]
    if before and after:
        x, y = max(before)[0] + ACROSS, (before[0][1] + after[0][1]) / 2
        left = min(after)[0]
        if left - x > ACROSS:
            x = (max(before)[0] + left) / 2
        return make_room(graph, {**positions, name: (x, y)}, name)
    if before:
        at = max(before)[0] + ACROSS, before[0][1]
    elif after:
        at = min(after)[0] - ACROSS, after[0][1]
    else:
        at = _aside(graph, positions, name)
    return {**positions, name: _clear(positions, at)}


def _aside(graph: Graph, positions: Mapping[str, Point], name: str) -> Point:
    """Find a place for a node without edges: inputs to the left, others below."""
    if not positions:
        return 0.0, 0.0
    left = min(x for x, _ in positions.values())
    top, low = (pick(y for _, y in positions.values()) for pick in (min, max))
    if isinstance(graph.nodes[name], InputNode):
        return left - ACROSS, top
    return left, low + DOWN


def _clear(positions: Mapping[str, Point], at: Point) -> Point:
    """Go down from a place until nothing lies there."""
    x, y = at
    near = sorted(there for across, there in positions.values() if abs(across - x) < 0.75 * ACROSS)
    for there in near:
        if abs(there - y) < 0.75 * DOWN:
            y = there + DOWN
    return x, y


def make_room(graph: Graph, positions: Mapping[str, Point], name: str) -> dict[str, Point]:
    """Push what comes after a node to the right, as far as it lies too near."""
    x, y = positions[name]
    near = [
        positions[target.node][0]
        for target, source in graph.edges.items()
        if source.node == name
        and target.node in positions
        and abs(positions[target.node][1] - y) < DOWN
    ]
    lacking = max((x + ACROSS - left for left in near), default=0.0)
    if not 0 < lacking <= 2 * ACROSS:
        return dict(positions)
    return push_downstream(graph, positions, name, lacking)


def push_downstream(
    graph: Graph, positions: Mapping[str, Point], name: str, by: float
) -> dict[str, Point]:
    """Push what comes after a node, and lies to the right of it, further to the right."""
    moved = dict(positions)
    for later in _downstream(graph, name):
        if later in positions and positions[later][0] >= positions[name][0]:
            moved[later] = positions[later][0] + by, positions[later][1]
    return moved


def _downstream(graph: Graph, name: str) -> set[str]:
    """Find all that reads a node, directly or not."""
    readers: dict[str, list[str]] = {}
    for target, source in graph.edges.items():
        readers.setdefault(source.node, []).append(target.node)
    waiting, found = [name], {name}
    while waiting:
        for reader in readers.get(waiting.pop(), ()):
            if reader not in found:
                found.add(reader)
                waiting.append(reader)
    return found - {name}
