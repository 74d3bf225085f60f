"""Connecting ports by a drag or by two clicks, and reconnecting edges."""

import pytest

from builder.canvas.pointer_events import MIDDLE, RIGHT
from builder.commands import edges
from builder.dialogs.dialog import AddNode
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import PortRef
from nodes.core.graphs.port import Kind
from nodes.recurrent.lstm import LSTM
from tests.builder.canvas.mouse import MouseDriver, by, language_model

CHAIN = {
    "embed.input": "tokens.output",
    "lstm.input": "embed.output",
    "head.input": "lstm.output",
    "logits.input": "head.output",
}
EMPTY_CANVAS = (1300.0, 650.0)


@pytest.fixture
def mouse():
    return MouseDriver(language_model())


def source(text: str) -> PortEnd:
    return PortEnd(PortRef.parse(text), is_input=False)


def target(text: str) -> PortEnd:
    return PortEnd(PortRef.parse(text), is_input=True)


# -- drawing -------------------------------------------------------------------------------------


def test_an_edge_is_dragged_from_an_output_to_an_input(mouse):
    mouse.drag(mouse.output("embed.output"), mouse.pixel(450, 200), mouse.input("norm.input"))
    assert mouse.edges == {**CHAIN, "norm.input": "embed.output"}
    assert mouse.steps == ["Connect embed to norm"]


def test_an_edge_is_dragged_from_an_input_to_an_output(mouse):
    mouse.drag(mouse.input("norm.input"), mouse.pixel(450, 200), mouse.output("embed.output"))
    assert mouse.edges == {**CHAIN, "norm.input": "embed.output"}
    assert mouse.steps == ["Connect embed to norm"]


def test_a_new_edge_replaces_the_edge_of_its_input(mouse):
    mouse.drag(mouse.output("norm.output"), mouse.input("head.input"))
    assert mouse.edges == {**CHAIN, "head.input": "norm.output"}


def test_the_edge_follows_the_pointer(mouse):
    mouse.press(mouse.output("embed.output"))
    mouse.move((600.0, 350.0))
    (dragged,) = mouse.overlay.dragged_edges
    assert (dragged.start, dragged.kind) == (source("embed.output"), Kind.FEATURES)
    assert dragged.at == mouse.camera.to_canvas((600.0, 350.0))
    assert mouse.overlay.busy


@pytest.mark.parametrize("zoom", [0.3, 1.0, 2.0])
def test_the_edge_snaps_to_a_port_within_twenty_pixels_at_any_zoom(mouse, zoom):
    mouse.camera = mouse.camera.zoomed(zoom, mouse.input("norm.input"))
    port = mouse.input("norm.input")
    mouse.press(mouse.output("embed.output"))
    mouse.move(by(port, -19.0, 0.0))
    assert mouse.overlay.snapped == target("norm.input")
    assert mouse.overlay.dragged_edges[0].at == mouse.context.scene.at(target("norm.input"))
    mouse.move(by(port, -21.0, 0.0))
    assert mouse.overlay.snapped is None
    mouse.release(by(port, -19.0, 0.0))
    assert mouse.edges["norm.input"] == "embed.output"


def test_the_overlay_has_a_verdict_for_each_port_in_view(mouse):
    mouse.press(mouse.output("tokens.output"))
    mouse.move((600.0, 550.0))
    connection_errors = mouse.overlay.connection_errors
    assert connection_errors[target("norm.input")] == "expected features, got token ids"
    assert connection_errors[target("mask.input")] == ""
    assert source("embed.output") not in connection_errors
    mouse.escape()
    mouse.press(mouse.output("head.output"))
    mouse.move((600.0, 550.0))
    assert "cycle" in mouse.overlay.connection_errors[target("lstm.input")]
    assert mouse.overlay.connection_errors[target("norm.input")] == ""


def test_a_port_that_does_not_fit_says_why(mouse):
    mouse.press(mouse.output("tokens.output"))
    mouse.move(mouse.input("norm.input"))
    assert mouse.overlay.snapped is None
    assert mouse.overlay.tooltip == "expected features, got token ids"
    mouse.release(mouse.input("norm.input"))
    assert mouse.notifications == ["expected features, got token ids"]
    assert (mouse.steps, mouse.dialogs, mouse.edges) == ([], [], CHAIN)


