"""The context menus and their items."""

import pytest

from builder.actions.action_table import ACTIONS
from builder.actions.context_menu import menu_items, select_menu_target
from builder.dialogs.dialog import AddNode, Manual, Menu, Rename
from builder.document.document import Selection
from builder.document.port_end import PortEnd
from nodes.core.graphs.graph import PortRef
from tests.builder.editors import an_editor

AT = PIXEL = (300.0, 200.0)
EDGE = PortRef("lstm", "input")
PORTS = (PortEnd(EDGE, is_input=True), PortEnd(PortRef("embed", "output"), is_input=False))


@pytest.fixture
def editor(tmp_path):
    made = an_editor(tmp_path)
    yield made
    made.session.close()


def menu(editor, **what):
    return {item.title: item for item in menu_items(editor, Menu(PIXEL, AT, **what))}


def test_a_node_that_was_not_selected_becomes_the_selection(editor):
    select_menu_target(editor, Menu(PIXEL, AT, node="head"))
    assert editor.document.selection == Selection.of("head")


def test_a_selected_node_keeps_the_selection(editor):
    editor.store.select(Selection.of("head", "lstm"))
    select_menu_target(editor, Menu(PIXEL, AT, node="head"))
    assert editor.document.selection == Selection.of("head", "lstm")


def test_an_edge_becomes_the_selection(editor):
    select_menu_target(editor, Menu(PIXEL, AT, edge=EDGE))
    assert editor.document.selection.edges == {EDGE}


def test_selecting_the_menu_target_is_no_step(editor):
    select_menu_target(editor, Menu(PIXEL, AT, node="head"))
    assert len(editor.store.history.entries) == 1


def test_every_item_of_a_node_menu_is_an_action_with_its_key(editor):
    select_menu_target(editor, Menu(PIXEL, AT, node="lstm"))
    titles = {action.title: action.keys for action in ACTIONS.values()}
    offered = menu(editor, node="lstm")
    for title, item in offered.items():
        assert item.keys == (titles[title][0] if titles[title] else "")
    assert offered["Delete"].enabled


def test_the_menu_of_a_node_opens_the_rename_dialog_and_the_manual(editor):
    select_menu_target(editor, Menu(PIXEL, AT, node="lstm"))
    menu(editor, node="lstm")["Rename"].do()
    assert isinstance(editor.dialog, Rename)
    menu(editor, node="lstm")["Show manual"].do()
    assert editor.dialog == Manual("LSTM")


def test_the_menus_of_a_problem_begin_with_its_verified_remedies(editor):
    menu(editor, edge=EDGE)["Delete"].do()
    ends = PortEnd(EDGE, is_input=True)
    assert next(iter(menu(editor, node="lstm"))) == "Rename"  # none is verified yet
    while editor.analysis.poll() or not editor.analysis.verified:
        pass
    for offered in (menu(editor, node="lstm"), menu(editor, end=ends)):
        assert next(iter(offered)) == "Connect embed.output to lstm.input"
    assert "Connect embed.output to lstm.input" not in menu(editor, node="head")
    menu(editor, node="lstm")["Connect embed.output to lstm.input"].do()
    assert editor.document.graph.edges[EDGE] == PortRef("embed", "output")
    assert editor.analysis.report.ok


def test_the_menu_of_an_edge_removes_it(editor):
    menu(editor, edge=EDGE)["Delete"].do()
    assert EDGE not in editor.document.graph.edges
    assert editor.store.history.present.label == "Disconnect lstm.input"


def test_the_menu_of_an_edge_inserts_a_node(editor):
    menu(editor, edge=EDGE)["Insert node"].do()
    assert editor.dialog == AddNode(AT, PIXEL, edge=EDGE)


def test_the_menu_of_an_edge_goes_to_both_its_nodes(editor):
    menu(editor, edge=EDGE)["Go to embed"].do()
    assert editor.document.selection == Selection.of("embed")
    menu(editor, edge=EDGE)["Go to lstm"].do()
    assert editor.document.selection == Selection.of("lstm")


@pytest.mark.parametrize(("port", "end"), [(PORTS[0], "target"), (PORTS[1], "source")])
def test_the_menu_of_a_port_adds_a_connected_node(editor, port, end):
    menu(editor, end=port)["Add connected node"].do()
    assert editor.dialog == AddNode(AT, PIXEL, **{end: port.ref})


@pytest.mark.parametrize("port", PORTS)
def test_the_menu_of_a_port_disconnects_it_and_copies_its_shape(editor, port):
    menu(editor, end=port)["Copy shape"].do()
    assert "64" in editor.clipboard.read()
    menu(editor, end=port)["Disconnect"].do()
    assert EDGE not in editor.document.graph.edges


def test_a_free_port_cannot_be_disconnected(editor):
    offered = menu(editor, end=PortEnd(PortRef("lstm", "lengths"), is_input=True))
    assert not offered["Disconnect"].enabled


def test_each_group_ends_with_a_separator(editor):
    ends = [item.title for item in menu_items(editor, Menu(PIXEL, AT, edge=EDGE)) if item.last]
    assert ends == ["Insert node", "Go to lstm", "Delete"]
