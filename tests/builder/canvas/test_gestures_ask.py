"""Double clicks, right clicks, and places that can only be looked at."""

import pytest

from builder.canvas.pointer_events import RIGHT
from builder.dialogs.dialog import AddNode, Rename
from builder.document.document import READ_ONLY, Selection
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import Block, Comment, Graph, PortRef
from nodes.transformer import FeedForward
from tests.builder.canvas.hand import Hand, by, edge, language_model, nodes

EMPTY = (1300.0, 650.0)


@pytest.fixture
def hand():
    return Hand.over(language_model())


def test_a_double_click_on_empty_canvas_asks_for_a_node(hand):
    hand.double_click(EMPTY)
    assert hand.asked == [AddNode(hand.camera.to_canvas(EMPTY), EMPTY)]


def test_a_double_click_on_a_title_renames(hand):
    hand.double_click(hand.title("lstm"))
    assert hand.asked == [Rename(hand.pixel(480.0, 0.0), node="lstm")]


def test_a_double_click_on_the_rest_of_a_plain_node_selects_it(hand):
    hand.store.select(nodes("lstm", "head"))
    hand.double_click(hand.body("lstm"))
    assert (hand.document.selection, hand.asked) == (nodes("lstm"), [])


def test_a_double_click_on_an_edge_asks_for_a_node_to_insert(hand):
    at = hand.edge("head.input")
    hand.double_click(at)
    (asked,) = hand.asked
    assert (asked.edge, asked.pixel) == (PortRef("head", "input"), at)


def test_two_slow_clicks_are_no_double_click(hand):
    hand.click(EMPTY)
    hand.click(EMPTY)
    assert hand.asked == []


def test_two_clicks_with_a_key_are_no_double_click(hand):
    for _ in range(2):
        hand.press(EMPTY, held="ctrl")
        hand.release(EMPTY, held="ctrl")
    assert hand.asked == []


def test_two_clicks_far_apart_are_no_double_click(hand):
    for at in (EMPTY, by(EMPTY, 9.0, 0.0)):
        hand.press(at)
        hand.release(at)
    assert hand.asked == []


def test_three_clicks_are_one_double_click(hand):
    hand.double_click(EMPTY)
    hand.press(EMPTY)
    hand.release(EMPTY)
    assert len(hand.asked) == 1


def test_a_second_click_that_becomes_a_drag_is_one(hand):
    start = hand.title("norm")
    hand.click(start)
    hand.press(start)
    hand.move(by(start, 0.0, 100.0))
    hand.release(by(start, 0.0, 100.0))
    assert (hand.steps, hand.asked) == (["Move norm"], [])


def test_a_pointer_that_trembles_between_two_clicks_is_forgiven(hand):
    hand.click(EMPTY)
    hand.move(by(EMPTY, 1.0, 1.0))
    hand.press(by(EMPTY, 1.0, 1.0))
    hand.release(EMPTY)
    assert len(hand.asked) == 1


def test_two_clicks_on_a_comment_write_in_it():
    hand = Hand.over(language_model(note=Comment("mind this", 0.0, 300.0, 200.0, 100.0)))
    at = hand.pixel(100.0, 350.0)
    hand.double_click(at)
    assert hand.asked == [Rename(at, comment="note")]


# -- the right button ----------------------------------------------------------------------------


def test_a_right_click_on_empty_canvas_opens_the_search_and_keeps_the_selection(hand):
    hand.store.select(nodes("lstm"))
    hand.click(EMPTY, button=RIGHT)
    assert hand.asked == [AddNode(hand.camera.to_canvas(EMPTY), EMPTY)]
    assert hand.document.selection == nodes("lstm")


def test_a_right_click_on_a_node_selects_it_and_opens_its_menu(hand):
    hand.store.select(nodes("embed"))
    hand.click(hand.body("lstm"), button=RIGHT)
    assert hand.document.selection == nodes("lstm")
    assert [menu.node for menu in hand.asked] == ["lstm"]