def test_a_node_cannot_be_connected_to_itself(mouse):
    mouse.drag(mouse.output("lstm.output"), mouse.pixel(600, 200), mouse.input("lstm.input"))
    assert mouse.notifications == ["an edge cannot join a node to itself"]
    assert mouse.edges == CHAIN


def test_a_port_that_fits_is_preferred_to_a_nearer_one_that_does_not(mouse):
    mouse.press(mouse.output("norm.output"))
    mouse.move(by(mouse.input("lstm.lengths"), -12.0, -8.0))
    assert mouse.overlay.snapped == target("lstm.input")


def test_the_nearer_of_two_ports_that_fit_is_taken(mouse):
    document = mouse.document
    graph = document.graph.with_node("again", LSTM())
    mouse = MouseDriver(document.with_graph(graph, {**document.positions, "again": (760.0, 450.0)}))
    mouse.press(mouse.output("lstm.hidden"))
    mouse.move(by(mouse.input("again.initial_hidden"), -12.0, 8.0))
    assert mouse.overlay.snapped == target("again.initial_hidden")
    mouse.move(by(mouse.input("again.initial_hidden"), -12.0, 12.0))
    assert mouse.overlay.snapped == target("again.initial_cell")


def test_a_drop_beside_a_port_of_the_origin_node_is_a_drop_on_the_canvas(mouse):
    mouse.drag(
        mouse.output("norm.output"), mouse.pixel(600, 500), by(mouse.input("norm.input"), -15, 0)
    )
    assert [dialog.source for dialog in mouse.dialogs] == [PortRef("norm", "output")]


# -- dropping on nodes and on nothing ------------------------------------------------------------


def test_a_drop_on_a_node_takes_its_first_free_port_that_fits(mouse):
    mouse.drag(mouse.output("embed.output"), mouse.pixel(450, 200), mouse.body("sum"))
    assert mouse.edges["sum.terms.0"] == "embed.output"
    mouse.drag(mouse.output("lstm.output"), mouse.pixel(450, 200), mouse.body("sum"))
    assert mouse.edges["sum.terms.1"] == "lstm.output"


def test_a_node_shows_the_port_it_would_take(mouse):
    mouse.press(mouse.output("embed.output"))
    mouse.move(mouse.body("norm"))
    assert mouse.overlay.snapped == target("norm.input")


def test_a_node_whose_inputs_are_taken_keeps_its_edges(mouse):
    mouse.drag(mouse.output("norm.output"), mouse.pixel(600, 200), mouse.body("head"))
    assert mouse.edges == CHAIN
    assert mouse.notifications == [
        "head.input is connected; drop the edge on the port to replace its edge"
    ]


def test_a_node_none_of_whose_free_ports_fits_says_why(mouse):
    mouse.drag(mouse.output("mask.output"), mouse.pixel(600, 200), mouse.body("norm"))
    assert mouse.notifications == ["expected features, got a mask"]


def test_a_node_without_inputs_says_so(mouse):
    mouse.drag(mouse.output("norm.output"), mouse.pixel(300, 200), mouse.body("tokens"))
    assert mouse.notifications == ["tokens has no input"]


def test_a_drop_on_the_origin_node_cancels(mouse):
    mouse.drag(mouse.output("lstm.output"), mouse.body("lstm"))
    assert (mouse.notifications, mouse.dialogs, mouse.steps) == ([], [], [])


def test_an_edge_dropped_on_the_canvas_opens_the_search_for_its_target(mouse):
    mouse.drag(mouse.output("lstm.output"), mouse.pixel(600, 200), EMPTY_CANVAS)
    (dialog,) = mouse.dialogs
    at = mouse.camera.to_canvas(EMPTY_CANVAS)
    assert dialog == AddNode(at, EMPTY_CANVAS, source=PortRef("lstm", "output"))
    assert not mouse.overlay.busy


