"""Edges: drawn by a drag or by two clicks, and put elsewhere."""

import pytest

from builder.canvas.pointer_events import MIDDLE, RIGHT
from builder.commands import edges
from builder.dialogs.dialog import AddNode
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind
from nodes.recurrent import LSTM
from tests.builder.canvas.hand import Hand, by, language_model

CHAIN = {
    "embed.input": "tokens.output",
    "lstm.input": "embed.output",
    "head.input": "lstm.output",
    "logits.input": "head.output",
}
EMPTY = (1300.0, 650.0)


@pytest.fixture
def hand():
    return Hand.over(language_model())


def source(text: str) -> PortEnd:
    return PortEnd(PortRef.parse(text), is_input=False)


def target(text: str) -> PortEnd:
    return PortEnd(PortRef.parse(text), is_input=True)


# -- drawing -------------------------------------------------------------------------------------


def test_an_edge_is_drawn_from_an_output_to_an_input(hand):
    hand.drag(hand.output("embed.output"), hand.pixel(450, 200), hand.input("norm.input"))
    assert hand.edges == {**CHAIN, "norm.input": "embed.output"}
    assert hand.steps == ["Connect embed to norm"]


def test_an_edge_is_drawn_from_an_input_to_an_output(hand):
    hand.drag(hand.input("norm.input"), hand.pixel(450, 200), hand.output("embed.output"))
    assert hand.edges == {**CHAIN, "norm.input": "embed.output"}
    assert hand.steps == ["Connect embed to norm"]


def test_a_new_edge_takes_the_place_of_the_one_that_ended_there(hand):
    hand.drag(hand.output("norm.output"), hand.input("head.input"))
    assert hand.edges == {**CHAIN, "head.input": "norm.output"}


def test_the_edge_follows_the_pointer(hand):
    hand.press(hand.output("embed.output"))
    hand.move((600.0, 350.0))
    (wire,) = hand.overlay.dragged_edges
    assert (wire.start, wire.kind) == (source("embed.output"), Kind.FEATURES)
    assert wire.at == hand.camera.to_canvas((600.0, 350.0))
    assert hand.overlay.busy


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.0])
def test_the_edge_snaps_to_a_port_within_twenty_pixels_at_any_zoom(hand, zoom):
    hand.camera = hand.camera.zoomed(zoom, hand.input("norm.input"))
    port = hand.input("norm.input")
    hand.press(hand.output("embed.output"))
    hand.move(by(port, -19.0, 0.0))
    assert hand.overlay.snapped == target("norm.input")
    assert hand.overlay.dragged_edges[0].at == hand.context.scene.at(target("norm.input"))
    hand.move(by(port, -21.0, 0.0))
    assert hand.overlay.snapped is None
    hand.release(by(port, -19.0, 0.0))
    assert hand.edges["norm.input"] == "embed.output"


def test_ports_say_whether_the_edge_fits_them(hand):
    hand.press(hand.output("tokens.output"))
    hand.move((600.0, 550.0))
    told = hand.overlay.verdicts
    assert told[target("norm.input")] == "expected features, got token ids"
    assert told[target("mask.input")] == ""
    assert source("embed.output") not in told
    hand.escape()
    hand.press(hand.output("head.output"))
    hand.move((600.0, 550.0))
    reason = hand.overlay.verdicts[target("lstm.input")]
    assert reason == "the edge would close a cycle: lstm -> head -> lstm"
    assert hand.overlay.verdicts[target("norm.input")] == ""


def test_a_port_that_does_not_fit_says_why(hand):
    hand.press(hand.output("tokens.output"))
    hand.move(hand.input("norm.input"))
    assert hand.overlay.snapped is None
    assert hand.overlay.tip == "expected features, got token ids"
    hand.release(hand.input("norm.input"))
    assert hand.told == ["expected features, got token ids"]
    assert (hand.steps, hand.asked, hand.edges) == ([], [], CHAIN)


def test_a_node_is_told_that_it_cannot_feed_itself(hand):
    hand.drag(hand.output("lstm.output"), hand.pixel(600, 200), hand.input("lstm.input"))
    assert hand.told == ["an edge cannot join a node to itself"]
    assert hand.edges == CHAIN


def test_a_port_that_fits_is_preferred_to_a_nearer_one_that_does_not(hand):
    hand.press(hand.output("norm.output"))
    hand.move(by(hand.input("lstm.lengths"), -12.0, -8.0))
    assert hand.overlay.snapped == target("lstm.input")


def test_the_nearer_of_two_ports_that_fit_is_taken(hand):
    document = hand.document
    graph = document.graph.with_node("again", LSTM())
    hand = Hand.over(document.with_graph(graph, {**document.positions, "again": (760.0, 450.0)}))
    hand.press(hand.output("lstm.hidden"))
    hand.move(by(hand.input("again.initial_hidden"), -12.0, 8.0))
    assert hand.overlay.snapped == target("again.initial_hidden")
    hand.move(by(hand.input("again.initial_hidden"), -12.0, 12.0))
    assert hand.overlay.snapped == target("again.initial_cell")