def test_a_right_click_on_one_of_many_keeps_them_all(hand):
    hand.store.select(nodes("embed", "lstm"))
    hand.click(hand.body("lstm"), button=RIGHT)
    assert hand.document.selection == nodes("embed", "lstm")


def test_ports_edges_and_remarks_have_menus_too():
    hand = Hand.over(language_model(note=Comment("mind this", 0.0, 300.0, 200.0, 100.0)))
    hand.click(hand.output("lstm.output"), button=RIGHT)
    hand.click(hand.edge("head.input"), button=RIGHT)
    assert hand.document.selection == edge("head.input")
    hand.click(hand.pixel(100.0, 350.0), button=RIGHT)
    assert hand.document.selection == Selection(comments=frozenset({"note"}))
    port, line, comment = hand.asked
    assert port.end == PortEnd(PortRef("lstm", "output"), is_input=False)
    assert line.edge == PortRef("head", "input")
    assert comment.comment == "note"


def test_a_right_click_with_ctrl_is_a_menu_as_well(hand):
    hand.click(hand.body("lstm"), button=RIGHT, held="ctrl")
    assert len(hand.asked) == 1


# -- insides -------------------------------------------------------------------------------------


def with_composite() -> Hand:
    """Put a feed-forward network between the LSTM and the head."""
    document = language_model()
    graph = document.graph.with_node("mix", FeedForward())
    graph = graph.with_edge(PortRef("lstm", "output"), PortRef("mix", "input"))
    graph = graph.with_edge(PortRef("mix", "output"), PortRef("head", "input"))
    places = {**document.positions, "mix": (760.0, 450.0)}
    return Hand.over(document.with_graph(graph, places))


def test_a_double_click_enters_what_has_an_inside():
    hand = with_composite()
    hand.double_click(hand.body("mix"))
    assert hand.document.path == ("mix",)


def test_the_title_of_what_has_an_inside_renames_it():
    hand = with_composite()
    hand.double_click(hand.title("mix"))
    assert hand.document.path == ()
    assert [asked.node for asked in hand.asked] == ["mix"]


def test_a_double_click_enters_a_block_and_edits_it():
    document = language_model()
    model = document.model.with_graph("cell", Graph())
    hand = Hand.over(type(document)(model))
    graph = hand.document.graph.with_node("cell", Block(block="cell"))
    placed = hand.document.with_graph(graph, {**hand.document.positions, "cell": (0.0, 400.0)})
    hand = Hand.over(placed)
    hand.double_click(hand.body("cell"))
    assert (hand.document.path, hand.document.editable) == (("cell",), True)


@pytest.fixture
def inside():
    hand = with_composite()
    hand.store.visit(("mix",))
    hand.camera = hand.camera.framing(*hand.context.scene.extent())
    assert not hand.context.editable
    return hand


def test_the_inside_of_a_composite_can_be_selected_and_looked_at(inside):
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
    assert inside.told[-1] == READ_ONLY
    inside.press(body)
    inside.release((x + 90, y + 90))
    inside.drag(body, (x + 90, y + 90), held="alt")
    inside.drag((x, y - 300), (x, y + 300), held="y")
    inside.drag((x, y - 300), (x, y + 300), button=RIGHT, held="ctrl")
    target = next(iter(inside.context.scene.edges))
    port = inside.camera.to_window(inside.context.scene.edges[target].points[-1])
    inside.drag(port, (port[0] - 50, port[1] + 200))
    inside.click(port, held="alt")
    inside.click(port)
    inside.double_click((x, y + 300))
    inside.carry("Linear", (x, y + 300))
    assert inside.overlay.tip == READ_ONLY
    inside.carry("Linear", (x, y + 300), dropped=True)
    assert inside.document.model is model
    assert (inside.steps, inside.asked, inside.overlay.busy) == ([], [], False)
