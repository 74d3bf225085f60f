"""Dragging nodes from the palette."""

from dataclasses import replace

import pytest

from builder.dialogs.dialog import AddNode
from builder.document.document import Document
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Graph, PortRef
from nodes.io.block_input import BlockInput
from nodes.io.graph_output import GraphOutput
from nodes.normalization.layer_norm import LayerNorm
from tests.builder.canvas.mouse import MouseDriver, by, language_model, nodes
from tests.builder.canvas.test_gestures_move import apart

EMPTY_CANVAS = (1300.0, 653.0)


@pytest.fixture
def mouse():
    return MouseDriver(language_model())


def test_a_palette_drag_shows_the_card(mouse):
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS)
    kind, (x, y) = mouse.overlay.ghost
    assert kind == "Dropout"
    assert (x % 10, y % 10) == (0.0, 0.0)
    assert (mouse.intents, mouse.overlay.busy) == ([], True)


def test_a_node_dropped_on_empty_canvas_is_added_at_its_ghost(mouse):
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS)
    shown = mouse.overlay.ghost[1]
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS, dropped=True)
    assert mouse.at("dropout") == shown
    assert mouse.document.selection == nodes("dropout")
    assert (mouse.steps, mouse.overlay.busy) == (["Add Dropout"], False)


def test_ctrl_disables_snapping_of_a_palette_drag(mouse):
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS, modifiers="ctrl")
    assert mouse.overlay.ghost[1][1] % 10 != 0.0


def test_a_node_dropped_on_an_edge_is_inserted():
    mouse = apart()
    at = mouse.edge("head.input")
    mouse.drag_from_palette("LayerNorm", by(at, 0.0, 200.0))
    mouse.drag_from_palette("LayerNorm", at)
    assert mouse.overlay.highlighted_edge == PortRef("head", "input")
    mouse.drag_from_palette("LayerNorm", at, dropped=True)
    assert mouse.edges["head.input"] == "layer_norm.output"
    assert mouse.edges["layer_norm.input"] == "lstm.output"
    assert mouse.steps == ["Insert LayerNorm"]


def test_alt_disables_insertion_of_a_palette_drag():
    mouse = apart()
    at = mouse.edge("head.input")
    mouse.drag_from_palette("LayerNorm", at, modifiers="alt")
    assert mouse.overlay.highlighted_edge is None
    mouse.drag_from_palette("LayerNorm", at, dropped=True, modifiers="alt")
    assert mouse.steps == ["Add LayerNorm"]


def test_an_edge_that_the_node_does_not_fit_shows_why():
    mouse = apart()
    at = mouse.edge("head.input")
    mouse.drag_from_palette("Embedding", at)
    assert mouse.overlay.highlighted_edge is None
    assert mouse.overlay.tooltip
    mouse.drag_from_palette("Embedding", at, dropped=True)
    assert (mouse.steps, len(mouse.notifications)) == ([], 1)


def test_a_node_dropped_on_an_output_is_connected_to_it(mouse):
    port = mouse.output("norm.output")
    mouse.drag_from_palette("Dropout", by(port, 15.0, 0.0))
    assert mouse.overlay.snapped == PortEnd(PortRef("norm", "output"), False)
    mouse.drag_from_palette("Dropout", by(port, 15.0, 0.0), dropped=True)
    assert mouse.edges["dropout.input"] == "norm.output"
    assert mouse.input("dropout.input")[1] == mouse.output("norm.output")[1]
    assert mouse.input("dropout.input")[0] > mouse.output("norm.output")[0]
    assert mouse.steps == ["Add Dropout"]


def test_a_node_dropped_on_an_input_is_connected_to_it(mouse):
    mouse.drag_from_palette("Dropout", mouse.input("norm.input"), dropped=True)
    assert mouse.edges["norm.input"] == "dropout.output"
    assert mouse.output("dropout.output")[1] == mouse.input("norm.input")[1]


def test_a_port_that_the_node_does_not_fit_shows_why(mouse):
    mouse.drag_from_palette("Embedding", mouse.output("norm.output"))
    assert mouse.overlay.tooltip == "Embedding does not fit norm.output"
    mouse.drag_from_palette("Embedding", mouse.output("norm.output"), dropped=True)
    assert mouse.notifications == ["Embedding does not fit norm.output"]
    assert mouse.steps == []


def test_a_node_dropped_on_another_opens_the_search_for_a_replacement(mouse):
    middle = mouse.title("norm")
    mouse.drag_from_palette("Dropout", middle)
    assert mouse.overlay.tooltip == "replace norm"
    mouse.drag_from_palette("Dropout", middle, dropped=True)
    (dialog,) = mouse.dialogs
    assert isinstance(dialog, AddNode)
    assert (dialog.replace, dialog.pixel) == ("norm", middle)
    assert mouse.steps == []


def test_escape_cancels_a_palette_drag(mouse):
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS)
    mouse.escape()
    assert mouse.overlay.ghost is None
    assert mouse.steps == []


def test_a_move_without_the_palette_item_ends_the_palette_drag(mouse):
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS)
    mouse.move(EMPTY_CANVAS)
    assert mouse.overlay.ghost
    mouse.move(by(EMPTY_CANVAS, 30.0, 0.0))
    assert not mouse.overlay.ghost
    assert not mouse.overlay.busy


def test_a_palette_drag_ends_another_gesture(mouse):
    mouse.click(mouse.output("embed.output"))
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS)
    mouse.drag_from_palette("Dropout", EMPTY_CANVAS)
    assert mouse.overlay.ghost
    assert not mouse.overlay.dragged_edges


def test_a_block_can_be_dropped_but_not_into_itself():
    inner = Graph(
        {"x": BlockInput(), "norm": LayerNorm(), "y": GraphOutput()},
        {PortRef("norm", "input"): PortRef("x", "output")},
    )
    model = replace(language_model().model, blocks={"cell": inner})
    mouse = MouseDriver(Document(model))
    mouse.drag_from_palette("block:cell", EMPTY_CANVAS, dropped=True)
    assert mouse.steps == ["Add cell"]
    (name,) = mouse.document.selection.nodes
    assert mouse.document.graph.nodes[name].block == "cell"
    mouse.store.visit((name,))
    mouse.drag_from_palette("block:cell", EMPTY_CANVAS)
    assert mouse.overlay.tooltip == "block:cell cannot be added to this graph"
    mouse.drag_from_palette("block:cell", EMPTY_CANVAS, dropped=True)
    assert mouse.steps == ["Add cell"]


@pytest.mark.parametrize("kind", ["", "Block", "block:", "block:none", "NoSuchThing"])
def test_an_unknown_palette_key_cannot_be_dropped(mouse, kind):
    mouse.drag_from_palette(kind, EMPTY_CANVAS, dropped=True)
    assert (mouse.steps, len(mouse.notifications)) == ([], 1)
