"""Edges broken by a click and cut by a stroke."""

import pytest

from builder.canvas.pointer_events import RIGHT
from builder.commands import edges
from nodes.core.graphs.graph import PortRef
from tests.builder.canvas.hand import Hand, by, language_model
from tests.builder.canvas.test_gestures_wire import CHAIN, EMPTY


@pytest.fixture
def hand():
    return Hand.over(language_model())


def test_alt_click_on_a_port_breaks_all_its_edges(hand):
    document = edges.connect(hand.document, PortRef("lstm", "output"), PortRef("norm", "input"))
    hand = Hand.over(document)
    hand.click(hand.output("lstm.output"), held="alt")
    assert hand.edges == {t: s for t, s in CHAIN.items() if s != "lstm.output"}
    assert hand.steps == ["Disconnect lstm.output"]
    hand.click(hand.input("lstm.input"), held="alt")
    assert "lstm.input" not in hand.edges


def test_alt_click_on_a_port_without_edges_does_nothing(hand):
    hand.click(hand.output("norm.output"), held="alt")
    assert (hand.steps, hand.overlay.busy) == ([], False)


STROKES = [(RIGHT, "ctrl"), ("left", "y")]


@pytest.mark.parametrize(("button", "held"), STROKES)
def test_a_stroke_cuts_every_edge_it_crosses(hand, button, held):
    above, below = hand.edge("lstm.input"), hand.edge("head.input")
    stroke = [by(above, 0.0, -40.0), by(above, 0.0, 60.0), by(below, 0.0, 60.0)]
    hand.drag(*stroke, by(below, 0.0, -40.0), button=button, held=held)
    assert hand.edges == {t: CHAIN[t] for t in ("embed.input", "logits.input")}
    assert hand.steps == ["Cut 2 edges"]
    assert hand.asked == []


def test_a_stroke_may_begin_on_a_node(hand):
    start, there = hand.title("embed"), by(hand.edge("lstm.input"), 0.0, 40.0)
    hand.drag(start, by(there, 0.0, -80.0), there, button=RIGHT, held="ctrl")
    assert "lstm.input" not in hand.edges
    assert hand.steps == ["Disconnect lstm.input"]
    assert not hand.document.selection


def test_a_stroke_shows_itself(hand):
    hand.press(EMPTY, RIGHT, "ctrl")
    hand.move(by(EMPTY, 10.0, 0.0), by(EMPTY, 20.0, 10.0), held="ctrl")
    assert len(hand.overlay.stroke) == 3
    hand.escape()
    assert hand.overlay.stroke == ()


def test_a_stroke_that_stops_short_of_an_edge_leaves_it(hand):
    above = hand.edge("lstm.input")
    hand.drag(by(above, 0.0, -60.0), by(above, 0.0, -5.0), button=RIGHT, held="ctrl")
    assert (hand.edges, hand.steps) == (CHAIN, [])


def test_a_stroke_across_nothing_is_no_step(hand):
    hand.drag(EMPTY, by(EMPTY, 60.0, 30.0), button=RIGHT, held="ctrl")
    assert (hand.steps, hand.asked) == ([], [])


def test_escape_leaves_the_edges_that_were_crossed(hand):
    above = hand.edge("lstm.input")
    hand.press(by(above, 0.0, -40.0), held="y")
    hand.move(by(above, 0.0, 60.0), held="y")
    hand.escape()
    hand.release(by(above, 0.0, 60.0))
    assert (hand.edges, hand.steps) == (CHAIN, [])
