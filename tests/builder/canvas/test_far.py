from itertools import pairwise

import pytest

from builder.canvas.drawing import low_detail
from builder.document.document import Selection
from builder.graphics.theme import DARK, THEMES
from builder.layout.spatial_index import expanded
from codegen.check import Severity
from nodes.linear import Linear
from tests.builder.canvas.scenes import Stage, placed, ref, residual, scene_of


def boxes(strip):
    """Read the rectangles back from a ribbon."""
    corners = list(zip(*strip, strict=True))
    return {
        (*corners[first][:2], corners[first + 2][0], corners[first + 2][2])
        for first in range(0, len(corners), 4)
    }


def every_box(strips):
    return {box for strip in strips.values() for box in boxes(strip)}


def wrong():
    """A network whose add gets features of two sizes."""
    model = residual()
    return model.edit("", lambda graph: graph.with_node("linear", Linear(out_features=7)))


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_card_is_one_patch_where_it_lies(theme):
    scene = scene_of(residual())
    assert every_box(low_detail.patches(scene, theme)) == {
        scene.bounds(name) for name in scene.nodes
    }


def test_cards_of_one_family_are_one_figure():
    families = {figure.category for figure in scene_of(residual()).nodes.values()}
    assert len(low_detail.patches(scene_of(residual()), DARK)) == len(families)


def test_a_ribbon_is_nowhere_high_between_two_cards():
    ribbon = low_detail.strip([(0, 0, 10, 10), (50, 30, 60, 40)])
    points = list(zip(*ribbon, strict=True))
    between = [(a, b) for a, b in pairwise(points) if a[0] != b[0] and a[0] == 10]
    assert between
    assert all(low == high for pair in between for _, low, high in pair)


def test_a_card_is_never_too_small_to_be_seen():
    (box,) = boxes(low_detail.strip([(0, 0, 1, 2)], least=5.0))
    assert box == (0, 0, 5, 5)


def test_what_waits_is_paler():
    scene = scene_of(wrong())
    assert scene.nodes["out"].waiting
    assert low_detail.patch_colour(scene.nodes["out"], DARK) != low_detail.patch_colour(
        scene_of(residual()).nodes["out"], DARK
    )


def test_a_wrong_card_has_a_rim_in_the_colour_of_errors():
    scene = scene_of(wrong())
    bad = {name for name, one in scene.nodes.items() if one.badge is Severity.ERROR}
    rims = low_detail.rims(scene, Selection(), DARK)
    assert boxes(rims[DARK.error]) == {expanded(scene.bounds(name), low_detail.RIM) for name in bad}
    assert bad


def test_a_selected_card_has_a_rim_in_the_accent_even_if_it_is_wrong():
    scene = scene_of(wrong())
    (bad,) = (name for name, one in scene.nodes.items() if one.badge is Severity.ERROR)
    rims = low_detail.rims(scene, Selection.of(bad, "embed"), DARK)
    assert DARK.error not in rims
    assert len(boxes(rims[DARK.accent])) == 2


def test_what_is_selected_but_gone_has_no_rim():
    assert every_box(low_detail.rims(scene_of(residual()), Selection.of("gone"), DARK)) == set()


def test_a_strand_goes_from_port_to_port_without_a_gap():
    for edge in scene_of(residual()).edges.values():
        points = list(zip(*low_detail.strand(edge), strict=True))
        assert points[0] == edge.points[0]
        assert points[-1] == edge.points[-1]
        assert points[1:-1:2] == points[2::2]


def test_every_edge_is_among_the_strands():
    scene = scene_of(residual())
    strands = low_detail.Strands().make(scene, Selection(), DARK)
    pieces = sum(len(strand.xs) for strand in strands.values())
    assert pieces == sum(len(low_detail.strand(edge).xs) for edge in scene.edges.values())


def test_a_selected_edge_and_a_wrong_one_have_colours_of_their_own():
    scene = scene_of(wrong())
    strands = low_detail.Strands().make(
        scene, Selection(edges=frozenset({ref("linear.input")})), DARK
    )
    assert {DARK.accent, DARK.error} <= strands.keys()


def test_strands_follow_a_card_that_moves():
    stage, strands = Stage(), low_detail.Strands()
    strands.make(stage.show(residual()), Selection(), DARK)
    moved = stage.show(placed(residual(), relu=(700.0, 500.0)))
    fresh = low_detail.Strands().make(moved, Selection(), DARK)
    assert strands.make(moved, Selection(), DARK) == fresh
