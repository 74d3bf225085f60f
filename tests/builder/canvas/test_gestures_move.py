"""Drags of nodes, frames and comments."""

import pytest

from builder.canvas.intents import Commit, Preview
from builder.document.document import Selection
from nodes.core.graphs.graph import Comment, PortRef
from nodes.recurrent.lstm import LSTM
from tests.builder.canvas.mouse import MouseDriver, by, language_model, nodes


@pytest.fixture
def mouse():
    return MouseDriver(language_model())


def test_a_drag_is_one_step_however_many_moves_it_took(mouse):
    start = mouse.body("norm")
    mouse.drag(start, *(by(start, 0.0, 10.0 * step) for step in range(1, 13)))
    assert mouse.at("norm") == (480.0, 420.0)
    assert mouse.steps == ["Move norm"]
    assert sum(isinstance(intent, Commit) for intent in mouse.intents) == 1
    assert sum(isinstance(intent, Preview) for intent in mouse.intents) == 12
    mouse.store.undo()
    assert mouse.at("norm") == (480.0, 300.0)


def test_the_whole_selection_moves(mouse):
    mouse.store.select(nodes("norm", "mask"))
    mouse.drag(
        mouse.body("mask"), by(mouse.body("mask"), 30.0, 0.0), by(mouse.body("mask"), 40.0, 130.0)
    )
    assert (mouse.at("norm"), mouse.at("mask")) == ((520.0, 430.0), (800.0, 430.0))
    assert mouse.at("lstm") == (480.0, 0.0)
    assert mouse.steps == ["Move 2 nodes"]
    assert mouse.document.selection == nodes("norm", "mask")


def test_a_drag_of_an_unselected_node_moves_only_that_node(mouse):
    mouse.store.select(nodes("norm", "mask"))
    mouse.drag(mouse.body("sum"), by(mouse.body("sum"), 0.0, 100.0))
    assert mouse.at("norm") == (480.0, 300.0)
    assert mouse.steps == ["Move sum"]


def test_shift_adds_a_node_to_the_drag(mouse):
    mouse.store.select(nodes("norm"))
    mouse.drag(mouse.body("mask"), by(mouse.body("mask"), 0.0, 130.0), modifiers="shift")
    assert mouse.at("norm") == (480.0, 430.0)
    assert mouse.steps == ["Move 2 nodes"]


def test_a_moved_node_snaps_to_the_grid(mouse):
    mouse.drag(mouse.body("norm"), by(mouse.body("norm"), 0.0, 203.4))
    assert mouse.at("norm") == (480.0, 500.0)


def test_ctrl_during_a_drag_disables_snapping(mouse):
    start = mouse.body("norm")
    mouse.press(start)
    mouse.move(by(start, 0.0, 100.0))
    mouse.move(by(start, 3.25, 203.5), modifiers="ctrl")
    mouse.release(by(start, 3.25, 203.5), modifiers="ctrl")
    assert mouse.at("norm") == (483.25, 503.5)


def test_nothing_snaps_when_snapping_is_off(mouse):
    mouse.disable_snapping()
    mouse.drag(mouse.body("norm"), by(mouse.body("norm"), 3.25, 203.5))
    assert mouse.at("norm") == (483.25, 503.5)


def test_a_moved_node_snaps_to_alignment_guides(mouse):
    start = mouse.body("norm")
    mouse.press(start)
    mouse.move(by(start, 276.0, 100.0))
    assert mouse.at("norm")[0] == 760.0
    assert mouse.overlay.guides
    mouse.move(by(start, 276.0, 100.0), modifiers="ctrl")
    assert (mouse.at("norm")[0], mouse.overlay.guides) == (756.0, ())


def test_a_moved_node_snaps_so_that_its_edge_is_straight(mouse):
    start = mouse.body("lstm")
    mouse.press(start)
    mouse.move(by(start, 7.0, 40.0))
    mouse.move(by(start, 7.0, 4.0))
    assert mouse.input("lstm.input")[1] == mouse.output("embed.output")[1]
    assert mouse.overlay.guides


def test_ports_on_different_rows_snap_to_one_level():
    document = language_model()
    graph = document.graph.with_node("again", LSTM())
    graph = graph.with_edge(PortRef("lstm", "hidden"), PortRef("again", "initial_hidden"))
    places = {"lstm": (480.0, 4.0), "again": (760.0, 503.0)}
    mouse = MouseDriver(document.with_graph(graph, {**document.positions, **places}))
    start = mouse.body("again")
    apart = mouse.input("again.initial_hidden")[1] - mouse.output("lstm.hidden")[1]
    mouse.press(start)
    mouse.move(by(start, 403.0, -0.5 * apart), by(start, 403.0, 3.0 - apart))
    assert mouse.input("again.initial_hidden")[1] == mouse.output("lstm.hidden")[1]


