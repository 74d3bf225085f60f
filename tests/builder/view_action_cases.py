"""Cases of the actions that change the view, the selection or the settings."""

from dataclasses import replace

import pytest

from builder.actions.dispatch import run_action
from builder.dialogs.dialog import AddNode, CommandPalette, CustomNodeList, Find, Help, Manual
from builder.document.document import Selection
from builder.editor.editor import Editor
from nodes.core.graphs.graph import Block, PortRef
from tests.builder.action_cases import Press, case
from tests.builder.editors import nodes, select


@case
def add_node(editor, press):
    press()
    assert isinstance(editor.dialog, AddNode)


@case
def show_commands(editor, press):
    press()
    assert editor.dialog == CommandPalette()


@case
def find_in_graph(editor, press):
    press()
    assert editor.dialog == Find()


@case
def show_manual(editor, press):
    select(editor, "lstm")
    press()
    assert editor.dialog == Manual("LSTM")


@case
def show_shortcuts(editor, press):
    press()
    assert editor.dialog == Help()


@case
def custom_nodes(editor, press):
    press()
    assert editor.dialog == CustomNodeList()


@case
def zoom_to_selection(editor, press):
    select(editor, "logits")
    press()
    x, y = editor.scene.positions["logits"]
    width, height = editor.scene.nodes["logits"].size
    middle = editor.camera.to_window((x + width / 2, y + height / 2))
    assert middle == pytest.approx((700, 350))


@case
def zoom_to_fit(editor, press):
    editor.camera = replace(editor.camera, x=1e6, zoom=2.0)
    press()
    (left, top), (right, bottom) = editor.scene.extent()
    low, high = editor.camera.top_left, editor.camera.bottom_right
    assert low[0] < left < right < high[0]
    assert low[1] < top < bottom < high[1]


def zooms(editor: Editor, press: Press, larger: bool) -> None:
    middle = editor.camera.to_canvas((700, 350))
    before = editor.camera.zoom
    press()
    assert (editor.camera.zoom > before) == larger
    assert editor.camera.to_canvas((700, 350)) == pytest.approx(middle)


@case
def zoom_in(editor, press):
    zooms(editor, press, True)


@case
def zoom_out(editor, press):
    zooms(editor, press, False)


@case
def zoom_to_100(editor, press):
    editor.camera = replace(editor.camera, zoom=0.3)
    press()
    assert editor.camera.zoom == pytest.approx(1)


@case
def enlarge_interface(editor, press):
    press()
    assert editor.settings.scale == 1.25


@case
def shrink_interface(editor, press):
    press()
    assert editor.settings.scale == 0.8


@case
def next_theme(editor, press):
    seen = []
    for _ in range(4):
        seen.append(editor.theme.name)
        press()
    assert seen == ["dark", "light", "contrast", "dark"]


def switches(editor: Editor, press: Press, setting: str) -> None:
    before = getattr(editor.settings, setting)
    press()
    assert getattr(editor.settings, setting) is not before
    press()
    assert getattr(editor.settings, setting) is before


@case
def toggle_minimap(editor, press):
    switches(editor, press, "minimap")


@case
def toggle_shapes_on_edges(editor, press):
    switches(editor, press, "shapes_on_edges")


@case
def toggle_problems(editor, press):
    switches(editor, press, "show_problems")


@case
def toggle_snapping(editor, press):
    switches(editor, press, "snap")


def in_a_block(editor: Editor) -> None:
    select(editor, "lstm", "head")
    run_action(editor, "group_into_block")
    (block,) = (n for n, node in editor.document.graph.nodes.items() if isinstance(node, Block))
    editor.navigation.open_graph((block,))


@case
def enter_block(editor, press):
    select(editor, "lstm", "head")
    run_action(editor, "group_into_block")
    press()
    assert len(editor.document.path) == 1
    assert {"lstm", "head"} <= nodes(editor.document)


@case
def cancel_or_leave(editor, press):
    in_a_block(editor)
    select(editor, "lstm")
    editor.open_dialog(Help())
    press()
    assert editor.dialog is None
    press()
    assert not editor.document.selection
    press()
    assert editor.document.path == ()


@case
def select_node_right(editor, press):
    select(editor, "embed")
    press()
    assert editor.document.selection == Selection.of("lstm")


@case
def select_node_left(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.selection == Selection.of("embed")


def stacked(editor: Editor) -> None:
    positions = {**editor.document.positions, "embed": (0.0, 0.0), "lstm": (0.0, 300.0)}
    editor.store.commit("Stack", editor.document.with_graph(editor.document.graph, positions))


@case
def select_node_above(editor, press):
    stacked(editor)
    select(editor, "lstm")
    press()
    assert editor.document.selection == Selection.of("embed")


@case
def select_node_below(editor, press):
    stacked(editor)
    select(editor, "embed")
    press()
    assert editor.document.selection == Selection.of("lstm")


@case
def select_upstream(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.selection.nodes >= {"tokens", "embed"}
    assert not editor.document.selection.nodes & {"head", "logits"}


@case
def select_downstream(editor, press):
    select(editor, "lstm")
    press()
    assert editor.document.selection.nodes >= {"head", "logits"}
    assert not editor.document.selection.nodes & {"tokens", "embed"}


def broken(editor: Editor) -> None:
    graph = editor.document.graph
    for target in (PortRef("head", "input"), PortRef("embed", "input")):
        graph = graph.without_edge(target)
    editor.store.commit("Break", editor.document.with_graph(graph))


@case
def next_problem(editor, press):
    broken(editor)
    press()
    first = editor.document.selection.nodes
    press()
    second = editor.document.selection.nodes
    assert {*first, *second} == {"head", "embed"}


@case
def previous_problem(editor, press):
    broken(editor)
    run_action(editor, "next_problem")
    first = editor.document.selection
    run_action(editor, "next_problem")
    assert editor.document.selection != first
    press()
    assert editor.document.selection == first