def test_beside_a_port_of_its_own_node_the_edge_is_in_space(hand):
    hand.drag(
        hand.output("norm.output"), hand.pixel(600, 500), by(hand.input("norm.input"), -15, 0)
    )
    assert [asked.source for asked in hand.asked] == [PortRef("norm", "output")]


# -- dropping on nodes and on nothing ------------------------------------------------------------


def test_a_drop_on_a_node_takes_its_first_free_port_that_fits(hand):
    hand.drag(hand.output("embed.output"), hand.pixel(450, 200), hand.body("sum"))
    assert hand.edges["sum.terms.0"] == "embed.output"
    hand.drag(hand.output("lstm.output"), hand.pixel(450, 200), hand.body("sum"))
    assert hand.edges["sum.terms.1"] == "lstm.output"


def test_a_node_shows_the_port_it_would_take(hand):
    hand.press(hand.output("embed.output"))
    hand.move(hand.body("norm"))
    assert hand.overlay.snapped == target("norm.input")


def test_a_node_whose_inputs_are_taken_keeps_its_edges(hand):
    hand.drag(hand.output("norm.output"), hand.pixel(600, 200), hand.body("head"))
    assert hand.edges == CHAIN
    assert hand.told == ["head.input has an edge; drop this one on the port to replace it"]


def test_a_node_none_of_whose_free_ports_fits_says_why(hand):
    hand.drag(hand.output("mask.output"), hand.pixel(600, 200), hand.body("norm"))
    assert hand.told == ["expected features, got a mask"]


def test_a_node_without_inputs_says_so(hand):
    hand.drag(hand.output("norm.output"), hand.pixel(300, 200), hand.body("tokens"))
    assert hand.told == ["tokens has no input"]


def test_a_drop_on_the_node_it_came_from_is_forgotten(hand):
    hand.drag(hand.output("lstm.output"), hand.body("lstm"))
    assert (hand.told, hand.asked, hand.steps) == ([], [], [])


def test_an_edge_dropped_in_space_asks_for_a_node_that_takes_it(hand):
    hand.drag(hand.output("lstm.output"), hand.pixel(600, 200), EMPTY)
    (asked,) = hand.asked
    at = hand.camera.to_canvas(EMPTY)
    assert asked == AddNode(at, EMPTY, source=PortRef("lstm", "output"))
    assert not hand.overlay.busy


def test_an_edge_from_an_input_asks_for_a_node_that_feeds_it(hand):
    hand.drag(hand.input("norm.input"), hand.pixel(300, 400), hand.pixel(200, 600))
    (asked,) = hand.asked
    assert (asked.source, asked.target) == (None, PortRef("norm", "input"))


def test_escape_gives_the_edge_up(hand):
    before = hand.document.model
    hand.press(hand.output("embed.output"))
    hand.move(hand.input("norm.input"))
    hand.escape()
    hand.release(hand.input("norm.input"))
    assert (hand.document.model, hand.steps, hand.asked) == (before, [], [])
    assert not hand.overlay.dragged_edges


def test_an_edge_that_is_there_already_is_no_step(hand):
    hand.drag(hand.output("embed.output"), hand.input("lstm.input"))
    assert (hand.edges, hand.steps) == (CHAIN, [])


# -- two clicks ----------------------------------------------------------------------------------


def test_a_click_on_a_port_and_one_on_another_connect_them(hand):
    hand.click(hand.output("embed.output"))
    hand.move(hand.pixel(450, 200), hand.input("norm.input"))
    assert hand.overlay.snapped == target("norm.input")
    hand.click(hand.input("norm.input"))
    assert hand.edges["norm.input"] == "embed.output"
    assert hand.steps == ["Connect embed to norm"]


def test_a_click_in_space_after_a_click_on_a_port_asks_for_a_node(hand):
    hand.click(hand.output("embed.output"))
    hand.click(EMPTY)
    assert [asked.source for asked in hand.asked] == [PortRef("embed", "output")]


@pytest.mark.parametrize("port", ["embed.output", "lstm.output"])
def test_a_second_click_on_the_same_port_forgets_it(hand, port):
    hand.click(hand.output(port))
    hand.click(hand.output(port))
    assert not hand.overlay.busy
    assert (hand.steps, hand.asked, hand.told) == ([], [], [])


def test_a_click_on_an_input_leaves_its_edge_until_another_takes_its_place(hand):
    hand.click(hand.input("head.input"))
    hand.move(hand.pixel(700, 200))
    assert PortRef("head", "input") in hand.document.graph.edges
    hand.click(hand.output("norm.output"))
    assert hand.edges["head.input"] == "norm.output"