@pytest.mark.parametrize("node", ["sum", "norm"])
def test_a_moved_node_does_not_snap_to_its_earlier_position(node):
    mouse = framed()
    start, before = mouse.body("sum"), mouse.at(node)[1]
    start = start if node == "sum" else mouse.pixel(600.0, 255.0)
    mouse.press(start)
    mouse.move(by(start, 0.0, 203.5), modifiers="ctrl")
    assert mouse.at(node)[1] == before + 203.5
    mouse.move(by(start, 0.0, 207.0))
    assert mouse.at(node)[1] == before + 210.0


def test_a_drag_back_to_where_it_began_is_no_step(mouse):
    start = mouse.body("norm")
    mouse.drag(start, by(start, 0.0, 80.0), start)
    assert mouse.steps == []
    assert mouse.document is mouse.store.committed


def test_escape_puts_everything_back(mouse):
    before, start = mouse.document.model, mouse.body("norm")
    mouse.press(start)
    mouse.move(by(start, 0.0, 80.0))
    assert mouse.overlay.busy
    mouse.escape()
    assert mouse.document.model is before
    mouse.move(by(start, 0.0, 90.0))
    mouse.release(by(start, 0.0, 90.0))
    assert (mouse.steps, mouse.overlay.busy) == ([], False)


def test_another_change_of_the_document_ends_the_drag(mouse):
    start = mouse.body("norm")
    mouse.drag(mouse.body("sum"), by(mouse.body("sum"), 0.0, 100.0))
    mouse.press(start)
    mouse.move(by(start, 0.0, 80.0))
    mouse.store.undo()
    mouse.move(by(start, 0.0, 90.0))
    mouse.release(by(start, 0.0, 90.0))
    assert mouse.document.model is mouse.store.history.entries[0].document.model
    assert not mouse.overlay.busy


def test_a_missed_release_ends_the_drag(mouse):
    before, start = mouse.document.model, mouse.body("norm")
    mouse.press(start)
    mouse.move(by(start, 0.0, 80.0))
    mouse.press(start)
    assert (mouse.document.model, mouse.overlay.busy) == (before, False)


def test_another_button_does_not_disturb_a_drag(mouse):
    start = mouse.body("norm")
    mouse.press(start)
    mouse.move(by(start, 0.0, 80.0))
    mouse.press(by(start, 0.0, 80.0), "right")
    mouse.release(by(start, 0.0, 80.0), "right")
    mouse.release(by(start, 0.0, 80.0))
    assert (mouse.steps, mouse.dialogs) == (["Move norm"], [])


# -- copies --------------------------------------------------------------------------------------


def test_alt_drag_moves_copies(mouse):
    mouse.store.select(nodes("norm", "mask"))
    mouse.drag(mouse.body("norm"), by(mouse.body("norm"), 0.0, 150.0), modifiers="alt")
    assert (mouse.at("norm"), mouse.at("norm_2")) == ((480.0, 300.0), (480.0, 450.0))
    assert mouse.document.selection.nodes == {"norm_2", "mask_2"}
    assert mouse.steps == ["Duplicate 2 nodes"]


def test_copies_keep_the_edges_between_them(mouse):
    mouse.store.select(nodes("lstm", "head"))
    mouse.drag(mouse.body("head"), by(mouse.body("head"), 0.0, 300.0), modifiers="alt")
    assert mouse.edges["head_2.input"] == "lstm_2.output"
    assert "lstm_2.input" not in mouse.edges


def test_a_copy_that_is_not_moved_is_discarded(mouse):
    start = mouse.body("norm")
    mouse.drag(start, by(start, 0.0, 90.0), by(start, 1.0, 1.0), modifiers="alt")
    assert (mouse.steps, "norm_2" in mouse.document.graph.nodes) == ([], False)


def test_escape_removes_the_copies(mouse):
    before, start = mouse.document.model, mouse.body("norm")
    mouse.press(start, modifiers="alt")
    mouse.move(by(start, 0.0, 90.0), modifiers="alt")
    assert "norm_2" in mouse.document.graph.nodes
    mouse.escape()
    assert mouse.document.model is before


# -- onto edges ----------------------------------------------------------------------------------


def onto(mouse: MouseDriver, node: str, target: str):
    """Return the start and end of a drag that puts the centre of a node on an edge."""
    left, top, right, bottom = mouse.context.scene.bounds(node)
    x, y = mouse.camera.to_canvas(mouse.edge(target))
    start = mouse.body(node)
    return start, by(start, x - (left + right) / 2, y - (top + bottom) / 2)


