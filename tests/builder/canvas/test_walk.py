"""The arrow keys go along the edges, and in a direction."""

import pytest

from builder.canvas.keyboard_navigation import downstream, neighbour, upstream
from builder.canvas.scene import Scene
from nodes.core.graphs.graph import Graph, PortRef
from tests.builder.canvas.scenes import placed, residual, scene_of

MODEL = residual()
SCENE = scene_of(MODEL)


@pytest.mark.parametrize(
    ("start", "way", "end"),
    [
        ("tokens", "right", "embed"),
        ("embed", "left", "tokens"),
        ("linear", "right", "relu"),
        ("relu", "right", "add"),
        ("out", "left", "add"),
        ("linear", "up", "embed"),
    ],
)
def test_an_arrow_goes_to_the_neighbour(start: str, way: str, end: str) -> None:
    assert neighbour(SCENE, {start}, way) == end


def test_where_edges_part_the_nearest_node_is_next() -> None:
    assert neighbour(SCENE, {"embed"}, "right") == "linear"
    assert neighbour(SCENE, {"add"}, "left") == "relu"


@pytest.mark.parametrize(
    ("start", "way"), [("tokens", "left"), ("out", "right"), ("tokens", "up"), ("relu", "down")]
)
def test_at_the_border_there_is_no_neighbour(start: str, way: str) -> None:
    assert neighbour(SCENE, {start}, way) is None


def test_without_an_edge_an_arrow_goes_to_the_nearest_node_that_way() -> None:
    graph = MODEL.graph
    apart = MODEL.with_graph("", Graph(graph.nodes))
    assert neighbour(scene_of(apart), {"tokens"}, "right") == "embed"


def test_an_edge_that_leads_back_is_followed_as_well() -> None:
    behind = scene_of(placed(MODEL, embed=(-900.0, 0.0)))
    assert neighbour(behind, {"tokens"}, "right") == "embed"


def test_from_nothing_one_comes_to_the_first_node() -> None:
    assert neighbour(SCENE, set(), "down") == "tokens"
    assert neighbour(SCENE, {"gone"}, "down") == "tokens"


def test_in_an_empty_graph_there_is_nowhere_to_go() -> None:
    assert neighbour(Scene(), set(), "left") is None


def test_of_several_nodes_the_outermost_is_left() -> None:
    assert neighbour(SCENE, {"tokens", "embed", "relu"}, "right") == "add"


def test_up_the_stream_is_all_that_leads_here() -> None:
    assert upstream(MODEL.graph, {"relu"}) == {"relu", "linear", "embed", "tokens"}
    assert upstream(MODEL.graph, {"tokens"}) == {"tokens"}


def test_down_the_stream_is_all_that_follows() -> None:
    assert downstream(MODEL.graph, {"relu"}) == {"relu", "add", "out"}


def test_a_loop_is_walked_once() -> None:
    loop = MODEL.graph.with_edge(PortRef("relu", "output"), PortRef("linear", "input"))
    assert upstream(loop, {"relu"}) == {"relu", "linear"}
    assert downstream(loop, {"linear"}) == {"linear", "relu", "add", "out"}
