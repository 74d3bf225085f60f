"""Selection by clicks and by the marquee, panning, and hovering."""

import pytest

from builder.canvas.intents import Commit, Preview, Select
from builder.canvas.overlay import NO_OVERLAY
from builder.canvas.pointer_events import MIDDLE, RIGHT
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Comment, PortRef
from tests.builder.canvas.mouse import MouseDriver, by, edge, keys, language_model, nodes

EMPTY_CANVAS = (1300.0, 650.0)


@pytest.fixture
def mouse():
    return MouseDriver(language_model())


def test_a_click_on_a_node_selects_it_alone(mouse):
    mouse.click(mouse.body("embed"))
    mouse.click(mouse.body("lstm"))
    assert mouse.document.selection == nodes("lstm")
    assert mouse.steps == []


def test_a_node_is_selected_as_soon_as_it_is_pressed(mouse):
    mouse.press(mouse.body("lstm"))
    assert mouse.document.selection == nodes("lstm")


def test_a_click_on_empty_canvas_selects_nothing(mouse):
    mouse.click(mouse.body("lstm"))
    mouse.click(EMPTY_CANVAS)
    assert not mouse.document.selection


@pytest.mark.parametrize("modifiers", ["shift", "ctrl"])
def test_a_click_on_empty_canvas_with_a_key_keeps_the_selection(mouse, modifiers):
    mouse.click(mouse.body("lstm"))
    mouse.click(EMPTY_CANVAS, modifiers=modifiers)
    assert mouse.document.selection == nodes("lstm")


def test_shift_click_adds(mouse):
    mouse.click(mouse.body("embed"))
    mouse.click(mouse.body("lstm"), modifiers="shift")
    mouse.click(mouse.body("lstm"), modifiers="shift")
    assert mouse.document.selection == nodes("embed", "lstm")


def test_ctrl_click_toggles(mouse):
    mouse.click(mouse.body("embed"))
    mouse.click(mouse.body("lstm"), modifiers="ctrl")
    assert mouse.document.selection == nodes("embed", "lstm")
    mouse.click(mouse.body("embed"), modifiers="ctrl")
    assert mouse.document.selection == nodes("lstm")


def test_a_press_on_a_selected_node_keeps_the_selection_until_release(mouse):
    mouse.store.select(nodes("embed", "lstm"))
    mouse.press(mouse.body("lstm"))
    assert mouse.document.selection == nodes("embed", "lstm")
    mouse.release(mouse.body("lstm"))
    assert mouse.document.selection == nodes("lstm")


def test_a_click_on_an_edge_selects_it(mouse):
    mouse.click(mouse.edge("lstm.input"))
    assert mouse.document.selection == edge("lstm.input")


def test_shift_adds_an_edge_and_ctrl_toggles_it(mouse):
    mouse.click(mouse.body("head"))
    mouse.click(mouse.edge("lstm.input"), modifiers="shift")
    assert mouse.document.selection.nodes == {"head"}
    assert mouse.document.selection.edges == {PortRef("lstm", "input")}
    mouse.click(mouse.edge("lstm.input"), modifiers="ctrl")
    assert mouse.document.selection == nodes("head")
    mouse.click(mouse.edge("lstm.input"), modifiers="ctrl")
    assert mouse.document.selection.edges == {PortRef("lstm", "input")}


def test_a_click_on_a_frame_is_on_its_heading_only():
    mouse = MouseDriver(language_model(around=Comment("words", 200.0, -60.0, 240.0, 240.0, True)))
    mouse.click(mouse.pixel(220.0, -40.0))
    assert mouse.document.selection == Selection(comments=frozenset({"around"}))
    mouse.click(mouse.pixel(220.0, 150.0))
    assert not mouse.document.selection


# -- boxes ---------------------------------------------------------------------------------------


