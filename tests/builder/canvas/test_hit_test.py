"""Hit testing finds what an exhaustive search finds."""

from itertools import pairwise
from math import dist, hypot
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.canvas.card import HEADER
from builder.canvas.hit_test import SceneIndex
from builder.canvas.overlay import NO_HIT, HitResult
from builder.canvas.scene import Scene, SceneMaker
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Comment, Graph, Model, PortRef
from nodes.dropout.dropout import Dropout
from tests.builder.canvas.scenes import placed, ref, residual, scene_of

MANY = 12
FRAME = Comment("Frame", 100.0, 100.0, 300.0, 200.0, frame=True)
COMMENT = Comment("Comment", 500.0, 100.0, 120.0, 80.0)


def chain(places) -> Scene:
    """Build a chain of nodes, many of which overlap."""
    names = [f"n{i}" for i in range(len(places))]
    edges = {
        PortRef(after, "input"): PortRef(before, "output") for before, after in pairwise(names)
    }
    graph = Graph({name: Dropout() for name in names}, edges)
    layout = dict(zip(names, places, strict=True))
    return SceneMaker().make(graph, layout, {}, *(Model(graph=graph), None, None, ""))


def index_of_comments(**comments: Comment) -> SceneIndex:
    return SceneIndex(Scene(comments=comments))


# -- nodes and ports -----------------------------------------------------------------------------


def test_a_card_is_hit_by_its_title_and_by_its_body():
    index = SceneIndex(scene_of(residual()))
    assert index.hit((70.0, 20.0), 1.0) == HitResult(node="tokens", title=True)
    assert index.hit((70.0, HEADER + 20.0), 1.0) == HitResult(node="tokens")
    assert index.hit((70.0, -20.0), 1.0) == NO_HIT


def test_the_topmost_card_is_hit():
    index = SceneIndex(scene_of(placed(residual(), out=(0.0, 0.0))))
    assert index.hit((70.0, 20.0), 1.0).node == "out"


def test_a_port_is_hit_before_its_card():
    scene = scene_of(residual())
    x, y = scene.at(PortEnd(ref("embed.output"), False))
    index = SceneIndex(scene)
    for at in ((x, y), (x - 8.0, y), (x + 8.0, y)):
        assert index.hit(at, 1.0) == HitResult(end=PortEnd(ref("embed.output"), False))
    assert index.hit((x - 10.0, y), 1.0).node == "embed"


def test_the_reach_of_ports_is_larger_while_connecting():
    scene = scene_of(residual())
    x, y = scene.at(PortEnd(ref("add.terms.0"), True))
    index = SceneIndex(scene)
    assert index.hit((x - 19.0, y - 2.0), 1.0).end is None
    assert index.hit((x - 19.0, y - 2.0), 1.0, connecting=True).end == PortEnd(
        ref("add.terms.0"), True
    )
    assert index.hit((x - 90.0, y), 0.2, connecting=True).end == PortEnd(ref("add.terms.0"), True)


def test_the_nearest_of_two_ports_is_hit():
    scene = scene_of(residual())
    x, y = scene.at(PortEnd(ref("add.terms.1"), True))
    assert SceneIndex(scene).hit((x, y + 9.0), 1.0, connecting=True).end.ref.port == "terms.1"
    assert SceneIndex(scene).hit((x, y + 11.0), 1.0, connecting=True).end.ref.port == "terms.2"


def test_of_two_ports_as_near_the_input_is_hit():
    index = SceneIndex(chain([(-70.0, 0.0)]))
    assert index.hit((0.0, 60.0), 0.1, connecting=True).end == PortEnd(ref("n0.input"), True)


def test_a_covered_port_is_not_hit():
    scene = scene_of(placed(residual(), out=(100.0, 20.0)))
    x, y = scene.at(PortEnd(ref("tokens.output"), False))
    assert SceneIndex(scene).hit((x, y), 1.0) == HitResult(node="out", title=True)


