"""Positions for new nodes, and the space that is made for them."""

import pytest

from builder.layout.placement import (
    X_STEP,
    Y_STEP,
    make_room,
    place_new_nodes,
    push_downstream,
)
from nodes.core.graphs.graph import Graph, Point, PortRef
from nodes.io.feature_input import FeatureInput
from nodes.merge.add import Add


def graph_of(*edges: str, names: str = "abcd") -> Graph:
    """Build a graph of sums from edges such as "ab"."""
    graph = Graph(dict.fromkeys(names, Add()))
    for source, target in edges:
        port = f"terms.{len(graph.sources[target])}"
        graph = graph.with_edge(PortRef(source, "output"), PortRef(target, port))
    return graph


CHAIN = graph_of("ab", "bc")


# -- space -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "pushed"),
    [
        (X_STEP, 0.0),
        (X_STEP - 1.0, 1.0),
        (100.0, 140.0),
        (0.0, X_STEP),
    ],
)
def test_a_consumer_is_pushed_to_the_distance_of_one_step(x: float, pushed: float) -> None:
    positions = {"a": (0.0, 0.0), "b": (x, 0.0), "c": (500.0, 0.0), "d": (600.0, 0.0)}
    found = make_room(CHAIN, positions, "a")
    assert found == {**positions, "b": (x + pushed, 0.0), "c": (500.0 + pushed, 0.0)}


@pytest.mark.parametrize("y", [Y_STEP - 1.0, 1.0 - Y_STEP])
def test_a_consumer_in_the_same_row_is_pushed(y: float) -> None:
    positions = {"a": (0.0, 0.0), "b": (100.0, y)}
    assert make_room(CHAIN, positions, "a")["b"] == (X_STEP, y)


@pytest.mark.parametrize("y", [Y_STEP, -Y_STEP])
def test_a_consumer_in_another_row_is_not_pushed(y: float) -> None:
    positions = {"a": (0.0, 0.0), "b": (100.0, y)}
    assert make_room(CHAIN, positions, "a") == positions


def test_a_consumer_far_to_the_left_pushes_nothing() -> None:
    positions = {"a": (0.0, 0.0), "b": (-X_STEP - 1.0, 0.0), "c": (100.0, 0.0)}
    assert make_room(CHAIN, positions, "a") == positions
    positions["b"] = (-X_STEP, 0.0)
    assert make_room(CHAIN, positions, "a")["c"] == (100.0 + 2 * X_STEP, 0.0)


def test_only_what_is_downstream_and_to_the_right_is_pushed() -> None:
    positions = {"a": (100.0, 0.0), "b": (100.0, 9.0), "c": (99.0, 0.0), "d": (300.0, 0.0)}
    found = push_downstream(CHAIN, positions, "a", 50.0)
    assert found == {**positions, "b": (150.0, 9.0)}


# -- new nodes ---------------------------------------------------------------------------------


def placed(graph: Graph, positions: dict[str, Point], name: str = "b") -> Point:
    found = place_new_nodes(graph, positions, [name])
    assert {key: at for key, at in found.items() if key != name}.keys() == positions.keys()
    return found[name]


def test_the_first_node_is_at_the_origin() -> None:
    assert placed(graph_of(), {}) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("consumer", "expected"),
    [
        ((1000.0, 200.0), (500.0, 100.0)),  # in the middle of a wide gap
        ((2 * X_STEP, 0.0), (X_STEP, 0.0)),
        ((2 * X_STEP + 1.0, 0.0), (X_STEP + 0.5, 0.0)),
    ],
)
def test_a_node_is_placed_between_its_neighbours(consumer: Point, expected: Point) -> None:
    assert placed(CHAIN, {"a": (0.0, 0.0), "c": consumer}) == expected


def test_a_node_between_close_neighbours_pushes_its_consumer() -> None:
    found = place_new_nodes(CHAIN, {"a": (0.0, 0.0), "c": (400.0, 0.0)}, ["b"])
    assert found == {"a": (0.0, 0.0), "b": (X_STEP, 0.0), "c": (2 * X_STEP, 0.0)}


@pytest.mark.parametrize(
    ("other", "y"),
    [
        ((X_STEP, 0.0), Y_STEP),
        ((X_STEP, 89.0), 89.0 + Y_STEP),
        ((X_STEP, 90.0), 0.0),
        ((X_STEP + 179.0, 0.0), Y_STEP),
        ((X_STEP + 180.0, 0.0), 0.0),
    ],
)
def test_a_node_is_placed_after_its_producer_where_nothing_overlaps(other: Point, y: float) -> None:
    assert placed(CHAIN, {"a": (0.0, 0.0), "d": other}) == (X_STEP, y)


def test_a_node_is_placed_before_its_consumer() -> None:
    assert placed(CHAIN, {"c": (0.0, 5.0)}) == (-X_STEP, 5.0)


def test_a_node_without_edges_is_placed_aside() -> None:
    positions = {"a": (0.0, 0.0), "c": (1000.0, 50.0)}
    assert placed(graph_of(), positions) == (0.0, 50.0 + Y_STEP)
    graph = graph_of().with_node("b", FeatureInput())
    assert placed(graph, positions) == (-X_STEP, 0.0)
