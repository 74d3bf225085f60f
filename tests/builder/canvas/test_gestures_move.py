"""Drags of nodes, frames and comments."""

import pytest

from builder.canvas.intents import Commit, Preview
from builder.document.document import Selection
from nodes.core.graphs.graph import Comment, PortRef
from nodes.recurrent import LSTM
from tests.builder.canvas.hand import Hand, by, language_model, nodes


@pytest.fixture
def hand():
    return Hand.over(language_model())


def test_a_drag_is_one_step_however_many_moves_it_took(hand):
    start = hand.body("norm")
    hand.drag(start, *(by(start, 0.0, 10.0 * step) for step in range(1, 13)))
    assert hand.at("norm") == (480.0, 420.0)
    assert hand.steps == ["Move norm"]
    assert sum(isinstance(intent, Commit) for intent in hand.wanted) == 1
    assert sum(isinstance(intent, Preview) for intent in hand.wanted) == 12
    hand.store.undo()
    assert hand.at("norm") == (480.0, 300.0)


def test_all_that_is_selected_moves_together(hand):
    hand.store.select(nodes("norm", "mask"))
    hand.drag(
        hand.body("mask"), by(hand.body("mask"), 30.0, 0.0), by(hand.body("mask"), 40.0, 130.0)
    )
    assert (hand.at("norm"), hand.at("mask")) == ((520.0, 430.0), (800.0, 430.0))
    assert hand.at("lstm") == (480.0, 0.0)
    assert hand.steps == ["Move 2 nodes"]
    assert hand.document.selection == nodes("norm", "mask")


def test_a_drag_of_what_is_not_selected_moves_it_alone(hand):
    hand.store.select(nodes("norm", "mask"))
    hand.drag(hand.body("sum"), by(hand.body("sum"), 0.0, 100.0))
    assert hand.at("norm") == (480.0, 300.0)
    assert hand.steps == ["Move sum"]


def test_shift_takes_another_node_along(hand):
    hand.store.select(nodes("norm"))
    hand.drag(hand.body("mask"), by(hand.body("mask"), 0.0, 130.0), held="shift")
    assert hand.at("norm") == (480.0, 430.0)
    assert hand.steps == ["Move 2 nodes"]


def test_what_is_moved_snaps_to_the_grid(hand):
    hand.drag(hand.body("norm"), by(hand.body("norm"), 0.0, 203.4))
    assert hand.at("norm") == (480.0, 500.0)


def test_ctrl_pressed_during_the_drag_moves_freely(hand):
    start = hand.body("norm")
    hand.press(start)
    hand.move(by(start, 0.0, 100.0))
    hand.move(by(start, 3.25, 203.5), held="ctrl")
    hand.release(by(start, 3.25, 203.5), held="ctrl")
    assert hand.at("norm") == (483.25, 503.5)


def test_nothing_snaps_where_that_is_switched_off(hand):
    hand.snap = False
    hand.drag(hand.body("norm"), by(hand.body("norm"), 3.25, 203.5))
    assert hand.at("norm") == (483.25, 503.5)


def test_what_is_moved_lines_up_with_its_neighbours(hand):
    start = hand.body("norm")
    hand.press(start)
    hand.move(by(start, 276.0, 100.0))
    assert hand.at("norm")[0] == 760.0
    assert hand.overlay.guides
    hand.move(by(start, 276.0, 100.0), held="ctrl")
    assert (hand.at("norm")[0], hand.overlay.guides) == (756.0, ())


def test_an_edge_is_drawn_straight(hand):
    start = hand.body("lstm")
    hand.press(start)
    hand.move(by(start, 7.0, 40.0))
    hand.move(by(start, 7.0, 4.0))
    assert hand.input("lstm.input")[1] == hand.output("embed.output")[1]
    assert hand.overlay.guides


def test_ports_on_different_rows_are_brought_in_line():
    document = language_model()
    graph = document.graph.with_node("again", LSTM())
    graph = graph.with_edge(PortRef("lstm", "hidden"), PortRef("again", "initial_hidden"))
    places = {"lstm": (480.0, 4.0), "again": (760.0, 503.0)}
    hand = Hand.over(document.with_graph(graph, {**document.positions, **places}))
    start = hand.body("again")
    apart = hand.input("again.initial_hidden")[1] - hand.output("lstm.hidden")[1]
    hand.press(start)
    hand.move(by(start, 403.0, -0.5 * apart), by(start, 403.0, 3.0 - apart))
    assert hand.input("again.initial_hidden")[1] == hand.output("lstm.hidden")[1]