def test_ports_that_are_too_small_to_be_seen_are_not_in_the_way():
    scene = scene_of(residual())
    assert SceneIndex(scene).hit(scene.at(PortEnd(ref("add.terms.0"), True)), 0.2).node == "add"


# -- edges ---------------------------------------------------------------------------------------


def test_an_edge_is_hit_within_eight_pixels():
    scene = scene_of(residual())
    edge = scene.edges[ref("add.terms.0")]
    (x, y), index = edge.path[4], SceneIndex(scene)
    for zoom in (0.5, 1.0, 2.0):
        assert index.hit((x, y + 7.5 / zoom), zoom).edge == edge.target
        assert index.hit((x, y + 8.5 / zoom), zoom).edge is None


def test_an_edge_is_hit_near_its_end_close_to_its_target():
    scene = scene_of(residual())
    edge = scene.edges[ref("add.terms.0")]
    (x, y), index = edge.points[-1], SceneIndex(scene)
    assert index.hit((x - 30.0, y), 1.0) == HitResult(edge=edge.target, near_end=True)
    assert index.hit(edge.path[4], 1.0) == HitResult(edge=edge.target)


def test_the_label_of_an_edge_is_part_of_it():
    scene = scene_of(placed(residual(), embed=(340.0, 0.0)))
    edge = scene.edges[ref("embed.input")]
    left, top, _, _ = edge.label_box
    assert edge.label_at[1] < edge.points[0][1]
    assert SceneIndex(scene).hit((left + 1, top + 1), 1.0).edge == edge.target


# -- comments ------------------------------------------------------------------------------------


def test_a_frame_is_hit_by_its_heading_its_border_and_its_corner():
    index = index_of_comments(frame=FRAME)
    assert index.hit((200.0, 110.0), 1.0) == HitResult(comment="frame")
    assert index.hit((104.0, 250.0), 1.0) == HitResult(comment="frame")
    assert index.hit((396.0, 296.0), 1.0) == HitResult(comment="frame", corner=True)
    assert index.hit((200.0, 200.0), 1.0) == NO_HIT


def test_a_comment_is_hit_anywhere():
    index = index_of_comments(comment=COMMENT)
    assert index.hit((560.0, 140.0), 1.0) == HitResult(comment="comment")
    assert index.hit((618.0, 178.0), 1.0) == HitResult(comment="comment", corner=True)
    assert index.hit((640.0, 140.0), 1.0) == NO_HIT


def test_nodes_are_hit_before_comments():
    scene = scene_of(residual())
    covered = Scene(scene.nodes, scene.positions, scene.edges, {"all": COMMENT})
    at = (COMMENT.x + 10, scene.bounds("linear")[1] + 10)
    assert SceneIndex(covered).hit(at, 1.0).node == "linear"


# -- areas ---------------------------------------------------------------------------------------


def test_a_box_selects_cards_it_touches_and_edges_inside_it():
    index = SceneIndex(scene_of(residual()))
    selected = index.select_in_box((-10.0, -10.0), (210.0, 200.0))
    assert selected == Selection(frozenset({"tokens", "embed"}), frozenset({ref("embed.input")}))


def test_a_box_may_be_drawn_from_any_corner():
    index = SceneIndex(scene_of(residual()))
    corners = [(-10.0, -10.0), (600.0, 200.0), (-10.0, 200.0), (600.0, -10.0)]
    expected = index.select_in_box(corners[0], corners[1])
    assert index.select_in_box(corners[1], corners[0]) == expected
    assert index.select_in_box(corners[2], corners[3]) == expected


@pytest.mark.parametrize(
    ("corner", "expected"), [(350.0, {"comment"}), (90.0, {"frame", "comment"})]
)
def test_a_box_selects_comments_it_touches_and_frames_inside_it(corner, expected):
    index = index_of_comments(frame=FRAME, comment=COMMENT)
    assert index.select_in_box((corner, 90.0), (510.0, 400.0)).comments == expected


def test_a_card_is_visible_with_its_margin():
    index = SceneIndex(scene_of(residual()))
    assert "tokens" in index.visible_nodes((-50.0, -50.0), (-10.0, 500.0))
    assert index.visible_nodes((-500.0, -50.0), (-400.0, 500.0)) == set()