def test_a_marquee_selects_nodes_that_it_touches(mouse):
    mouse.drag(mouse.pixel(-60, -60), mouse.pixel(100, 30), mouse.pixel(260, 30))
    assert mouse.document.selection.nodes == {"tokens", "embed"}
    assert mouse.steps == []


def test_a_box_may_be_drawn_from_any_corner(mouse):
    mouse.drag(mouse.pixel(220, 150), mouse.pixel(230, 300), mouse.pixel(-60, -60))
    assert mouse.document.selection.nodes == {"tokens"}
    mouse.drag(mouse.pixel(420, 200), mouse.pixel(230, -60))
    assert mouse.document.selection.nodes == {"embed"}


def test_the_selection_follows_the_box_while_it_is_drawn(mouse):
    mouse.press(mouse.pixel(-60, -60))
    mouse.move(mouse.pixel(260, 40))
    assert mouse.document.selection.nodes == {"tokens", "embed"}
    assert mouse.overlay.marquee == ((-60.0, -60.0), (260.0, 40.0))
    mouse.move(mouse.pixel(100, 40))
    assert mouse.document.selection.nodes == {"tokens"}


def test_a_box_with_shift_adds(mouse):
    mouse.click(mouse.body("head"))
    mouse.drag(mouse.pixel(-60, -60), mouse.pixel(100, 40), modifiers="shift")
    assert mouse.document.selection.nodes == {"head", "tokens"}


def test_a_box_with_ctrl_toggles(mouse):
    mouse.store.select(nodes("head", "tokens"))
    mouse.drag(mouse.pixel(-60, -60), mouse.pixel(260, 40), modifiers="ctrl")
    assert mouse.document.selection.nodes == {"head", "embed"}


def test_escape_restores_the_selection_before_the_marquee(mouse):
    mouse.store.select(nodes("head"))
    mouse.press(mouse.pixel(-60, -60))
    mouse.move(mouse.pixel(260, 40))
    mouse.escape()
    mouse.release(mouse.pixel(260, 40))
    assert mouse.document.selection == nodes("head")
    assert not mouse.overlay.busy


def test_a_marquee_without_a_change_requests_no_selection(mouse):
    mouse.press(mouse.pixel(-60, -60))
    mouse.move(mouse.pixel(100, 40), mouse.pixel(101, 41), mouse.pixel(102, 42))
    assert sum(isinstance(intent, Select) for intent in mouse.intents) == 1


# -- thresholds ----------------------------------------------------------------------------------


def test_less_than_four_pixels_are_a_click(mouse):
    mouse.drag(mouse.body("lstm"), by(mouse.body("lstm"), 2.0, 2.0))
    assert not any(isinstance(intent, Preview | Commit) for intent in mouse.intents)
    assert mouse.document.selection == nodes("lstm")


@pytest.mark.parametrize("zoom", [0.2, 1.0, 4.0])
def test_thresholds_are_pixels_at_any_zoom(mouse, zoom):
    mouse.camera = mouse.camera.zoomed(zoom, (0.0, 0.0))
    mouse.press((1.0, 1.0))
    mouse.move((4.0, 3.0))
    assert mouse.overlay.marquee is None
    mouse.move((5.0, 1.0))
    assert mouse.overlay.marquee


def test_a_drag_faster_than_the_frames_is_a_drag(mouse):
    mouse.press(mouse.body("lstm"))
    mouse.release(by(mouse.body("lstm"), 0.0, 100.0))
    assert mouse.steps == ["Move lstm"]
    assert mouse.at("lstm") == (480.0, 100.0)


# -- the view ------------------------------------------------------------------------------------

PANS = [(MIDDLE, ""), (RIGHT, ""), ("left", "space")]