@pytest.mark.parametrize("node", ["sum", "norm"])
def test_what_is_moved_is_not_held_by_where_it_just_was(node):
    hand = framed()
    start, before = hand.body("sum"), hand.at(node)[1]
    start = start if node == "sum" else hand.pixel(600.0, 255.0)
    hand.press(start)
    hand.move(by(start, 0.0, 203.5), held="ctrl")
    assert hand.at(node)[1] == before + 203.5
    hand.move(by(start, 0.0, 207.0))
    assert hand.at(node)[1] == before + 210.0


def test_a_drag_back_to_where_it_began_is_no_step(hand):
    start = hand.body("norm")
    hand.drag(start, by(start, 0.0, 80.0), start)
    assert hand.steps == []
    assert hand.document is hand.store.committed


def test_escape_puts_everything_back(hand):
    before, start = hand.document.model, hand.body("norm")
    hand.press(start)
    hand.move(by(start, 0.0, 80.0))
    assert hand.overlay.busy
    hand.escape()
    assert hand.document.model is before
    hand.move(by(start, 0.0, 90.0))
    hand.release(by(start, 0.0, 90.0))
    assert (hand.steps, hand.overlay.busy) == ([], False)


def test_a_change_from_elsewhere_ends_the_drag(hand):
    start = hand.body("norm")
    hand.drag(hand.body("sum"), by(hand.body("sum"), 0.0, 100.0))
    hand.press(start)
    hand.move(by(start, 0.0, 80.0))
    hand.store.undo()
    hand.move(by(start, 0.0, 90.0))
    hand.release(by(start, 0.0, 90.0))
    assert hand.document.model is hand.store.history.entries[0].document.model
    assert not hand.overlay.busy


def test_a_release_that_was_lost_leaves_no_node_on_the_pointer(hand):
    before, start = hand.document.model, hand.body("norm")
    hand.press(start)
    hand.move(by(start, 0.0, 80.0))
    hand.press(start)
    assert (hand.document.model, hand.overlay.busy) == (before, False)


def test_another_button_does_not_disturb_a_drag(hand):
    start = hand.body("norm")
    hand.press(start)
    hand.move(by(start, 0.0, 80.0))
    hand.press(by(start, 0.0, 80.0), "right")
    hand.release(by(start, 0.0, 80.0), "right")
    hand.release(by(start, 0.0, 80.0))
    assert (hand.steps, hand.asked) == (["Move norm"], [])


# -- copies --------------------------------------------------------------------------------------


def test_alt_drag_moves_copies(hand):
    hand.store.select(nodes("norm", "mask"))
    hand.drag(hand.body("norm"), by(hand.body("norm"), 0.0, 150.0), held="alt")
    assert (hand.at("norm"), hand.at("norm_2")) == ((480.0, 300.0), (480.0, 450.0))
    assert hand.document.selection.nodes == {"norm_2", "mask_2"}
    assert hand.steps == ["Duplicate 2 nodes"]


def test_copies_keep_the_edges_between_them(hand):
    hand.store.select(nodes("lstm", "head"))
    hand.drag(hand.body("head"), by(hand.body("head"), 0.0, 300.0), held="alt")
    assert hand.edges["head_2.input"] == "lstm_2.output"
    assert "lstm_2.input" not in hand.edges


def test_a_copy_that_was_not_moved_is_none(hand):
    start = hand.body("norm")
    hand.drag(start, by(start, 0.0, 90.0), by(start, 1.0, 1.0), held="alt")
    assert (hand.steps, "norm_2" in hand.document.graph.nodes) == ([], False)


def test_escape_takes_the_copies_away(hand):
    before, start = hand.document.model, hand.body("norm")
    hand.press(start, held="alt")
    hand.move(by(start, 0.0, 90.0), held="alt")
    assert "norm_2" in hand.document.graph.nodes
    hand.escape()
    assert hand.document.model is before


# -- onto edges ----------------------------------------------------------------------------------


def onto(hand: Hand, node: str, target: str):
    """Tell how a node is dragged for its middle to lie on an edge."""
    left, top, right, bottom = hand.context.scene.bounds(node)
    x, y = hand.camera.to_canvas(hand.edge(target))
    start = hand.body(node)
    return start, by(start, x - (left + right) / 2, y - (top + bottom) / 2)


