"""Clicks, boxes and the pointer: what is selected, and what is merely looked at."""

import pytest

from builder.canvas.intents import Choose, Commit, Preview
from builder.canvas.overlay import QUIET
from builder.canvas.pointer_events import MIDDLE, RIGHT
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Comment, PortRef
from tests.builder.canvas.hand import Hand, by, edge, keys, language_model, nodes

EMPTY = (1300.0, 650.0)


@pytest.fixture
def hand():
    return Hand.over(language_model())


def test_a_click_on_a_node_selects_it_alone(hand):
    hand.click(hand.body("embed"))
    hand.click(hand.body("lstm"))
    assert hand.document.selection == nodes("lstm")
    assert hand.steps == []


def test_a_node_is_selected_as_soon_as_it_is_pressed(hand):
    hand.press(hand.body("lstm"))
    assert hand.document.selection == nodes("lstm")


def test_a_click_on_empty_canvas_selects_nothing(hand):
    hand.click(hand.body("lstm"))
    hand.click(EMPTY)
    assert not hand.document.selection


@pytest.mark.parametrize("held", ["shift", "ctrl"])
def test_a_click_on_empty_canvas_with_a_key_keeps_the_selection(hand, held):
    hand.click(hand.body("lstm"))
    hand.click(EMPTY, held=held)
    assert hand.document.selection == nodes("lstm")


def test_shift_click_adds(hand):
    hand.click(hand.body("embed"))
    hand.click(hand.body("lstm"), held="shift")
    hand.click(hand.body("lstm"), held="shift")
    assert hand.document.selection == nodes("embed", "lstm")


def test_ctrl_click_toggles(hand):
    hand.click(hand.body("embed"))
    hand.click(hand.body("lstm"), held="ctrl")
    assert hand.document.selection == nodes("embed", "lstm")
    hand.click(hand.body("embed"), held="ctrl")
    assert hand.document.selection == nodes("lstm")


def test_a_press_on_one_of_many_keeps_them_until_it_comes_up(hand):
    hand.store.select(nodes("embed", "lstm"))
    hand.press(hand.body("lstm"))
    assert hand.document.selection == nodes("embed", "lstm")
    hand.release(hand.body("lstm"))
    assert hand.document.selection == nodes("lstm")


def test_a_click_on_an_edge_selects_it(hand):
    hand.click(hand.edge("lstm.input"))
    assert hand.document.selection == edge("lstm.input")


def test_shift_adds_an_edge_and_ctrl_toggles_it(hand):
    hand.click(hand.body("head"))
    hand.click(hand.edge("lstm.input"), held="shift")
    assert hand.document.selection.nodes == {"head"}
    assert hand.document.selection.edges == {PortRef("lstm", "input")}
    hand.click(hand.edge("lstm.input"), held="ctrl")
    assert hand.document.selection == nodes("head")
    hand.click(hand.edge("lstm.input"), held="ctrl")
    assert hand.document.selection.edges == {PortRef("lstm", "input")}


def test_a_click_on_a_frame_is_on_its_heading_only():
    hand = Hand.over(language_model(around=Comment("words", 200.0, -60.0, 240.0, 240.0, True)))
    hand.click(hand.pixel(220.0, -40.0))
    assert hand.document.selection == Selection(comments=frozenset({"around"}))
    hand.click(hand.pixel(220.0, 150.0))
    assert not hand.document.selection


# -- boxes ---------------------------------------------------------------------------------------


def test_a_box_takes_what_lies_partly_in_it(hand):
    hand.drag(hand.pixel(-60, -60), hand.pixel(100, 30), hand.pixel(260, 30))
    assert hand.document.selection.nodes == {"tokens", "embed"}
    assert hand.steps == []


def test_a_box_may_be_drawn_from_any_corner(hand):
    hand.drag(hand.pixel(220, 150), hand.pixel(230, 300), hand.pixel(-60, -60))
    assert hand.document.selection.nodes == {"tokens"}
    hand.drag(hand.pixel(420, 200), hand.pixel(230, -60))
    assert hand.document.selection.nodes == {"embed"}


def test_the_selection_follows_the_box_while_it_is_drawn(hand):
    hand.press(hand.pixel(-60, -60))
    hand.move(hand.pixel(260, 40))
    assert hand.document.selection.nodes == {"tokens", "embed"}
    assert hand.overlay.marquee == ((-60.0, -60.0), (260.0, 40.0))
    hand.move(hand.pixel(100, 40))
    assert hand.document.selection.nodes == {"tokens"}


def test_a_box_with_shift_adds(hand):
    hand.click(hand.body("head"))
    hand.drag(hand.pixel(-60, -60), hand.pixel(100, 40), held="shift")
    assert hand.document.selection.nodes == {"head", "tokens"}


def test_a_box_with_ctrl_toggles(hand):
    hand.store.select(nodes("head", "tokens"))
    hand.drag(hand.pixel(-60, -60), hand.pixel(260, 40), held="ctrl")
    assert hand.document.selection.nodes == {"head", "embed"}


def test_escape_gives_back_what_was_selected_before_the_box(hand):
    hand.store.select(nodes("head"))
    hand.press(hand.pixel(-60, -60))
    hand.move(hand.pixel(260, 40))
    hand.escape()
    hand.release(hand.pixel(260, 40))
    assert hand.document.selection == nodes("head")
    assert not hand.overlay.busy


