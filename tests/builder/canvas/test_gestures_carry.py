"""Nodes carried in from the palette."""

from dataclasses import replace

import pytest

from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Graph, PortRef
from nodes.io import BlockInput, GraphOutput
from nodes.normalization import LayerNorm
from tests.builder.canvas.hand import Hand, by, language_model, nodes
from tests.builder.canvas.test_gestures_move import apart

EMPTY = (1300.0, 653.0)


@pytest.fixture
def hand():
    return Hand.over(language_model())


def test_a_carried_node_shows_where_it_would_be(hand):
    hand.carry("Dropout", EMPTY)
    kind, (x, y) = hand.overlay.ghost
    assert kind == "Dropout"
    assert (x % 10, y % 10) == (0.0, 0.0)
    assert (hand.wanted, hand.overlay.busy) == ([], True)


def test_a_node_dropped_on_empty_canvas_is_added_where_it_was_shown(hand):
    hand.carry("Dropout", EMPTY)
    shown = hand.overlay.ghost[1]
    hand.carry("Dropout", EMPTY, dropped=True)
    assert hand.at("dropout") == shown
    assert hand.document.selection == nodes("dropout")
    assert (hand.steps, hand.overlay.busy) == (["Add Dropout"], False)


def test_ctrl_puts_a_carried_node_beside_the_grid(hand):
    hand.carry("Dropout", EMPTY, held="ctrl")
    assert hand.overlay.ghost[1][1] % 10 != 0.0


def test_a_node_dropped_on_an_edge_is_put_on_it():
    hand = apart()
    at = hand.edge("head.input")
    hand.carry("LayerNorm", by(at, 0.0, 200.0))
    hand.carry("LayerNorm", at)
    assert hand.overlay.lit == PortRef("head", "input")
    hand.carry("LayerNorm", at, dropped=True)
    assert hand.edges["head.input"] == "layer_norm.output"
    assert hand.edges["layer_norm.input"] == "lstm.output"
    assert hand.steps == ["Insert LayerNorm"]


def test_alt_leaves_the_edge_alone():
    hand = apart()
    at = hand.edge("head.input")
    hand.carry("LayerNorm", at, held="alt")
    assert hand.overlay.lit is None
    hand.carry("LayerNorm", at, dropped=True, held="alt")
    assert hand.steps == ["Add LayerNorm"]


def test_an_edge_that_the_node_does_not_fit_says_so():
    hand = apart()
    at = hand.edge("head.input")
    hand.carry("Embedding", at)
    assert hand.overlay.lit is None
    assert hand.overlay.tip
    hand.carry("Embedding", at, dropped=True)
    assert (hand.steps, len(hand.told)) == ([], 1)


def test_a_node_dropped_on_an_output_is_fed_by_it(hand):
    port = hand.output("norm.output")
    hand.carry("Dropout", by(port, 15.0, 0.0))
    assert hand.overlay.snapped == PortEnd(PortRef("norm", "output"), False)
    hand.carry("Dropout", by(port, 15.0, 0.0), dropped=True)
    assert hand.edges["dropout.input"] == "norm.output"
    assert hand.input("dropout.input")[1] == hand.output("norm.output")[1]
    assert hand.input("dropout.input")[0] > hand.output("norm.output")[0]
    assert hand.steps == ["Add Dropout"]


def test_a_node_dropped_on_an_input_feeds_it(hand):
    hand.carry("Dropout", hand.input("norm.input"), dropped=True)
    assert hand.edges["norm.input"] == "dropout.output"
    assert hand.output("dropout.output")[1] == hand.input("norm.input")[1]


def test_a_port_that_the_node_does_not_fit_says_so(hand):
    hand.carry("Embedding", hand.output("norm.output"))
    assert hand.overlay.tip == "Embedding does not fit norm.output"
    hand.carry("Embedding", hand.output("norm.output"), dropped=True)
    assert hand.told == ["Embedding does not fit norm.output"]
    assert hand.steps == []


def test_a_node_dropped_on_another_asks_what_takes_its_place(hand):
    middle = hand.title("norm")
    hand.carry("Dropout", middle)
    assert hand.overlay.tip == "takes the place of norm"
    hand.carry("Dropout", middle, dropped=True)
    (asked,) = hand.asked
    assert isinstance(asked, AddNode)
    assert (asked.replace, asked.pixel) == ("norm", middle)
    assert hand.steps == []


def test_escape_drops_nothing(hand):
    hand.carry("Dropout", EMPTY)
    hand.escape()
    assert hand.overlay.ghost is None
    assert hand.steps == []


def test_a_pointer_that_goes_its_own_way_has_let_the_node_go(hand):
    hand.carry("Dropout", EMPTY)
    hand.move(EMPTY)
    assert hand.overlay.ghost
    hand.move(by(EMPTY, 30.0, 0.0))
    assert not hand.overlay.ghost
    assert not hand.overlay.busy


def test_what_is_carried_in_ends_another_gesture(hand):
    hand.click(hand.output("embed.output"))
    hand.carry("Dropout", EMPTY)
    hand.carry("Dropout", EMPTY)
    assert hand.overlay.ghost
    assert not hand.overlay.dragged_edges


def test_a_block_of_the_model_can_be_carried_but_not_into_itself():
    inner = Graph(
        {"x": BlockInput(), "norm": LayerNorm(), "y": GraphOutput()},
        {PortRef("norm", "input"): PortRef("x", "output")},
    )
    model = replace(language_model().model, blocks={"cell": inner})
    hand = Hand.over(Document(model))
    hand.carry("block:cell", EMPTY, dropped=True)
    assert hand.steps == ["Add cell"]
    (name,) = hand.document.selection.nodes
    assert hand.document.graph.nodes[name].block == "cell"
    hand.store.visit((name,))
    hand.carry("block:cell", EMPTY)
    assert hand.overlay.tip == "block:cell cannot be part of this graph"
    hand.carry("block:cell", EMPTY, dropped=True)
    assert hand.steps == ["Add cell"]


@pytest.mark.parametrize("kind", ["", "Block", "block:", "block:none", "NoSuchThing"])
def test_what_is_no_node_cannot_be_dropped(hand, kind):
    hand.carry(kind, EMPTY, dropped=True)
    assert (hand.steps, len(hand.told)) == ([], 1)
