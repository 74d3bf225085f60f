"""Double clicks, right clicks, and read-only graphs."""

import pytest

from builder.canvas.pointer_events import RIGHT
from builder.dialogs.dialog import AddNode, Rename
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Block, Comment, Graph, PortRef
from nodes.transformer.feed_forward import FeedForward
from tests.builder.canvas.mouse import MouseDriver, by, edge, language_model, nodes

EMPTY_CANVAS = (1300.0, 650.0)


@pytest.fixture
def mouse():
    return MouseDriver(language_model())


def test_a_double_click_on_empty_canvas_opens_the_node_search(mouse):
    mouse.double_click(EMPTY_CANVAS)
    assert mouse.dialogs == [AddNode(mouse.camera.to_canvas(EMPTY_CANVAS), EMPTY_CANVAS)]


def test_a_double_click_on_a_title_renames(mouse):
    mouse.double_click(mouse.title("lstm"))
    assert mouse.dialogs == [Rename(mouse.pixel(480.0, 0.0), node="lstm")]


def test_a_double_click_on_the_rest_of_a_plain_node_selects_it(mouse):
    mouse.store.select(nodes("lstm", "head"))
    mouse.double_click(mouse.body("lstm"))
    assert (mouse.document.selection, mouse.dialogs) == (nodes("lstm"), [])


def test_a_double_click_on_an_edge_opens_the_node_search_for_it(mouse):
    at = mouse.edge("head.input")
    mouse.double_click(at)
    (dialog,) = mouse.dialogs
    assert (dialog.edge, dialog.pixel) == (PortRef("head", "input"), at)


def test_two_slow_clicks_are_no_double_click(mouse):
    mouse.click(EMPTY_CANVAS)
    mouse.click(EMPTY_CANVAS)
    assert mouse.dialogs == []


def test_two_clicks_with_a_key_are_no_double_click(mouse):
    for _ in range(2):
        mouse.press(EMPTY_CANVAS, modifiers="ctrl")
        mouse.release(EMPTY_CANVAS, modifiers="ctrl")
    assert mouse.dialogs == []


def test_two_clicks_far_apart_are_no_double_click(mouse):
    for at in (EMPTY_CANVAS, by(EMPTY_CANVAS, 9.0, 0.0)):
        mouse.press(at)
        mouse.release(at)
    assert mouse.dialogs == []


def test_three_clicks_are_one_double_click(mouse):
    mouse.double_click(EMPTY_CANVAS)
    mouse.press(EMPTY_CANVAS)
    mouse.release(EMPTY_CANVAS)
    assert len(mouse.dialogs) == 1


def test_a_second_click_that_becomes_a_drag_is_one(mouse):
    start = mouse.title("norm")
    mouse.click(start)
    mouse.press(start)
    mouse.move(by(start, 0.0, 100.0))
    mouse.release(by(start, 0.0, 100.0))
    assert (mouse.steps, mouse.dialogs) == (["Move norm"], [])


def test_a_small_move_between_two_clicks_is_still_a_double_click(mouse):
    mouse.click(EMPTY_CANVAS)
    mouse.move(by(EMPTY_CANVAS, 1.0, 1.0))
    mouse.press(by(EMPTY_CANVAS, 1.0, 1.0))
    mouse.release(EMPTY_CANVAS)
    assert len(mouse.dialogs) == 1


def test_a_double_click_on_a_comment_edits_its_text():
    mouse = MouseDriver(language_model(note=Comment("mind this", 0.0, 300.0, 200.0, 100.0)))
    at = mouse.pixel(100.0, 350.0)
    mouse.double_click(at)
    assert mouse.dialogs == [Rename(at, comment="note")]


# -- the right button ----------------------------------------------------------------------------


def test_a_right_click_on_empty_canvas_opens_the_search_and_keeps_the_selection(mouse):
    mouse.store.select(nodes("lstm"))
    mouse.click(EMPTY_CANVAS, button=RIGHT)
    assert mouse.dialogs == [AddNode(mouse.camera.to_canvas(EMPTY_CANVAS), EMPTY_CANVAS)]
    assert mouse.document.selection == nodes("lstm")


def test_a_right_click_on_a_node_selects_it_and_opens_its_menu(mouse):
    mouse.store.select(nodes("embed"))
    mouse.click(mouse.body("lstm"), button=RIGHT)
    assert mouse.document.selection == nodes("lstm")
    assert [menu.node for menu in mouse.dialogs] == ["lstm"]


def test_a_right_click_on_a_selected_node_keeps_the_selection(mouse):
    mouse.store.select(nodes("embed", "lstm"))
    mouse.click(mouse.body("lstm"), button=RIGHT)
    assert mouse.document.selection == nodes("embed", "lstm")


