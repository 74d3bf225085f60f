"""Disconnecting ports by a click, and the cut tool."""

import pytest

from builder.canvas.pointer_events import RIGHT
from builder.commands import edges
from nodes.core.graphs.graph import PortRef
from tests.builder.canvas.mouse import MouseDriver, by, language_model
from tests.builder.canvas.test_gestures_connect import CHAIN, EMPTY_CANVAS


@pytest.fixture
def mouse():
    return MouseDriver(language_model())


def test_alt_click_on_a_port_disconnects_all_its_edges(mouse):
    document = edges.connect(mouse.document, PortRef("lstm", "output"), PortRef("norm", "input"))
    mouse = MouseDriver(document)
    mouse.click(mouse.output("lstm.output"), modifiers="alt")
    assert mouse.edges == {t: s for t, s in CHAIN.items() if s != "lstm.output"}
    assert mouse.steps == ["Disconnect lstm.output"]
    mouse.click(mouse.input("lstm.input"), modifiers="alt")
    assert "lstm.input" not in mouse.edges


def test_alt_click_on_a_port_without_edges_does_nothing(mouse):
    mouse.click(mouse.output("norm.output"), modifiers="alt")
    assert (mouse.steps, mouse.overlay.busy) == ([], False)


STROKES = [(RIGHT, "ctrl"), ("left", "y")]


@pytest.mark.parametrize(("button", "modifiers"), STROKES)
def test_a_stroke_cuts_every_edge_it_crosses(mouse, button, modifiers):
    above, below = mouse.edge("lstm.input"), mouse.edge("head.input")
    stroke = [by(above, 0.0, -40.0), by(above, 0.0, 60.0), by(below, 0.0, 60.0)]
    mouse.drag(*stroke, by(below, 0.0, -40.0), button=button, modifiers=modifiers)
    assert mouse.edges == {t: CHAIN[t] for t in ("embed.input", "logits.input")}
    assert mouse.steps == ["Cut 2 edges"]
    assert mouse.dialogs == []


def test_a_stroke_may_begin_on_a_node(mouse):
    start, there = mouse.title("embed"), by(mouse.edge("lstm.input"), 0.0, 40.0)
    mouse.drag(start, by(there, 0.0, -80.0), there, button=RIGHT, modifiers="ctrl")
    assert "lstm.input" not in mouse.edges
    assert mouse.steps == ["Disconnect lstm.input"]
    assert not mouse.document.selection


def test_the_overlay_shows_the_stroke(mouse):
    mouse.press(EMPTY_CANVAS, RIGHT, "ctrl")
    mouse.move(by(EMPTY_CANVAS, 10.0, 0.0), by(EMPTY_CANVAS, 20.0, 10.0), modifiers="ctrl")
    assert len(mouse.overlay.stroke) == 3
    mouse.escape()
    assert mouse.overlay.stroke == ()


def test_a_stroke_that_stops_before_an_edge_keeps_it(mouse):
    above = mouse.edge("lstm.input")
    mouse.drag(by(above, 0.0, -60.0), by(above, 0.0, -5.0), button=RIGHT, modifiers="ctrl")
    assert (mouse.edges, mouse.steps) == (CHAIN, [])


def test_a_stroke_that_crosses_no_edge_is_no_step(mouse):
    mouse.drag(EMPTY_CANVAS, by(EMPTY_CANVAS, 60.0, 30.0), button=RIGHT, modifiers="ctrl")
    assert (mouse.steps, mouse.dialogs) == ([], [])


def test_escape_keeps_the_crossed_edges(mouse):
    above = mouse.edge("lstm.input")
    mouse.press(by(above, 0.0, -40.0), modifiers="y")
    mouse.move(by(above, 0.0, 60.0), modifiers="y")
    mouse.escape()
    mouse.release(by(above, 0.0, 60.0))
    assert (mouse.edges, mouse.steps) == (CHAIN, [])
