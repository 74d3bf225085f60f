"""Aligning, distributing, straightening and snapping of nodes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.layout.align import (
    GRID,
    MIN_GAP,
    Snap,
    aligned,
    distributed,
    snap,
    straightened,
)
from nodes.core.graphs.graph import Graph, PortRef
from nodes.merge.add import Add

POSITIONS = {"a": (0.0, 30.0), "b": (200.0, 0.0), "c": (500.0, 90.0)}
SIZES = {"a": (100.0, 80.0), "b": (140.0, 60.0), "c": (120.0, 100.0)}
FAR_AWAY = 1e5


def side(positions: dict, axis: int, part: float) -> list[float]:
    return [positions[name][axis] + part * SIZES[name][axis] for name in sorted(positions)]


@pytest.mark.parametrize(
    ("word", "axis", "part", "line"),
    [
        ("left", 0, 0.0, 0.0),
        ("right", 0, 1.0, 620.0),
        ("centre", 0, 0.5, 305.0),
        ("top", 1, 0.0, 0.0),
        ("bottom", 1, 1.0, 190.0),
        ("middle", 1, 0.5, 85.0),
    ],
)
def test_aligned_nodes_share_a_side(word: str, axis: int, part: float, line: float) -> None:
    found = aligned(POSITIONS, SIZES, word)
    assert side(found, axis, part) == [line] * 3
    assert side(found, 1 - axis, 0) == side(POSITIONS, 1 - axis, 0)


def test_aligning_no_nodes_gives_no_positions() -> None:
    assert aligned({}, {}, "left") == {}


def test_distributed_nodes_have_equal_gaps_and_fixed_ends() -> None:
    found = distributed(POSITIONS, SIZES, "x")
    assert (found["a"], found["c"]) == (POSITIONS["a"], POSITIONS["c"])
    assert found["b"][0] - 100 == found["c"][0] - (found["b"][0] + 140)


def test_distributed_nodes_do_not_overlap_where_there_is_no_room() -> None:
    found = distributed(dict.fromkeys("abc", (0.0, 0.0)), SIZES, "y")
    assert [found[name][1] for name in "abc"] == [0, 80 + MIN_GAP, 140 + 2 * MIN_GAP]


def test_distributing_two_nodes_changes_nothing() -> None:
    two = {name: POSITIONS[name] for name in "ab"}
    assert distributed(two, SIZES, "x") == two


def drawn(*edges: str) -> Graph:
    """Draw a graph of sums from edges such as "a b.terms.0"."""
    graph = Graph(dict.fromkeys("abc", Add()))
    for edge in edges:
        source, _, target = edge.partition(" ")
        graph = graph.with_edge(PortRef(source, "output"), PortRef.parse(target))
    return graph


PORTS = {
    **{(name, "output", False): 50.0 for name in "abc"},
    **{(name, f"terms.{at}", True): 50.0 + 20 * at for name in "abc" for at in range(2)},
}


def test_straightened_edges_are_level() -> None:
    graph = drawn("a b.terms.0", "b c.terms.1")
    found = straightened(graph, POSITIONS, PORTS, {"a", "b", "c"})
    assert found == {"a": (0.0, 30.0), "b": (200.0, 30.0), "c": (500.0, 10.0)}


def test_a_single_node_is_straightened_to_its_source() -> None:
    found = straightened(drawn("a b.terms.0"), POSITIONS, PORTS, {"b"})
    assert found == {"b": (200.0, 30.0)}


def test_of_two_consumers_only_one_is_straightened() -> None:
    graph = drawn("a b.terms.0", "a c.terms.0")
    found = straightened(graph, POSITIONS, PORTS, {"a", "b", "c"})
    assert found == {"a": (0.0, 30.0), "b": (200.0, 30.0), "c": (500.0, 90.0)}


def test_nodes_without_edges_are_not_straightened() -> None:
    assert straightened(drawn(), POSITIONS, PORTS, {"a", "c"}) == {n: POSITIONS[n] for n in "ac"}


def test_a_drag_with_no_box_near_snaps_to_the_grid() -> None:
    assert snap(((13.0, -4.0), (113.0, 76.0)), []) == Snap(-3.0, 4.0)


def test_a_side_snaps_to_a_side_with_a_guide() -> None:
    found = snap(((14.0, 200.0), (114.0, 280.0)), [((17.0, 0.0), (217.0, 80.0))])
    assert (found.dx, found.dy) == (3.0, 0.0)
    assert found.guides == (((17.0, 0.0), (17.0, 280.0)),)


def test_the_nearest_line_wins() -> None:
    others = [((5.0, FAR_AWAY), (995.0, FAR_AWAY + 1)), ((-1.0, FAR_AWAY), (999.0, FAR_AWAY + 1))]
    assert snap(((0.0, 0.0), (100.0, 80.0)), others).dx == -1.0


def test_straightening_an_edge_has_priority_over_a_side() -> None:
    level = (100.0, 50.0), (200.0, 54.0)
    found = snap(((0.0, 0.0), (100.0, 80.0)), [((200.0, 1.0), (300.0, 90.0))], [level])
    assert found.dy == 4.0
    assert found.guides[-1] == ((100.0, 54.0), (200.0, 54.0))


numbers = st.integers(-200, 200).map(float)
boxes = st.tuples(numbers, numbers, st.integers(1, 90), st.integers(1, 90)).map(
    lambda box: ((box[0], box[1]), (box[0] + box[2], box[1] + box[3]))
)


@settings(deadline=None)
@given(boxes, st.lists(boxes, max_size=5))
def test_snapping_moves_no_farther_than_the_snap_distance(moved: tuple, others: list) -> None:
    found = snap(moved, others)
    assert abs(found.dx) <= max(6.0, GRID / 2) and abs(found.dy) <= max(6.0, GRID / 2)
    assert len(found.guides) <= 2
