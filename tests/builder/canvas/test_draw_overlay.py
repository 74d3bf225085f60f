import pytest

from builder.canvas.camera import Camera
from builder.canvas.drawing.draw_items import draw_node
from builder.canvas.drawing.draw_overlay import DrawContext, draw_overlay, draw_tooltip, translated
from builder.canvas.level_of_detail import Detail
from builder.canvas.overlay import NO_OVERLAY, DraggedEdge, HitResult, Overlay
from builder.document.port_end import PortEnd
from builder.graphics.shapes import Box, Curve, Disc, Line, Polygon, Text
from builder.graphics.theme import DARK
from nodes.core.graphs.port import Kind
from tests.builder.canvas.scenes import ref, residual, scene_of

VIEW = Camera(x=-100.0, y=-100.0, left=200.0, top=40.0, width=1000.0, height=700.0)
EMBED = PortEnd(ref("embed.output"), False)
RELU = PortEnd(ref("relu.input"), True)


def draw_context(zoom=1.0, scale=1.0):
    camera = Camera(x=-100.0, y=-100.0, left=200.0, top=40.0, width=1000.0, height=700.0, zoom=zoom)
    return DrawContext(scene_of(residual()), camera, DARK, scale)


def of(kind, shapes):
    return [shape for shape in shapes if isinstance(shape, kind)]


def test_an_empty_overlay_draws_nothing():
    assert draw_overlay(NO_OVERLAY, draw_context()) == ()


def test_a_dragged_edge_runs_from_its_port_to_the_pointer():
    dragged = DraggedEdge(EMBED, (600.0, 300.0), Kind.FEATURES)
    *_, curve = of(Curve, draw_overlay(Overlay(dragged_edges=(dragged,)), draw_context()))
    assert curve.points[0] == draw_context().scene.at(EMBED)
    assert curve.points[-1] == (600.0, 300.0)


def test_an_edge_dragged_from_an_input_runs_from_the_pointer():
    dragged = DraggedEdge(RELU, (300.0, 400.0), Kind.FEATURES)
    *_, curve = of(Curve, draw_overlay(Overlay(dragged_edges=(dragged,)), draw_context()))
    assert curve.points[0] == (300.0, 400.0)
    assert curve.points[-1] == draw_context().scene.at(RELU)


def test_a_snapped_edge_ends_at_the_port():
    dragged = DraggedEdge(EMBED, (690.0, 130.0), Kind.FEATURES)
    shapes = draw_overlay(Overlay(dragged_edges=(dragged,), snapped=RELU), draw_context())
    assert {curve.points[-1] for curve in of(Curve, shapes)} == {draw_context().scene.at(RELU)}


def test_only_ports_that_fit_are_emphasized():
    dragged = DraggedEdge(EMBED, (600.0, 300.0), Kind.FEATURES)
    bare = draw_overlay(Overlay(dragged_edges=(dragged,)), draw_context())
    add = PortEnd(ref("add.terms.0"), True)
    connection_errors = {RELU: "", add: "that would be a circle"}
    marks = set(
        draw_overlay(
            Overlay(dragged_edges=(dragged,), connection_errors=connection_errors), draw_context()
        )
    ) - set(bare)
    places = {(shape.x, shape.y) for shape in of(Disc, marks)}
    assert places == {draw_context().scene.at(RELU)}


def test_a_marquee_covers_its_corners_in_any_direction():
    bands = [
        of(Box, draw_overlay(Overlay(marquee=corners), draw_context()))
        for corners in (((10.0, 20.0), (110.0, 70.0)), ((110.0, 70.0), (10.0, 20.0)))
    ]
    assert bands[0] == bands[1]
    assert (bands[0][0].x, bands[0][0].width, bands[0][0].height) == (10.0, 100.0, 50.0)