def test_an_edge_from_an_input_opens_the_search_for_its_source(mouse):
    mouse.drag(mouse.input("norm.input"), mouse.pixel(300, 400), mouse.pixel(200, 600))
    (dialog,) = mouse.dialogs
    assert (dialog.source, dialog.target) == (None, PortRef("norm", "input"))


def test_escape_cancels_the_edge(mouse):
    before = mouse.document.model
    mouse.press(mouse.output("embed.output"))
    mouse.move(mouse.input("norm.input"))
    mouse.escape()
    mouse.release(mouse.input("norm.input"))
    assert (mouse.document.model, mouse.steps, mouse.dialogs) == (before, [], [])
    assert not mouse.overlay.dragged_edges


def test_an_edge_that_is_there_already_is_no_step(mouse):
    mouse.drag(mouse.output("embed.output"), mouse.input("lstm.input"))
    assert (mouse.edges, mouse.steps) == (CHAIN, [])


# -- two clicks ----------------------------------------------------------------------------------


def test_a_click_on_a_port_and_one_on_another_connect_them(mouse):
    mouse.click(mouse.output("embed.output"))
    mouse.move(mouse.pixel(450, 200), mouse.input("norm.input"))
    assert mouse.overlay.snapped == target("norm.input")
    mouse.click(mouse.input("norm.input"))
    assert mouse.edges["norm.input"] == "embed.output"
    assert mouse.steps == ["Connect embed to norm"]


def test_a_click_on_the_canvas_after_a_click_on_a_port_opens_the_node_search(mouse):
    mouse.click(mouse.output("embed.output"))
    mouse.click(EMPTY_CANVAS)
    assert [dialog.source for dialog in mouse.dialogs] == [PortRef("embed", "output")]


@pytest.mark.parametrize("port", ["embed.output", "lstm.output"])
def test_a_second_click_on_the_same_port_cancels(mouse, port):
    mouse.click(mouse.output(port))
    mouse.click(mouse.output(port))
    assert not mouse.overlay.busy
    assert (mouse.steps, mouse.dialogs, mouse.notifications) == ([], [], [])


def test_a_click_on_an_input_keeps_its_edge_until_it_is_replaced(mouse):
    mouse.click(mouse.input("head.input"))
    mouse.move(mouse.pixel(700, 200))
    assert PortRef("head", "input") in mouse.document.graph.edges
    mouse.click(mouse.output("norm.output"))
    assert mouse.edges["head.input"] == "norm.output"


def test_the_view_can_be_panned_between_the_two_clicks(mouse):
    mouse.click(mouse.output("embed.output"))
    mouse.drag(EMPTY_CANVAS, by(EMPTY_CANVAS, -50.0, -30.0), button=MIDDLE)
    assert mouse.overlay.dragged_edges
    mouse.drag(EMPTY_CANVAS, by(EMPTY_CANVAS, -50.0, -30.0), modifiers="space")
    assert mouse.camera.x == 0.0
    mouse.click(mouse.input("norm.input"))
    assert mouse.edges["norm.input"] == "embed.output"


def test_a_right_click_or_escape_ends_the_edge_between_the_two_clicks(mouse):
    for end in (lambda: mouse.click(EMPTY_CANVAS, button=RIGHT), mouse.escape):
        mouse.click(mouse.output("embed.output"))
        end()
        assert not mouse.overlay.busy
    assert (mouse.steps, mouse.dialogs) == ([], [])


def test_the_view_does_not_run_away_between_the_two_clicks(mouse):
    mouse.click(mouse.output("embed.output"))
    mouse.move((1399.0, 400.0))
    before = mouse.camera
    mouse.wait(0.05)
    assert mouse.camera == before


# -- putting edges elsewhere ---------------------------------------------------------------------


def test_the_end_of_an_edge_can_be_dragged_to_another_input(mouse):
    mouse.press(mouse.edge("head.input", 0.9))
    mouse.move(mouse.pixel(700, 200))
    assert PortRef("head", "input") not in mouse.document.graph.edges
    assert mouse.overlay.dragged_edges[0].start == source("lstm.output")
    mouse.move(mouse.input("norm.input"))
    mouse.release(mouse.input("norm.input"))
    assert "head.input" not in mouse.edges
    assert mouse.edges["norm.input"] == "lstm.output"
    assert mouse.steps == ["Connect lstm to norm"]