def test_ports_edges_and_comments_have_menus():
    mouse = MouseDriver(language_model(note=Comment("mind this", 0.0, 300.0, 200.0, 100.0)))
    mouse.click(mouse.output("lstm.output"), button=RIGHT)
    mouse.click(mouse.edge("head.input"), button=RIGHT)
    assert mouse.document.selection == edge("head.input")
    mouse.click(mouse.pixel(100.0, 350.0), button=RIGHT)
    assert mouse.document.selection == Selection(comments=frozenset({"note"}))
    port, line, comment = mouse.dialogs
    assert port.end == PortEnd(PortRef("lstm", "output"), is_input=False)
    assert line.edge == PortRef("head", "input")
    assert comment.comment == "note"


def test_a_right_click_with_ctrl_is_a_menu_as_well(mouse):
    mouse.click(mouse.body("lstm"), button=RIGHT, modifiers="ctrl")
    assert len(mouse.dialogs) == 1


# -- insides -------------------------------------------------------------------------------------


def with_composite() -> MouseDriver:
    """Insert a feed-forward network between the LSTM and the head."""
    document = language_model()
    graph = document.graph.with_node("mix", FeedForward())
    graph = graph.with_edge(PortRef("lstm", "output"), PortRef("mix", "input"))
    graph = graph.with_edge(PortRef("mix", "output"), PortRef("head", "input"))
    places = {**document.positions, "mix": (760.0, 450.0)}
    return MouseDriver(document.with_graph(graph, places))


def test_a_double_click_opens_a_composite():
    mouse = with_composite()
    mouse.double_click(mouse.body("mix"))
    assert mouse.document.path == ("mix",)


def test_a_double_click_on_the_title_of_a_composite_renames_it():
    mouse = with_composite()
    mouse.double_click(mouse.title("mix"))
    assert mouse.document.path == ()
    assert [dialog.node for dialog in mouse.dialogs] == ["mix"]


def test_a_double_click_opens_a_block_for_editing():
    document = language_model()
    model = document.model.with_graph("cell", Graph())
    mouse = MouseDriver(type(document)(model))
    graph = mouse.document.graph.with_node("cell", Block(block="cell"))
    placed = mouse.document.with_graph(graph, {**mouse.document.positions, "cell": (0.0, 400.0)})
    mouse = MouseDriver(placed)
    mouse.double_click(mouse.body("cell"))
    assert (mouse.document.path, mouse.document.editable) == (("cell",), True)


@pytest.fixture
def inside():
    mouse = with_composite()
    mouse.store.visit(("mix",))
    mouse.camera = mouse.camera.fitted_to(*mouse.context.scene.extent())
    assert not mouse.context.editable
    return mouse


def test_the_inside_of_a_composite_can_be_selected_and_panned(inside):
    names = [*inside.context.scene.nodes]
    inside.click(inside.body(names[1]))
    assert inside.document.selection == nodes(names[1])
    before = inside.camera
    inside.drag((700.0, 700.0), (650.0, 700.0), button=RIGHT)
    assert inside.camera.x > before.x
    low, high = inside.context.scene.extent()
    inside.drag(inside.pixel(low[0] - 40, low[1] - 40), inside.pixel(high[0] + 9, high[1] + 9))
    assert inside.document.selection.nodes == frozenset(names)


def test_nothing_can_be_changed_inside_a_composite(inside):
    model, names = inside.document.model, [*inside.context.scene.nodes]
    body, (x, y) = inside.body(names[1]), inside.body(names[1])
    inside.drag(body, (x + 90, y + 90))
    assert "is read-only" in inside.notifications[-1]
    inside.press(body)
    inside.release((x + 90, y + 90))
    inside.drag(body, (x + 90, y + 90), modifiers="alt")
    inside.drag((x, y - 300), (x, y + 300), modifiers="y")
    inside.drag((x, y - 300), (x, y + 300), button=RIGHT, modifiers="ctrl")
    target = next(iter(inside.context.scene.edges))
    port = inside.camera.to_window(inside.context.scene.edges[target].points[-1])
    inside.drag(port, (port[0] - 50, port[1] + 200))
    inside.click(port, modifiers="alt")
    inside.click(port)
    inside.double_click((x, y + 300))
    inside.drag_from_palette("Linear", (x, y + 300))
    assert "is read-only" in inside.overlay.tooltip
    inside.drag_from_palette("Linear", (x, y + 300), dropped=True)
    assert inside.document.model is model
    assert (inside.steps, inside.dialogs, inside.overlay.busy) == ([], [], False)
