"""Automatic layout: no overlaps, a straight main path, few crossings."""

from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.canvas.active_graph import card_geometry
from builder.canvas.scene import Scene, SceneMaker
from builder.layout.align import GRID
from builder.layout.arrange import arrange
from builder.layout.layer_assignment import assign_layers
from codegen.check import check
from nodes.core.files.model_file import load
from nodes.core.graphs.graph import Graph, PortRef
from nodes.merge.add import Add

pytestmark = pytest.mark.slow

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.json"))
EVERY_EXAMPLE = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
SIZE = (160.0, 80.0)


def scenes(path: Path) -> list[Scene]:
    """Arrange every graph of an example, the expansions of composites included."""
    model, *_ = load(path)
    report = check(model)
    waiting, drawn = [report.main], {}
    for checked in waiting:
        known = model, checked, report, checked.name
        sizes, ports = card_geometry(SceneMaker().make(checked.graph, {}, {}, *known))
        positions = arrange(checked.graph, sizes, ports)
        drawn[checked.name] = SceneMaker().make(checked.graph, positions, {}, *known)
        waiting += [found.inner for found in checked.nodes.values() if found.inner]
    return list(drawn.values())


def chain(*edges: str) -> Graph:
    """Draw a graph of sums from edges such as "a b", which go to the next free term of b."""
    graph = Graph()
    for edge in edges:
        for name in edge.split():
            graph = graph if name in graph.nodes else graph.with_node(name, Add())
        source, _, target = edge.partition(" ")
        if target:
            port = f"terms.{len(graph.sources[target])}"
            graph = graph.with_edge(PortRef(source, "output"), PortRef(target, port))
    return graph


def arranged(graph: Graph, **known: object) -> dict[str, tuple[float, float]]:
    return arrange(graph, dict.fromkeys(graph.nodes, SIZE), **known)