def apart() -> MouseDriver:
    """Drive an editor whose nodes have room for another one between them."""
    mouse = MouseDriver(language_model())
    is_drag = {"head": (1000.0, 0.0), "logits": (1240.0, 0.0)}
    document = mouse.document
    wide = document.with_graph(document.graph, {**document.positions, **is_drag})
    return MouseDriver(wide)


def test_an_unconnected_node_is_inserted_on_the_edge_it_is_dropped_on():
    mouse = apart()
    start, there = onto(mouse, "norm", "head.input")
    mouse.press(start)
    mouse.move(by(start, 0.0, -40.0), there)
    assert mouse.overlay.highlighted_edge == PortRef("head", "input")
    mouse.release(there)
    assert mouse.edges["head.input"] == "norm.output"
    assert mouse.edges["norm.input"] == "lstm.output"
    assert mouse.steps == ["Insert norm"]


def test_alt_during_a_drag_disables_insertion():
    mouse = apart()
    start, there = onto(mouse, "norm", "head.input")
    mouse.press(start)
    mouse.move(by(start, 0.0, -40.0), there)
    mouse.move(there, modifiers="alt")
    assert mouse.overlay.highlighted_edge is None
    mouse.release(there, modifiers="alt")
    assert mouse.steps == ["Move norm"]


def test_a_node_that_does_not_fit_is_only_moved():
    mouse = apart()
    start, there = onto(mouse, "mask", "head.input")
    mouse.drag(start, by(start, 0.0, -40.0), there)
    assert mouse.steps == ["Move mask"]
    assert mouse.edges["head.input"] == "lstm.output"


def test_a_node_that_has_edges_is_only_moved():
    mouse = apart()
    start, there = onto(mouse, "logits", "lstm.input")
    mouse.press(start)
    mouse.move(by(start, 0.0, -40.0), there)
    assert mouse.overlay.highlighted_edge is None


# -- frames and comments -------------------------------------------------------------------------


def framed() -> MouseDriver:
    around = Comment("loose", 440.0, 240.0, 520.0, 260.0, frame=True)
    comment = Comment("mind this", 0.0, 300.0, 200.0, 100.0)
    return MouseDriver(language_model(around=around, note=comment))


def test_a_frame_moves_the_nodes_inside_it():
    mouse = framed()
    start = mouse.pixel(600.0, 255.0)
    mouse.drag(start, by(start, 0.0, 30.0), by(start, 0.0, 200.0))
    assert (mouse.document.comments["around"].y, mouse.at("norm")) == (440.0, (480.0, 500.0))
    assert mouse.at("sum") == (1000.0, 300.0)
    assert mouse.steps == ["Move around"]


def test_a_comment_is_moved_by_its_middle():
    mouse = framed()
    start = mouse.pixel(100.0, 350.0)
    mouse.drag(start, by(start, 0.0, 150.0))
    assert mouse.document.comments["note"].y == 450.0
    assert mouse.document.selection == Selection(comments=frozenset({"note"}))


@pytest.mark.parametrize(
    ("name", "corner", "label"),
    [("around", (958.0, 498.0), "Resize frame"), ("note", (198.0, 398.0), "Resize comment")],
)
def test_the_corner_resizes(name, corner, label):
    mouse = framed()
    before, start = mouse.document.comments[name], mouse.pixel(*corner)
    mouse.drag(start, by(start, 30.0, 30.0), by(start, 61.0, 38.0))
    after = mouse.document.comments[name]
    assert (after.width - before.width, after.height - before.height) == (60.0, 40.0)
    assert (after.x, after.y) == (before.x, before.y)
    assert mouse.steps == [label]


def test_escape_restores_the_size_of_a_comment():
    mouse = framed()
    before = mouse.document.model
    mouse.press(mouse.pixel(198.0, 398.0))
    mouse.move(mouse.pixel(300.0, 500.0))
    assert mouse.document.comments["note"].width > 200.0
    mouse.escape()
    assert mouse.document.model is before


def test_ctrl_resizes_without_snapping():
    mouse = framed()
    mouse.drag(mouse.pixel(198.0, 398.0), mouse.pixel(231.0, 402.0), modifiers="ctrl")
    after = mouse.document.comments["note"]
    assert (after.width, after.height) == (233.0, 104.0)


def test_a_comment_has_a_minimum_size():
    mouse = framed()
    mouse.drag(mouse.pixel(198.0, 398.0), mouse.pixel(-500.0, -500.0))
    after = mouse.document.comments["note"]
    assert after.width > 0
    assert after.height > 0