@pytest.mark.parametrize(("button", "modifiers"), PANS)
@pytest.mark.parametrize("node", ["lstm", ""])
def test_the_canvas_follows_a_pan(mouse, button, modifiers, node):
    start = mouse.body(node) if node else EMPTY_CANVAS
    before = mouse.camera.to_canvas(start)
    mouse.drag(
        start, by(start, 3.0, 3.0), by(start, -120.0, 60.0), button=button, modifiers=modifiers
    )
    assert mouse.camera.to_canvas(by(start, -120.0, 60.0)) == pytest.approx(before)
    assert (mouse.steps, mouse.dialogs) == ([], [])
    assert not mouse.document.selection


def test_a_pan_continues_after_a_zoom(mouse):
    anchor = mouse.camera.to_canvas((600.0, 400.0))
    mouse.press((600.0, 400.0), MIDDLE)
    mouse.move((650.0, 420.0))
    mouse.camera = mouse.camera.zoomed(0.5, (100.0, 100.0))
    mouse.move((700.0, 440.0))
    assert mouse.camera.to_canvas((700.0, 440.0)) == pytest.approx(anchor)


def test_a_drag_at_the_border_pans_the_view(mouse):
    x, y = mouse.body("lstm")
    mouse.press((x, y))
    mouse.move((x + 50, y), (1398.0, y))
    moved, seen = mouse.at("lstm")[0], mouse.camera.x
    mouse.wait(0.05)
    mouse.wait(0.05)
    assert mouse.camera.x > seen
    assert mouse.at("lstm")[0] > moved
    mouse.release((1398.0, y))
    assert mouse.steps == ["Move lstm"]


def test_a_box_and_an_edge_at_the_border_pan_too(mouse):
    for start in (mouse.pixel(-60, 700), mouse.output("lstm.output")):
        seen = mouse.camera.y
        mouse.press(start)
        mouse.move((700.0, 400.0), (700.0, 799.0))
        mouse.wait(0.05)
        assert mouse.camera.y > seen
        mouse.escape()


def test_nothing_pans_while_the_pointer_is_inside_or_idle(mouse):
    mouse.move((1398.0, 400.0))
    mouse.wait(0.05)
    mouse.press(mouse.body("lstm"))
    mouse.move(by(mouse.body("lstm"), 0.0, 60.0))
    mouse.wait(0.05)
    assert mouse.camera == MouseDriver(language_model()).camera


def test_a_long_tick_pans_no_farther_than_the_maximum(mouse):
    mouse.press(mouse.body("lstm"))
    mouse.move((1399.0, 300.0))
    mouse.wait(1000.0)
    assert mouse.camera.x < 0.0


# -- hovering ------------------------------------------------------------------------------------


def test_the_item_under_the_pointer_is_hovered(mouse):
    mouse.move(mouse.title("lstm"))
    assert (mouse.overlay.hover.node, mouse.overlay.hover.title) == ("lstm", True)
    mouse.move(mouse.output("lstm.output"))
    assert mouse.overlay.hover.end == PortEnd(PortRef("lstm", "output"), False)
    mouse.move(mouse.edge("lstm.input"))
    assert mouse.overlay.hover.edge == PortRef("lstm", "input")
    mouse.move(EMPTY_CANVAS)
    assert mouse.overlay == NO_OVERLAY


def test_the_overlay_is_the_same_object_while_the_hover_does_not_change(mouse):
    mouse.move(mouse.body("lstm"))
    shown = mouse.overlay
    mouse.move(by(mouse.body("lstm"), 1.0, 0.0))
    assert mouse.overlay is shown


def test_the_hover_follows_the_document(mouse):
    mouse.move(mouse.body("norm"))
    document = mouse.document
    mouse.store.commit("Delete norm", document.with_graph(document.graph.without_node("norm")))
    mouse.wait(0.02)
    assert not mouse.overlay.hover


def test_an_event_without_effect_changes_nothing(mouse):
    mouse.release(EMPTY_CANVAS)
    mouse.escape()
    mouse.move(EMPTY_CANVAS, modifiers="shift")
    assert mouse.intents == []
    assert keys("shift ctrl") == {"shift", "ctrl"}