def test_a_box_without_a_change_chooses_nothing_again(hand):
    hand.press(hand.pixel(-60, -60))
    hand.move(hand.pixel(100, 40), hand.pixel(101, 41), hand.pixel(102, 42))
    assert sum(isinstance(intent, Choose) for intent in hand.wanted) == 1


# -- thresholds ----------------------------------------------------------------------------------


def test_less_than_four_pixels_are_a_click(hand):
    hand.drag(hand.body("lstm"), by(hand.body("lstm"), 2.0, 2.0))
    assert not any(isinstance(intent, Preview | Commit) for intent in hand.wanted)
    assert hand.document.selection == nodes("lstm")


@pytest.mark.parametrize("zoom", [0.2, 1.0, 4.0])
def test_thresholds_are_pixels_at_any_zoom(hand, zoom):
    hand.camera = hand.camera.zoomed(zoom, (0.0, 0.0))
    hand.press((1.0, 1.0))
    hand.move((4.0, 3.0))
    assert hand.overlay.marquee is None
    hand.move((5.0, 1.0))
    assert hand.overlay.marquee


def test_a_drag_faster_than_the_frames_is_a_drag(hand):
    hand.press(hand.body("lstm"))
    hand.release(by(hand.body("lstm"), 0.0, 100.0))
    assert hand.steps == ["Move lstm"]
    assert hand.at("lstm") == (480.0, 100.0)


# -- the view ------------------------------------------------------------------------------------

PANS = [(MIDDLE, ""), (RIGHT, ""), ("left", "space")]


@pytest.mark.parametrize(("button", "held"), PANS)
@pytest.mark.parametrize("node", ["lstm", ""])
def test_the_canvas_follows_a_pan(hand, button, held, node):
    start = hand.body(node) if node else EMPTY
    before = hand.camera.to_canvas(start)
    hand.drag(start, by(start, 3.0, 3.0), by(start, -120.0, 60.0), button=button, held=held)
    assert hand.camera.to_canvas(by(start, -120.0, 60.0)) == pytest.approx(before)
    assert (hand.steps, hand.asked) == ([], [])
    assert not hand.document.selection


def test_a_pan_goes_on_where_it_was_zoomed_meanwhile(hand):
    anchor = hand.camera.to_canvas((600.0, 400.0))
    hand.press((600.0, 400.0), MIDDLE)
    hand.move((650.0, 420.0))
    hand.camera = hand.camera.zoomed(0.5, (100.0, 100.0))
    hand.move((700.0, 440.0))
    assert hand.camera.to_canvas((700.0, 440.0)) == pytest.approx(anchor)


def test_a_drag_at_the_border_pans_on(hand):
    x, y = hand.body("lstm")
    hand.press((x, y))
    hand.move((x + 50, y), (1398.0, y))
    moved, seen = hand.at("lstm")[0], hand.camera.x
    hand.wait(0.05)
    hand.wait(0.05)
    assert hand.camera.x > seen
    assert hand.at("lstm")[0] > moved
    hand.release((1398.0, y))
    assert hand.steps == ["Move lstm"]


def test_a_box_and_an_edge_at_the_border_pan_too(hand):
    for start in (hand.pixel(-60, 700), hand.output("lstm.output")):
        seen = hand.camera.y
        hand.press(start)
        hand.move((700.0, 400.0), (700.0, 799.0))
        hand.wait(0.05)
        assert hand.camera.y > seen
        hand.escape()


def test_nothing_pans_while_the_pointer_is_inside_or_idle(hand):
    hand.move((1398.0, 400.0))
    hand.wait(0.05)
    hand.press(hand.body("lstm"))
    hand.move(by(hand.body("lstm"), 0.0, 60.0))
    hand.wait(0.05)
    assert hand.camera == Hand.over(language_model()).camera


def test_a_halt_makes_no_leap(hand):
    hand.press(hand.body("lstm"))
    hand.move((1399.0, 300.0))
    hand.wait(1000.0)
    assert hand.camera.x < 0.0


# -- hovering ------------------------------------------------------------------------------------


def test_what_is_under_the_pointer_is_told(hand):
    hand.move(hand.title("lstm"))
    assert (hand.overlay.hover.node, hand.overlay.hover.title) == ("lstm", True)
    hand.move(hand.output("lstm.output"))
    assert hand.overlay.hover.end == PortEnd(PortRef("lstm", "output"), False)
    hand.move(hand.edge("lstm.input"))
    assert hand.overlay.hover.edge == PortRef("lstm", "input")
    hand.move(EMPTY)
    assert hand.overlay == QUIET


def test_a_pointer_that_stays_on_a_thing_shows_nothing_new(hand):
    hand.move(hand.body("lstm"))
    shown = hand.overlay
    hand.move(by(hand.body("lstm"), 1.0, 0.0))
    assert hand.overlay is shown


def test_what_is_told_follows_the_document(hand):
    hand.move(hand.body("norm"))
    document = hand.document
    hand.store.commit("Delete norm", document.with_graph(document.graph.without_node("norm")))
    hand.wait(0.02)
    assert not hand.overlay.hover


def test_an_event_that_says_nothing_changes_nothing(hand):
    hand.release(EMPTY)
    hand.escape()
    hand.move(EMPTY, held="shift")
    assert hand.wanted == []
    assert keys("shift ctrl") == {"shift", "ctrl"}