def apart() -> Hand:
    """Give a hand over nodes so far apart that another fits between."""
    hand = Hand.over(language_model())
    far = {"head": (1000.0, 0.0), "logits": (1240.0, 0.0)}
    document = hand.document
    wide = document.with_graph(document.graph, {**document.positions, **far})
    return Hand.over(wide)


def test_a_node_without_edges_is_put_on_the_edge_it_is_dropped_on():
    hand = apart()
    start, there = onto(hand, "norm", "head.input")
    hand.press(start)
    hand.move(by(start, 0.0, -40.0), there)
    assert hand.overlay.lit == PortRef("head", "input")
    hand.release(there)
    assert hand.edges["head.input"] == "norm.output"
    assert hand.edges["norm.input"] == "lstm.output"
    assert hand.steps == ["Insert norm"]


def test_alt_during_the_drag_leaves_the_edge_alone():
    hand = apart()
    start, there = onto(hand, "norm", "head.input")
    hand.press(start)
    hand.move(by(start, 0.0, -40.0), there)
    hand.move(there, held="alt")
    assert hand.overlay.lit is None
    hand.release(there, held="alt")
    assert hand.steps == ["Move norm"]


def test_a_node_that_does_not_fit_is_only_moved():
    hand = apart()
    start, there = onto(hand, "mask", "head.input")
    hand.drag(start, by(start, 0.0, -40.0), there)
    assert hand.steps == ["Move mask"]
    assert hand.edges["head.input"] == "lstm.output"


def test_a_node_that_has_edges_is_only_moved():
    hand = apart()
    start, there = onto(hand, "logits", "lstm.input")
    hand.press(start)
    hand.move(by(start, 0.0, -40.0), there)
    assert hand.overlay.lit is None


# -- frames and comments -------------------------------------------------------------------------


def framed() -> Hand:
    around = Comment("loose", 440.0, 240.0, 520.0, 260.0, frame=True)
    comment = Comment("mind this", 0.0, 300.0, 200.0, 100.0)
    return Hand.over(language_model(around=around, note=comment))


def test_a_frame_takes_along_what_lies_in_it():
    hand = framed()
    start = hand.pixel(600.0, 255.0)
    hand.drag(start, by(start, 0.0, 30.0), by(start, 0.0, 200.0))
    assert (hand.document.comments["around"].y, hand.at("norm")) == (440.0, (480.0, 500.0))
    assert hand.at("sum") == (1000.0, 300.0)
    assert hand.steps == ["Move around"]


def test_a_comment_is_moved_by_its_middle():
    hand = framed()
    start = hand.pixel(100.0, 350.0)
    hand.drag(start, by(start, 0.0, 150.0))
    assert hand.document.comments["note"].y == 450.0
    assert hand.document.selection == Selection(comments=frozenset({"note"}))


@pytest.mark.parametrize(
    ("name", "corner", "label"),
    [("around", (958.0, 498.0), "Resize frame"), ("note", (198.0, 398.0), "Resize comment")],
)
def test_the_corner_resizes(name, corner, label):
    hand = framed()
    before, start = hand.document.comments[name], hand.pixel(*corner)
    hand.drag(start, by(start, 30.0, 30.0), by(start, 61.0, 38.0))
    after = hand.document.comments[name]
    assert (after.width - before.width, after.height - before.height) == (60.0, 40.0)
    assert (after.x, after.y) == (before.x, before.y)
    assert hand.steps == [label]


def test_escape_gives_a_remark_its_size_back():
    hand = framed()
    before = hand.document.model
    hand.press(hand.pixel(198.0, 398.0))
    hand.move(hand.pixel(300.0, 500.0))
    assert hand.document.comments["note"].width > 200.0
    hand.escape()
    assert hand.document.model is before


def test_ctrl_resizes_past_the_grid():
    hand = framed()
    hand.drag(hand.pixel(198.0, 398.0), hand.pixel(231.0, 402.0), held="ctrl")
    after = hand.document.comments["note"]
    assert (after.width, after.height) == (233.0, 104.0)


def test_a_remark_cannot_be_made_smaller_than_nothing():
    hand = framed()
    hand.drag(hand.pixel(198.0, 398.0), hand.pixel(-500.0, -500.0))
    after = hand.document.comments["note"]
    assert after.width > 0
    assert after.height > 0