@pytest.mark.parametrize("zoom", [0.1, 0.5, 1.0, 4.0])
def test_lines_have_the_same_width_on_the_screen_at_every_zoom(zoom):
    overlay = Overlay(guides=(((0.0, 0.0), (0.0, 100.0)),), marquee=((0.0, 0.0), (9.0, 9.0)))
    shapes = draw_overlay(overlay, draw_context(zoom))
    assert [one.thickness * zoom for one in of(Line, shapes) + of(Box, shapes)] == [1.0, 1.0]


def test_a_hovered_port_is_emphasized():
    shapes = draw_overlay(Overlay(hover=HitResult(end=RELU)), draw_context())
    assert {(one.x, one.y) for one in of(Disc, shapes)} == {draw_context().scene.at(RELU)}


@pytest.mark.parametrize("hit", [HitResult(node="relu"), HitResult(edge=ref("relu.input"))])
def test_hovered_items_are_outlined_only_at_the_lowest_level_of_detail(hit):
    assert draw_overlay(Overlay(hover=hit), draw_context(0.1))
    assert not draw_overlay(Overlay(hover=hit), draw_context(1.0))


@pytest.mark.parametrize(
    "overlay",
    [
        Overlay(hover=HitResult(node="gone")),
        Overlay(hover=HitResult(edge=ref("gone.input"))),
        Overlay(hover=HitResult(end=PortEnd(ref("gone.input"), True))),
        Overlay(snapped=PortEnd(ref("gone.input"), True)),
        Overlay(highlighted_edge=ref("gone.input")),
        Overlay(
            dragged_edges=(DraggedEdge(PortEnd(ref("gone.output"), False), (0.0, 0.0), Kind.ANY),)
        ),
    ],
)
@pytest.mark.parametrize("zoom", [0.1, 1.0])
def test_items_that_do_not_exist_are_not_drawn(overlay, zoom):
    assert draw_overlay(overlay, draw_context(zoom)) == ()


def test_the_ghost_is_the_card_at_its_position():
    card = draw_context().scene.nodes["relu"]
    shapes = draw_overlay(Overlay(ghost=("ReLU", (30.0, 50.0))), draw_context(), card)
    titles = {text.text: (text.x, text.y) for text in of(Text, shapes)}
    own = {text.text: (text.x, text.y) for text in of(Text, draw_node(card, DARK, Detail.FULL))}
    assert titles == {text: (x + 30.0, y + 50.0) for text, (x, y) in own.items()}


@pytest.mark.parametrize("zoom", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("scale", [0.75, 1.0, 2.5])
@pytest.mark.parametrize("at", [(210.0, 50.0), (1190.0, 60.0), (1190.0, 730.0), (210.0, 730.0)])
def test_a_tooltip_lies_inside_the_view(zoom, scale, at):
    drawn = draw_context(zoom, scale)
    card, *lines = draw_tooltip("expected features, got lengths", at, drawn)
    camera = drawn.camera
    low = camera.to_window((card.x, card.y))
    high = camera.to_window((card.x + card.width, card.y + card.height))
    assert camera.top <= low[1] and high[1] <= camera.top + camera.height
    assert camera.left <= low[0] and high[0] <= camera.left + camera.width
    assert all(card.y <= line.y and line.y + line.size <= card.y + card.height for line in lines)


def test_an_empty_tooltip_is_not_drawn():
    assert draw_tooltip("", (300.0, 300.0), draw_context()) == ()


@pytest.mark.parametrize(
    "shape",
    [
        Box(1, 2, 3, 4),
        Disc(1, 2, 3, DARK.text),
        Text(1, 2, "x", 12, DARK.text),
        Line(((1, 2), (3, 4)), DARK.text),
        Polygon(((1, 2), (3, 4), (5, 6)), DARK.text),
        Curve(((1, 2), (3, 4), (5, 6), (7, 8)), DARK.text),
    ],
)
def test_translating_a_shape_back_and_forth_keeps_it(shape):
    assert translated(translated(shape, 10, -7), -10, 7) == shape
    assert translated(shape, 1, 0) != shape