def overlapping(positions: dict[str, tuple[float, float]]) -> list[tuple[str, str]]:
    return [
        (first, other)
        for first, other in combinations(positions, 2)
        if abs(positions[first][0] - positions[other][0]) < SIZE[0]
        and abs(positions[first][1] - positions[other][1]) < SIZE[1]
    ]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Generate graphs with cycles and with several components."""
    names = [f"n{at}" for at in range(draw(st.integers(1, 14)))]
    pick = st.sampled_from(names)
    edges = draw(st.lists(st.tuples(pick, pick), max_size=30))
    return chain(*names, *(f"{source} {target}" for source, target in edges))


@EVERY_EXAMPLE
def test_no_edge_of_an_example_crosses_a_card(path: Path) -> None:
    for scene in scenes(path):
        for edge in scene.edges.values():
            for name in scene.nodes.keys() - {edge.source.node, edge.target.node}:
                left, top, right, bottom = scene.bounds(name)
                assert not any(left < x < right and top < y < bottom for x, y in edge.path), name


@EVERY_EXAMPLE
def test_the_main_path_of_an_example_is_straight(path: Path) -> None:
    for scene in scenes(path):
        at = max(scene.positions, key=lambda name: scene.positions[name])
        while into := [edge for edge in scene.edges.values() if edge.target.node == at]:
            # Of the terms of a sum, the main one is that with the longest edge.
            first = min(into, key=lambda edge: edge.points[-1][1])
            alike = [e for e in into if e.target.port[:-1] == first.target.port[:-1]]
            main = min(alike or [first], key=lambda e: scene.positions[e.source.node][0])
            assert main.points[0][1] == main.points[-1][1]
            at = main.source.node


@EVERY_EXAMPLE
def test_edges_of_an_example_lead_to_the_right(path: Path) -> None:
    for scene in scenes(path):
        for edge in scene.edges.values():
            assert edge.points[-1][0] - edge.points[0][0] >= 60


@settings(deadline=None)
@given(graphs())
def test_nothing_overlaps(graph: Graph) -> None:
    assert overlapping(arranged(graph)) == []


@settings(deadline=None)
@given(graphs())
def test_every_node_lies_on_the_grid(graph: Graph) -> None:
    positions = arranged(graph)
    assert positions.keys() == graph.nodes.keys()
    assert all(x % GRID == y % GRID == 0 for x, y in positions.values())


@settings(deadline=None)
@given(graphs())
def test_arranging_twice_gives_the_same(graph: Graph) -> None:
    assert arranged(graph) == arranged(graph)


@settings(deadline=None)
@given(graphs())
def test_the_nodes_of_a_layer_share_their_left_side(graph: Graph) -> None:
    lefts = sorted({x for x, _ in arranged(graph).values()})
    assert all(b - a >= SIZE[0] for a, b in pairwise(lefts))


@settings(deadline=None)
@given(graphs(), st.data())
def test_only_the_selected_are_moved_around_their_centre(graph: Graph, data: st.DataObject):
    names = data.draw(st.sets(st.sampled_from(sorted(graph.nodes)), min_size=1))
    before = {name: (300.0 * at, 700.0 - 50.0 * at) for at, name in enumerate(sorted(names))}
    after = arranged(graph, names=names, positions=before)
    assert after.keys() == names
    for axis in (0, 1):
        then, now = (
            (
                min(at[axis] for at in positions.values())
                + max(at[axis] for at in positions.values())
            )
            / 2
            for positions in (before, after)
        )
        assert abs(then - now) <= GRID


def test_an_empty_graph_has_no_positions() -> None:
    assert arranged(Graph()) == {}


def test_a_chain_is_a_row() -> None:
    positions = arranged(chain("a b", "b c", "c d"))
    assert [positions[name] for name in "abcd"] == [(220.0 * at, 0.0) for at in range(4)]


def test_ports_are_aligned_rather_than_cards() -> None:
    graph = chain("a b")
    ports = {("a", "output", False): 20.0, ("b", "terms.0", True): 60.0}
    positions = arranged(graph, ports=ports)
    assert positions["a"][1] + 20.0 == positions["b"][1] + 60.0


def test_a_residual_connection_is_straight() -> None:
    positions = arranged(chain("x norm", "norm attn", "x add", "attn add"))
    assert positions["x"][1] == positions["add"][1]
    assert positions["norm"][1] == positions["attn"][1]
    assert abs(positions["norm"][1] - positions["x"][1]) >= SIZE[1] / 2


def test_sources_have_the_order_of_the_ports_they_feed() -> None:
    graph = chain("a sum", "b sum", "c sum")
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        ports = {("sum", f"terms.{term}", True): 20.0 * (at + 1) for at, term in enumerate(order)}
        positions = arranged(graph, ports=ports)
        down = sorted("abc", key=lambda name: positions[name][1])
        assert down == ["abc"[term] for term in order]


def test_a_side_input_lies_in_the_layer_before_its_consumer() -> None:
    positions = arranged(chain("a b", "b c", "c d", "side shown", "shown d"))
    assert positions["shown"][0] == positions["c"][0]
    assert positions["side"][0] == positions["b"][0]


def test_avoidable_crossings_are_avoided() -> None:
    graph = chain("a d", "b e", "c f", "d i", "e h", "f g")
    crossed = chain(*graph.nodes, "a z", "b z", "c z", "i y", "h y", "g y")
    edges = {**graph.edges, **crossed.edges}
    positions = arranged(replace(crossed, edges=edges))
    ways = [[positions[name][1] for name in way] for way in ("adi", "beh", "cfg")]
    for first, other in combinations(ways, 2):
        assert len({a < b for a, b in zip(first, other, strict=True)}) == 1


def test_a_cycle_is_arranged() -> None:
    positions = arranged(chain("a b", "b c", "c b", "c d", "d d"))
    assert [x for x, _ in map(positions.get, "abcd")] == [0.0, 220.0, 440.0, 660.0]


def test_components_lie_below_each_other() -> None:
    positions = arranged(chain("a b", "c d", "alone"))
    assert positions["a"][1] + SIZE[1] < positions["c"][1]
    assert positions["c"][1] + SIZE[1] < positions["alone"][1]


def test_isolated_nodes_are_arranged_in_rows() -> None:
    positions = arranged(chain(*(f"n{at}" for at in range(100))))
    wide, high = (max(at[axis] for at in positions.values()) for axis in (0, 1))
    assert wide < 1300 and high < 2500


def test_edges_of_one_output_share_dummy_vertices() -> None:
    names = [f"n{at}" for at in range(1000)]
    edges = [f"{a} {b}" for a, b in pairwise(names)]
    graph = chain(*edges)
    hub = {PortRef(name, "terms.1"): PortRef("n0", "output") for name in names[2:]}
    graph = replace(graph, edges={**graph.edges, **hub})
    layered = assign_layers(graph, names, dict.fromkeys(names, SIZE), {})
    assert len(layered.layer) < 2 * len(names)


def test_the_number_of_dummy_vertices_is_bounded() -> None:
    names = [f"n{at}" for at in range(1000)]
    graph = chain(*(f"{a} {b}" for a, b in pairwise(names)))
    last = {PortRef("n999", f"terms.{at}"): PortRef(f"n{at}", "output") for at in range(998)}
    graph = replace(graph, edges={**graph.edges, **last})
    layered = assign_layers(graph, names, dict.fromkeys(names, SIZE), {})
    assert len(layered.layer) < 10 * len(names)
    assert overlapping(arranged(graph)) == []