def test_a_drag_from_an_input_with_an_edge_takes_the_edge(mouse):
    mouse.drag(mouse.input("head.input"), mouse.pixel(700, 200), mouse.input("sum.terms.0"))
    assert mouse.edges["sum.terms.0"] == "lstm.output"
    assert "head.input" not in mouse.edges


def test_an_end_dropped_on_the_canvas_removes_the_edge(mouse):
    mouse.drag(mouse.input("head.input"), mouse.pixel(700, 200), EMPTY_CANVAS)
    assert "head.input" not in mouse.edges
    assert (mouse.steps, mouse.dialogs) == (["Disconnect head.input"], [])


def test_an_end_dropped_on_its_own_input_is_no_step(mouse):
    before = mouse.document.model
    mouse.drag(mouse.input("head.input"), mouse.pixel(700, 200), mouse.input("head.input"))
    assert (mouse.steps, mouse.document.model) == ([], before)


def test_an_end_dropped_where_it_does_not_fit_is_refused(mouse):
    before = mouse.document.model
    mouse.drag(mouse.input("embed.input"), mouse.pixel(300, 200), mouse.input("norm.input"))
    assert mouse.notifications == ["expected features, got token ids"]
    assert mouse.document.model is before


def test_escape_restores_the_detached_edge(mouse):
    before = mouse.document.model
    mouse.press(mouse.input("head.input"))
    mouse.move(mouse.pixel(700, 200))
    mouse.escape()
    assert mouse.document.model is before


def test_ctrl_drag_moves_all_edges_of_an_output(mouse):
    document = edges.connect(mouse.document, PortRef("lstm", "output"), PortRef("sum", "terms.0"))
    mouse = MouseDriver(document)
    mouse.press(mouse.output("lstm.output"), modifiers="ctrl")
    mouse.move(mouse.pixel(700, 250), modifiers="ctrl")
    assert len(mouse.overlay.dragged_edges) == 2
    assert mouse.overlay.connection_errors[source("lstm.hidden")]
    assert (
        mouse.overlay.connection_errors[source("head.output")]
        == "an edge cannot join a node to itself"
    )
    mouse.move(mouse.output("norm.output"), modifiers="ctrl")
    mouse.release(mouse.output("norm.output"), modifiers="ctrl")
    assert mouse.edges["head.input"] == mouse.edges["sum.terms.0"] == "norm.output"
    assert mouse.steps == ["Move the edges of lstm to norm"]


def test_edges_dropped_on_the_canvas_are_removed_in_one_step(mouse):
    mouse.drag(mouse.output("lstm.output"), mouse.pixel(700, 200), EMPTY_CANVAS, modifiers="ctrl")
    assert "head.input" not in mouse.edges
    assert mouse.steps == ["Disconnect lstm.output"]


def test_edges_moved_back_are_no_step(mouse):
    start = mouse.output("lstm.output")
    mouse.drag(start, mouse.pixel(700, 200), start, modifiers="ctrl")
    assert (mouse.edges, mouse.steps) == (CHAIN, [])


def test_ctrl_drag_of_an_output_without_edges_starts_an_edge(mouse):
    mouse.drag(
        mouse.output("norm.output"), mouse.pixel(700, 250), mouse.body("sum"), modifiers="ctrl"
    )
    assert mouse.edges["sum.terms.0"] == "norm.output"


def test_shift_drag_on_an_edge_starts_an_edge_at_its_source(mouse):
    start = mouse.edge("lstm.input")
    mouse.drag(start, mouse.pixel(450, 200), mouse.input("norm.input"), modifiers="shift")
    assert mouse.edges == {**CHAIN, "norm.input": "embed.output"}


def test_a_drag_from_the_middle_of_an_edge_is_a_marquee(mouse):
    start = mouse.edge("head.input", 0.4)
    mouse.press(start)
    mouse.move(by(start, 60.0, 250.0))
    assert mouse.overlay.marquee
    assert mouse.edges == CHAIN