def test_the_view_can_be_panned_between_the_two_clicks(hand):
    hand.click(hand.output("embed.output"))
    hand.drag(EMPTY, by(EMPTY, -50.0, -30.0), button=MIDDLE)
    assert hand.overlay.dragged_edges
    hand.drag(EMPTY, by(EMPTY, -50.0, -30.0), held="space")
    assert hand.camera.x == 0.0
    hand.click(hand.input("norm.input"))
    assert hand.edges["norm.input"] == "embed.output"


def test_a_right_click_or_escape_ends_the_edge_between_the_two_clicks(hand):
    for end in (lambda: hand.click(EMPTY, button=RIGHT), hand.escape):
        hand.click(hand.output("embed.output"))
        end()
        assert not hand.overlay.busy
    assert (hand.steps, hand.asked) == ([], [])


def test_the_view_does_not_run_away_between_the_two_clicks(hand):
    hand.click(hand.output("embed.output"))
    hand.move((1399.0, 400.0))
    before = hand.camera
    hand.wait(0.05)
    assert hand.camera == before


# -- putting edges elsewhere ---------------------------------------------------------------------


def test_the_end_of_an_edge_is_put_on_another_input(hand):
    hand.press(hand.edge("head.input", 0.9))
    hand.move(hand.pixel(700, 200))
    assert PortRef("head", "input") not in hand.document.graph.edges
    assert hand.overlay.dragged_edges[0].start == source("lstm.output")
    hand.move(hand.input("norm.input"))
    hand.release(hand.input("norm.input"))
    assert "head.input" not in hand.edges
    assert hand.edges["norm.input"] == "lstm.output"
    assert hand.steps == ["Connect lstm to norm"]


def test_a_drag_from_an_input_with_an_edge_takes_the_edge(hand):
    hand.drag(hand.input("head.input"), hand.pixel(700, 200), hand.input("sum.terms.0"))
    assert hand.edges["sum.terms.0"] == "lstm.output"
    assert "head.input" not in hand.edges


def test_an_end_dropped_in_space_takes_the_edge_away(hand):
    hand.drag(hand.input("head.input"), hand.pixel(700, 200), EMPTY)
    assert "head.input" not in hand.edges
    assert (hand.steps, hand.asked) == (["Disconnect head.input"], [])


def test_an_end_put_back_is_no_step(hand):
    before = hand.document.model
    hand.drag(hand.input("head.input"), hand.pixel(700, 200), hand.input("head.input"))
    assert (hand.steps, hand.document.model) == ([], before)


def test_an_end_that_does_not_fit_stays_where_it_was(hand):
    before = hand.document.model
    hand.drag(hand.input("embed.input"), hand.pixel(300, 200), hand.input("norm.input"))
    assert hand.told == ["expected features, got token ids"]
    assert hand.document.model is before


def test_escape_puts_the_end_back(hand):
    before = hand.document.model
    hand.press(hand.input("head.input"))
    hand.move(hand.pixel(700, 200))
    hand.escape()
    assert hand.document.model is before


def test_ctrl_drag_moves_all_edges_of_an_output(hand):
    document = edges.connect(hand.document, PortRef("lstm", "output"), PortRef("sum", "terms.0"))
    hand = Hand.over(document)
    hand.press(hand.output("lstm.output"), held="ctrl")
    hand.move(hand.pixel(700, 250), held="ctrl")
    assert len(hand.overlay.dragged_edges) == 2
    assert hand.overlay.verdicts[source("lstm.hidden")]
    assert hand.overlay.verdicts[source("head.output")] == "an edge cannot join a node to itself"
    hand.move(hand.output("norm.output"), held="ctrl")
    hand.release(hand.output("norm.output"), held="ctrl")
    assert hand.edges["head.input"] == hand.edges["sum.terms.0"] == "norm.output"
    assert hand.steps == ["Move the edges of lstm to norm"]


def test_edges_moved_into_space_are_gone_in_one_step(hand):
    hand.drag(hand.output("lstm.output"), hand.pixel(700, 200), EMPTY, held="ctrl")
    assert "head.input" not in hand.edges
    assert hand.steps == ["Disconnect lstm.output"]


def test_edges_moved_back_are_no_step(hand):
    start = hand.output("lstm.output")
    hand.drag(start, hand.pixel(700, 200), start, held="ctrl")
    assert (hand.edges, hand.steps) == (CHAIN, [])


def test_ctrl_drag_of_an_output_without_edges_draws_one(hand):
    hand.drag(hand.output("norm.output"), hand.pixel(700, 250), hand.body("sum"), held="ctrl")
    assert hand.edges["sum.terms.0"] == "norm.output"


def test_shift_drag_on_an_edge_draws_another_from_its_source(hand):
    start = hand.edge("lstm.input")
    hand.drag(start, hand.pixel(450, 200), hand.input("norm.input"), held="shift")
    assert hand.edges == {**CHAIN, "norm.input": "embed.output"}


def test_a_drag_from_the_middle_of_an_edge_is_a_box(hand):
    start = hand.edge("head.input", 0.4)
    hand.press(start)
    hand.move(by(start, 60.0, 250.0))
    assert hand.overlay.marquee
    assert hand.edges == CHAIN
