from itertools import pairwise

import pytest

from builder.canvas.drawing import low_detail
from builder.document.document import Selection
from builder.graphics.theme import DARK, THEMES
from builder.layout.spatial_index import expanded
from codegen.check import Severity
from nodes.linear.linear import Linear
from tests.builder.canvas.scenes import Stage, placed, ref, residual, scene_of


def boxes(batch):
    """Read the boxes back from a batch."""
    corners = list(zip(*batch, strict=True))
    return {
        (*corners[first][:2], corners[first + 2][0], corners[first + 2][2])
        for first in range(0, len(corners), 4)
    }


def every_box(batches):
    return {box for batch in batches.values() for box in boxes(batch)}


def invalid_model():
    """Build a network that adds features of two sizes."""
    model = residual()
    return model.edit("", lambda graph: graph.with_node("linear", Linear(out_features=7)))


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_card_is_one_box_with_its_bounds(theme):
    scene = scene_of(residual())
    assert every_box(low_detail.batch_cards(scene, theme)) == {
        scene.bounds(name) for name in scene.nodes
    }


def test_cards_of_one_category_are_one_batch():
    categories = {card.category for card in scene_of(residual()).nodes.values()}
    assert len(low_detail.batch_cards(scene_of(residual()), DARK)) == len(categories)


def test_a_batch_has_no_height_between_two_boxes():
    batch = low_detail.batch_boxes([(0, 0, 10, 10), (50, 30, 60, 40)])
    points = list(zip(*batch, strict=True))
    between = [(a, b) for a, b in pairwise(points) if a[0] != b[0] and a[0] == 10]
    assert between
    assert all(low == high for pair in between for _, low, high in pair)


def test_boxes_have_a_minimum_size():
    (box,) = boxes(low_detail.batch_boxes([(0, 0, 1, 2)], min_size=5.0))
    assert box == (0, 0, 5, 5)


def test_waiting_cards_are_paler():
    scene = scene_of(invalid_model())
    assert scene.nodes["out"].waiting
    assert low_detail.card_colour(scene.nodes["out"], DARK) != low_detail.card_colour(
        scene_of(residual()).nodes["out"], DARK
    )


def test_a_card_with_errors_has_an_outline_in_the_error_colour():
    scene = scene_of(invalid_model())
    bad = {name for name, node in scene.nodes.items() if node.badge is Severity.ERROR}
    outlines = low_detail.batch_outlines(scene, Selection(), DARK)
    assert boxes(outlines[DARK.error]) == {
        expanded(scene.bounds(name), low_detail.OUTLINE) for name in bad
    }
    assert bad


def test_a_selected_card_has_an_accent_outline_even_with_errors():
    scene = scene_of(invalid_model())
    (bad,) = (name for name, node in scene.nodes.items() if node.badge is Severity.ERROR)
    outlines = low_detail.batch_outlines(scene, Selection.of(bad, "embed"), DARK)
    assert DARK.error not in outlines
    assert len(boxes(outlines[DARK.accent])) == 2


def test_a_selected_node_that_does_not_exist_has_no_outline():
    assert (
        every_box(low_detail.batch_outlines(scene_of(residual()), Selection.of("gone"), DARK))
        == set()
    )


def test_the_lines_of_an_edge_connect_its_ports_without_a_gap():
    for edge in scene_of(residual()).edges.values():
        points = list(zip(*low_detail.edge_lines(edge), strict=True))
        assert points[0] == edge.points[0]
        assert points[-1] == edge.points[-1]
        assert points[1:-1:2] == points[2::2]


def test_every_edge_is_in_a_batch():
    scene = scene_of(residual())
    batches = low_detail.EdgeBatcher().make(scene, Selection(), DARK)
    pieces = sum(len(strand.xs) for strand in batches.values())
    assert pieces == sum(len(low_detail.edge_lines(edge).xs) for edge in scene.edges.values())


def test_selected_and_bad_edges_have_their_own_colours():
    scene = scene_of(invalid_model())
    batches = low_detail.EdgeBatcher().make(
        scene, Selection(edges=frozenset({ref("linear.input")})), DARK
    )
    assert {DARK.accent, DARK.error} <= batches.keys()


def test_edge_batches_follow_a_moved_card():
    stage, batches = Stage(), low_detail.EdgeBatcher()
    batches.make(stage.show(residual()), Selection(), DARK)
    moved = stage.show(placed(residual(), relu=(700.0, 500.0)))
    fresh = low_detail.EdgeBatcher().make(moved, Selection(), DARK)
    assert batches.make(moved, Selection(), DARK) == fresh