# -- against looking at everything ---------------------------------------------------------------

COORDINATES = st.integers(-90, 90).map(lambda step: 10.0 * step)
PLACES = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=MANY)
ZOOMS = st.sampled_from([0.1, 0.3, 0.7, 1.0, 3.0])


def inside(box, point) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def intersect(box, low, high) -> bool:
    return box[0] <= high[0] and low[0] <= box[2] and box[1] <= high[1] and low[1] <= box[3]


def away(one, other) -> float:
    return hypot(one[0] - other[0], one[1] - other[1])


def expected_hit(scene, point, zoom, connecting) -> HitResult:
    """Search all items, one after the other."""
    names = list(scene.nodes)
    top = next((n for n in reversed(names) if inside(scene.bounds(n), point)), "")
    reach = 20 / zoom if connecting else min(9 / zoom, 16.0)
    ports = [
        (away(scene.at(port.end), point), -names.index(name), port.end)
        for name in names
        for port in scene.nodes[name].ports
        if not top or names.index(top) <= names.index(name)
    ]
    near = [port for port in ports if port[0] <= reach]
    if near and (connecting or zoom >= 0.25):
        return HitResult(end=min(near, key=itemgetter(0, 1))[2])
    if top:
        return HitResult(node=top, title=point[1] < scene.positions[top][1] + HEADER)
    return NO_HIT


@settings(max_examples=150, deadline=None)
@given(
    places=PLACES,
    point=st.tuples(st.floats(-1000, 1100), st.floats(-1000, 1100)),
    zoom=ZOOMS,
    connecting=st.booleans(),
)
def test_a_hit_equals_an_exhaustive_search(places, point, zoom, connecting):
    scene = chain(places)
    found, expected = (
        SceneIndex(scene).hit(point, zoom, connecting),
        expected_hit(scene, point, zoom, connecting),
    )
    if expected:
        assert found == expected
        return
    nearest = {t: min(dist(p, point) for p in e.path) for t, e in scene.edges.items()}
    if found.edge is None:
        # The path's points lie on it: none can be nearer than the path itself.
        assert all(distance > 8 / zoom for distance in nearest.values())
    else:
        pieces = pairwise(scene.edges[found.edge].path)
        longest = max(dist(start, end) for start, end in pieces)
        assert nearest[found.edge] <= 8 / zoom + longest


@settings(max_examples=100, deadline=None)
@given(
    places=PLACES,
    low=st.tuples(COORDINATES, COORDINATES),
    size=st.tuples(st.floats(0, 3000), st.floats(0, 3000)),
)
def test_a_box_query_equals_an_exhaustive_search(places, low, size):
    scene = chain(places)
    high = low[0] + size[0], low[1] + size[1]
    found = SceneIndex(scene).select_in_box(low, high)
    assert found.nodes == {n for n in scene.nodes if intersect(scene.bounds(n), low, high)}
    assert found.edges == {
        target
        for target, edge in scene.edges.items()
        if all(inside((*low, *high), point) for point in edge.path)
    }
    assert found.nodes <= SceneIndex(scene).visible_nodes(low, high)
    assert found.edges <= SceneIndex(scene).visible_edges(low, high)


@settings(max_examples=60, deadline=None)
@given(
    scenes=st.lists(st.tuples(PLACES, st.booleans()), min_size=2, max_size=4),
    low=st.tuples(COORDINATES, COORDINATES),
)
def test_an_updated_index_equals_a_new_one(scenes, low):
    index, high = None, (low[0] + 300.0, low[1] + 300.0)
    for places, queried in scenes:
        scene = chain(places)
        index = SceneIndex(scene, index)
        if queried:
            assert index.select_in_box(low, high) == SceneIndex(scene).select_in_box(low, high)
    assert index.select_in_box(low, high) == SceneIndex(scene).select_in_box(low, high)
    assert index.visible_edges(low, high) == SceneIndex(scene).visible_edges(low, high)
