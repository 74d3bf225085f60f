"""The arrow keys follow the edges, or select the nearest node ahead."""

import pytest

from builder.canvas.keyboard_navigation import downstream, neighbour, upstream
from builder.canvas.scene import Scene
from nodes.core.graphs.graph import Graph, PortRef
from tests.builder.canvas.scenes import placed, residual, scene_of

MODEL = residual()
SCENE = scene_of(MODEL)


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [
        ("tokens", "right", "embed"),
        ("embed", "left", "tokens"),
        ("linear", "right", "relu"),
        ("relu", "right", "add"),
        ("out", "left", "add"),
        ("linear", "up", "embed"),
    ],
)
def test_an_arrow_key_selects_the_neighbour(start: str, direction: str, end: str) -> None:
    assert neighbour(SCENE, {start}, direction) == end


def test_of_several_targets_the_nearest_is_the_neighbour() -> None:
    assert neighbour(SCENE, {"embed"}, "right") == "linear"
    assert neighbour(SCENE, {"add"}, "left") == "relu"


@pytest.mark.parametrize(
    ("start", "direction"),
    [("tokens", "left"), ("out", "right"), ("tokens", "up"), ("relu", "down")],
)
def test_at_the_border_there_is_no_neighbour(start: str, direction: str) -> None:
    assert neighbour(SCENE, {start}, direction) is None


def test_without_an_edge_the_nearest_node_ahead_is_the_neighbour() -> None:
    graph = MODEL.graph
    apart = MODEL.with_graph("", Graph(graph.nodes))
    assert neighbour(scene_of(apart), {"tokens"}, "right") == "embed"


def test_a_backward_edge_is_followed() -> None:
    behind = scene_of(placed(MODEL, embed=(-900.0, 0.0)))
    assert neighbour(behind, {"tokens"}, "right") == "embed"


def test_without_a_selection_the_first_node_is_selected() -> None:
    assert neighbour(SCENE, set(), "down") == "tokens"
    assert neighbour(SCENE, {"gone"}, "down") == "tokens"


def test_an_empty_graph_has_no_neighbour() -> None:
    assert neighbour(Scene(), set(), "left") is None


def test_navigation_starts_at_the_outermost_selected_node() -> None:
    assert neighbour(SCENE, {"tokens", "embed", "relu"}, "right") == "add"


def test_upstream_finds_all_ancestors() -> None:
    assert upstream(MODEL.graph, {"relu"}) == {"relu", "linear", "embed", "tokens"}
    assert upstream(MODEL.graph, {"tokens"}) == {"tokens"}


def test_downstream_finds_all_descendants() -> None:
    assert downstream(MODEL.graph, {"relu"}) == {"relu", "add", "out"}


def test_a_cycle_is_visited_once() -> None:
    loop = MODEL.graph.with_edge(PortRef("relu", "output"), PortRef("linear", "input"))
    assert upstream(loop, {"relu"}) == {"relu", "linear"}
    assert downstream(loop, {"linear"}) == {"linear", "relu", "add", "out"}
